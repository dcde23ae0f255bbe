"""Typer commands, one module each: parse, call one function, report, exit."""
