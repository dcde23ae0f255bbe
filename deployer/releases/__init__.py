"""Says what a tenant runs, and gives one tenant's release to another, or an earlier one back."""
