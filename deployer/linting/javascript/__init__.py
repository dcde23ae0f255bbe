"""Offers what rules and analyses ask of a script's JavaScript: its syntax tree, its names, and queries over both."""

from deployer.linting.javascript.queries import (
    arguments,
    callee,
    callee_path,
    calls,
    function_name,
    header,
    member_path,
    method_name,
    parameter_name,
    parameters,
    path_root,
    properties,
    property_name,
    string_value,
    unwrap,
)
from deployer.linting.javascript.scopes import Binding, Names, declared_functions
from deployer.linting.javascript.script import Script
from deployer.linting.javascript.syntax import FUNCTIONS, Node, SyntaxTree

__all__ = [
    "FUNCTIONS",
    "Binding",
    "Names",
    "Node",
    "Script",
    "SyntaxTree",
    "arguments",
    "callee",
    "callee_path",
    "calls",
    "declared_functions",
    "function_name",
    "header",
    "member_path",
    "method_name",
    "parameter_name",
    "parameters",
    "path_root",
    "properties",
    "property_name",
    "string_value",
    "unwrap",
]
