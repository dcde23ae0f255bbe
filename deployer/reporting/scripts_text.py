"""Writes rendered scripts as JavaScript, safe to show on a terminal."""

from deployer.operations.render import Scripts
from deployer.text import visible


def scripts_text(scripts: Scripts) -> str:
    """Write one script as it is, and several with a line before each that says which one follows."""
    if len(scripts) == 1:
        return visible(next(iter(scripts.values())).source)
    return "".join(f"// ==> {name}/{kind}.js <==\n{visible(s.source)}\n" for (name, kind), s in scripts.items())
