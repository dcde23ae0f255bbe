"""A local tenant that answers like Auth0."""
