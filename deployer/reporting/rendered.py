"""Shows rendered scripts, as JavaScript or as JSON."""

from deployer.operations.render import Scripts
from deployer.text import visible


def print_scripts(scripts: Scripts) -> str:
    """One script as it is; several with a line between them that says which one follows."""
    if len(scripts) == 1:
        return visible(next(iter(scripts.values())).source)
    return "".join(f"// ==> {name}/{kind}.js <==\n{visible(s.source)}\n" for (name, kind), s in scripts.items())


def scripts_json(scripts: Scripts) -> list[dict[str, str]]:
    """Each script with its connection, its kind and the template that it came from."""
    return [
        {"connection": name, "script": kind, "template": f"templates/{script.template}", "source": script.source}
        for (name, kind), script in scripts.items()
    ]
