"""Puts the calls that count work into a parsed template, and marks its own text as code.

The calls that are put in (`tick`, `counted`, `read`, `made`, `joined`) are methods of the environment.
"""

from jinja2 import TemplateSyntaxError, nodes
from markupsafe import Markup


def is_script(name: str | None) -> bool:
    """Tell whether values have to be quoted in the template of this name: in every script, not in YAML."""
    return name is not None and name.endswith(".js.j2")


def add_work_limits(template: nodes.Template, name: str | None, filename: str | None) -> nodes.Template:
    """Put the calls that count work into a parsed template, and mark its own text as code.

    Macros and recursive loops are called, and every call is counted; files that are included are not, so they count
    themselves.
    """
    for node in list(template.find_all(nodes.Node)):
        match node:
            case nodes.EvalContextModifier() | nodes.FilterBlock() | nodes.AssignBlock(filter=nodes.Filter()):
                # Each of them would let a value through that nothing has quoted.
                what = "autoescape and filter blocks are not available in templates"
                raise TemplateSyntaxError(what, node.lineno, name, filename)
            case nodes.For():
                node.iter = _call("counted", node.iter)
            case nodes.Compare():
                node.expr = _call("read", node.expr)
            case nodes.Operand():
                node.expr = _call("read", node.expr)
            case nodes.Test() if node.name not in {"defined", "undefined"}:
                node.node = _call("read", node.node)
            case nodes.Const(value=str() as text) if is_script(name):
                node.value = Markup(text)  # noqa: S704 - the template's own text
    _replace_children(template)
    template.body.insert(0, nodes.ExprStmt(_call("tick"), lineno=1))
    return template


def _replace_children(node: nodes.Node) -> None:
    """Swap `a ~ b` for the measured join, and measure every list, tuple and map that the template writes."""
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(node, name, _replaced(value))
        elif isinstance(value, list):
            setattr(node, name, [_replaced(item) if isinstance(item, nodes.Node) else item for item in value])


def _replaced(node: nodes.Node) -> nodes.Node:
    """Return the node, or a call around it."""
    _replace_children(node)
    if isinstance(node, nodes.Concat):
        return _call("joined", *node.nodes)
    if isinstance(node, nodes.List | nodes.Dict) or (isinstance(node, nodes.Tuple) and node.ctx == "load"):
        return _call("made", node)
    return node


def _call(method: str, *arguments: nodes.Node) -> nodes.Call:
    line = arguments[0].lineno if arguments else 1
    target = nodes.EnvironmentAttribute(method, lineno=line)
    return nodes.Call(target, list(arguments), [], None, None, lineno=line)
