"""Measurements: every speed that is claimed is measured here, beside what it is compared with."""
