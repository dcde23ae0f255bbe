"""Runs action scripts, Actions and Rules in Node containers as Auth0 would, and tells what they did.

`runtime.Runtime` is the whole of it; `contract` checks a script set against a store.
"""
