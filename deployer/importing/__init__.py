"""What a tenant already has in, definitions and templates out."""
