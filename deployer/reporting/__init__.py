"""Plans, findings and results in, text for people and machines out."""
