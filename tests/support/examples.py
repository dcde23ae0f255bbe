"""Says how many examples of a kind a run makes up: a sample, or as many as the option --exhaustive asks for."""

EXHAUSTIVE = 4
"""How many times as many examples an exhaustive run makes up."""

_exhaustive = False


def set_exhaustive(exhaustive: bool) -> None:
    """Say whether this run is an exhaustive one, before tests are collected."""
    global _exhaustive  # noqa: PLW0603  one run of pytest is one or it is not
    _exhaustive = exhaustive


def examples(sample: int) -> int:
    """Return how many examples a test makes up whose sample has this size."""
    return sample * EXHAUSTIVE if _exhaustive else sample
