"""A Plan in, a changed tenant out: lock, journal, write, read back, roll back."""
