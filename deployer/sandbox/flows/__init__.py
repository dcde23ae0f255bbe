"""Runs whole logins on localhost, from a user's request through scripts, Rules and Actions to the tokens."""
