"""Frozen settings, and the TOML files that hold every default."""
