"""One file per engine; the catalogue of model files and how they are fetched."""
