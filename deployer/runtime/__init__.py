"""Action scripts in, what they did out: Node containers that run scripts, Actions and Rules as Auth0 would.

`Runtime` is the whole of it; `deployer.runtime.contract` checks a script set against a store.
"""

from deployer.runtime.calls import (
    ActionCall,
    ActionResult,
    CallResult,
    Command,
    LogLine,
    Problem,
    RuleCall,
    RuleResult,
    ScriptCall,
    ScriptError,
)
from deployer.runtime.runtime import Runtime

__all__ = [
    "ActionCall",
    "ActionResult",
    "CallResult",
    "Command",
    "LogLine",
    "Problem",
    "RuleCall",
    "RuleResult",
    "Runtime",
    "ScriptCall",
    "ScriptError",
]
