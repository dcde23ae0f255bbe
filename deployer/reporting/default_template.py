"""A changed attribute in, out what is said where one side of it is a script that nobody has written."""

from deployer.planning.differences import AttributeChange
from deployer.scripts import DEFAULT_TEMPLATE_NAME


def default_words(attribute: AttributeChange, sides: tuple[str, str]) -> str:
    """`; live: Auth0's default template`, or nothing; `sides` are the names of what is before and after."""
    side = attribute.default_template
    if side is None:
        return ""
    return f"; {sides[side == 'after']}: {DEFAULT_TEMPLATE_NAME}, which answers every call with an error"
