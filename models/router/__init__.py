"""What was said in; who should answer it out."""
