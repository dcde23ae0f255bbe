"""Builds a JSON Schema of tenant files, which tells editors what can be written, where, and what it means.

A file may be one layer of several and leave to others what a whole tenant needs, so nothing is required. Any value may
be `!remove`, and any word from a list may be an expression. Editors show a tagged value as its text.
"""

import ast
import inspect
from collections.abc import Mapping
from typing import Any

from deployer.config import models
from deployer.config.options import options_schema
from deployer.scripts import SCRIPT_KINDS

CUSTOM_TAGS = ("!env scalar", "!file scalar", "!secret scalar", "!keep scalar", "!remove scalar")
"""What the setting `yaml.customTags` of the YAML language server needs to know."""

Json = dict[str, Any]

# Draft 7 is the newest that the YAML language server knows well. There, nothing beside `$ref` counts.
_DRAFT = "http://json-schema.org/draft-07/schema#"
_REMOVED: Json = {
    "description": "`!remove`: drops what is inherited; below options, configuration and scripts, the tenant must not "
    "have it.",
    "type": ["string", "null"],
    "maxLength": 0,
}
_EXPRESSION: Json = {"description": "An expression: {{ ... }}", "type": "string", "pattern": r"\{\{|\{%"}
_EXTENDS: Json = {"description": "Another file of this folder, by name, that this one is laid over.", "type": "string"}
_FROM: Json = {"description": "A template below templates/ that renders to the whole connection.", "type": "string"}
_ABOUT = {"description", "default"}


def tenant_schema() -> Json:
    """Build the JSON Schema (draft 7) of a file in `tenants/`."""
    described = _descriptions()
    schema = models.Tenant.model_json_schema(mode="validation")
    definitions: Json = schema.pop("$defs")
    for name in ("name", "path"):
        schema["properties"].pop(name)
    properties = {"extends": _EXTENDS, **_properties(schema, described["Tenant"])}
    written = {name: _model(one, described.get(name, {})) for name, one in definitions.items()}
    connection = written["Connection"]
    connection["properties"] = {**connection["properties"], "from": _FROM}
    connection["properties"]["scripts"]["anyOf"][0]["propertyNames"] = {"enum": list(SCRIPT_KINDS)}
    connection["properties"]["options"]["anyOf"][0] = options_schema()
    properties["connections"]["anyOf"][0]["propertyNames"] = {
        "pattern": f"^(?:{models.CONNECTION_NAME.pattern})$",
        "maxLength": models.MAX_CONNECTION_NAME,
    }
    return {
        "$schema": _DRAFT,
        "title": "deployer: a tenant",
        "description": schema["description"],
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {**dict(sorted(written.items())), "removed": _REMOVED, "expression": _EXPRESSION},
    }


def _model(schema: Json, described: Mapping[str, str]) -> Json:
    kept = {key: value for key, value in schema.items() if key not in {"required", "title", "properties"}}
    return {**kept, "properties": _properties(schema, described)}


def _properties(schema: Json, described: Mapping[str, str]) -> Json:
    return {
        name: _removable(one, {"description": described[name]} if name in described else {})
        for name, one in schema["properties"].items()
    }


def _removable(schema: Json, about: Json) -> Json:
    """Build the schema of a value, or `!remove`."""
    about = {**about, **{key: schema[key] for key in _ABOUT - about.keys() if key in schema}}
    bare = {key: value for key, value in schema.items() if key not in _ABOUT and key != "title"}
    choices = bare["anyOf"] if set(bare) == {"anyOf"} else [bare]
    alternatives = [_inner(choice) for choice in choices]
    if any("enum" in choice or "const" in choice for choice in alternatives):
        alternatives.append({"$ref": "#/$defs/expression"})
    return {**about, "anyOf": [*alternatives, {"$ref": "#/$defs/removed"}]}


def _inner(schema: Json) -> Json:
    """Build the schema of what stands in a map or a list."""
    inner = {key: value for key, value in schema.items() if key != "title"}
    if isinstance(inner.get("additionalProperties"), dict):
        inner["additionalProperties"] = _removable(inner["additionalProperties"], {})
    if isinstance(inner.get("items"), dict) and "enum" in inner["items"]:
        inner["items"] = {"anyOf": [inner["items"], {"$ref": "#/$defs/expression"}]}
    return inner


def _descriptions() -> dict[str, dict[str, str]]:
    """Read the docstrings below the fields of the models, by model and key.

    Read from the source when a schema is asked for: pydantic can do so whenever the models are imported, which would
    double the time that this takes.
    """
    tree = ast.parse(inspect.getsource(models))
    found: dict[str, dict[str, str]] = {}
    for each in tree.body:
        if not isinstance(each, ast.ClassDef):
            continue
        found[each.name] = {
            _key(each.name, field.target.id): text.value.value
            for field, text in zip(each.body, each.body[1:], strict=False)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
    return found


def _key(model: str, field: str) -> str:
    """Return what a file calls a field of a model."""
    fields = getattr(getattr(models, model), "model_fields", {})
    return (fields[field].alias if field in fields else None) or field
