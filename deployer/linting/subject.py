"""Keeps the names under which rules of other distributions may import what they look at."""

from deployer.linting.inputs import ConnectionInput as ConnectionSubject
from deployer.linting.inputs import ScriptInput as ScriptSubject

__all__ = ["ConnectionSubject", "ScriptSubject"]
