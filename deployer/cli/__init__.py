"""Parses command lines: one module a command, which calls one operation, hands its result to a view, and exits."""
