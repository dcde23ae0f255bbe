"""Contains the only code that talks to Auth0: tokens, pacing, retries, paging, typed errors."""
