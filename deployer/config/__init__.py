"""tenants/*.yaml in, typed Tenant models out."""
