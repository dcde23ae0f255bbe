"""A Tenant and templates in, the JavaScript of every action script out."""
