"""Desired and live resources in, a Plan out; the plan file; safety checks."""
