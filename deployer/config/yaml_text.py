"""Writes plain values as the YAML text of a definition, which the loader reads back as the same values.

References and markers become their tags. A string stays a string, whatever it looks like.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from deployer.config.tree import Marker, SecretReference
from deployer.config.yaml_source import IMPLICIT_TYPES

_NEVER_WRAP = 1 << 30


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.1 would take for something else, and what the loader would; writes no anchors."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        """Write `!env NAME` and `!remove` without quotes, wherever that is the same."""
        event = self.event
        if isinstance(event, yaml.ScalarEvent) and event.tag and event.tag.startswith("!"):
            self.analysis = self.analysis or self.analyze_scalar(event.value)
            if self.analysis.empty or (self.analysis.allow_flow_plain and not self.analysis.multiline):
                return ""
        return super().choose_scalar_style()


for _tag, (_shape, _first) in IMPLICIT_TYPES.items():
    _Dumper.add_implicit_resolver(_tag, _shape, _first)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """Write plainly what is plain; escape in quotes what a reader could not see, or what breaks lines."""
    style = None if text.isprintable() and text == text.strip() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _reference(dumper: yaml.SafeDumper, reference: SecretReference) -> yaml.Node:
    return dumper.represent_scalar(f"!{reference.scheme}", reference.target)


def _marker(dumper: yaml.SafeDumper, marker: Marker) -> yaml.Node:
    return dumper.represent_scalar(marker.value, "")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(SecretReference, _reference)
_Dumper.add_representer(Marker, _marker)


def to_yaml(value: Mapping[str, Any]) -> str:
    """Write in block style, keys in the order given. Raises yaml.YAMLError for values that no definition can have."""
    text: str = yaml.dump(
        dict(value),
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=_NEVER_WRAP,
    )
    return text


def scalar(value: Any) -> str:
    """Write one value as it may stand after a key; maps and lists in flow style."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, default_flow_style=True, sort_keys=False, width=_NEVER_WRAP
    )
    return text.removesuffix("\n").removesuffix("\n...").strip()
