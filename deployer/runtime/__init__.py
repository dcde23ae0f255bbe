"""Action scripts in, what they did out: Node containers that run scripts, Actions and Rules as Auth0 would.

`runtime.Runtime` is the whole of it; `contract` checks a script set against a store.
"""
