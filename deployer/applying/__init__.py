"""Changes a tenant by a plan: lock, snapshot, journal, write, read back, or take back."""
