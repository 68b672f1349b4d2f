"""Specialists in processes of their own: questions in, words or the reason for none out."""
