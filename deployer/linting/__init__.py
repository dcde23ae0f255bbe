"""Scripts and definitions in, findings out."""
