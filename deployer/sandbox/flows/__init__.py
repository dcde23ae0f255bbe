"""Whole logins on localhost: requests of users go in, scripts, Actions and Rules run, tokens come out."""
