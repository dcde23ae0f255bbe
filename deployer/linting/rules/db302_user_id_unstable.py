"""Finds profiles whose `user_id` is made of random numbers or the time (DB302)."""

from collections.abc import Iterator

from deployer.linting.analyses.profiles import PROFILE_KINDS, profiles
from deployer.linting.doc_urls import TEMPLATES
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import name_set
from deployer.linting.inputs import ScriptInput
from deployer.linting.javascript import FUNCTIONS, Node, Script, arguments, callee, callee_path, method_name, unwrap
from deployer.linting.rule import ScriptRule

_PATHS = name_set("Math.random Date.now performance.now process.hrtime process.hrtime.bigint crypto.randomUUID")
_MADE_UP = name_set("randomUUID randomBytes randomInt uuid uuidv1 uuidv4 uuidv6 uuidv7 uuid4 nanoid cuid ulid shortid")
_UUID_PARTS = frozenset({"v1", "v4", "v6", "v7"})


class UserIdUnstable(ScriptRule):
    """Looks at all that goes into `user_id`, through names, `+`, templates and conversions."""

    code = "DB302"
    name = "user-id-unstable"
    severity = Severity.ERROR
    explanation = (
        "`user_id` must be the same at every login of the same user. One made of random numbers or of the time gives "
        "the user a new identity each time: roles, metadata and multi-factor enrolments stay with the old one."
    )
    bad = """function login(email, password, callback) {
  callback(null, { user_id: 'legacy|' + Date.now(), email: email });
}"""
    good = """function login(email, password, callback) {
  findUser(email, (err, row) => {
    if (err) return callback(err);
    callback(null, { user_id: 'legacy|' + row.id, email: email });
  });
}"""
    source = TEMPLATES

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        script = subject.script
        if script.kind is None or script.kind.name not in PROFILE_KINDS:
            return
        seen: set[Node] = set()
        for profile in profiles(script):
            for value in profile.user_ids:
                unstable = _unstable(script, value)
                if unstable is not None and value not in seen:
                    seen.add(value)
                    yield self.finding(
                        subject,
                        value,
                        f"user_id is made with {unstable.text[:40]}: it differs at every login",
                        hint="Use the key under which the store knows the user.",
                    )


def _unstable(script: Script, value: Node) -> Node | None:
    """Find the call that makes the value differ; None where there is none."""
    stack, budget = [value], 60
    while stack and budget:
        budget -= 1
        node = unwrap(script.value_of(stack.pop()))
        if node is None or node.type in FUNCTIONS:
            continue
        if node.type in {"call_expression", "new_expression"}:
            if _is_unstable(script, node):
                return node
            target = callee(node)
            if target is not None and target.type == "member_expression":
                stack.extend(target.children[:1])
            stack.extend(arguments(node))
        elif node.type in {"binary_expression", "template_string", "template_substitution", "await_expression"}:
            stack.extend(node.children)
        elif node.type == "ternary_expression":
            stack.extend(node.children[1:])
    return None


def _is_unstable(script: Script, node: Node) -> bool:
    path = callee_path(node)
    if path == "Date":
        return not arguments(node)
    if path in _PATHS:
        return True
    target = callee(node)
    if target is not None and target.type == "identifier":
        binding = script.names.resolve(target)
        module = script.required(target)
        if module is not None and module[0] == "uuid" and binding is not None:
            return binding.part in _UUID_PARTS or (
                binding.part in {None, "?"} and binding.name in _MADE_UP | _UUID_PARTS
            )
        return target.text in _MADE_UP and not (binding is not None and binding.kind == "function")
    name = method_name(node)
    if name in {"randomUUID", "randomBytes"}:
        return True
    module = script.required(node) if name in _UUID_PARTS | {"nanoid"} else None
    return module is not None and module[0] in {"uuid", "nanoid"}
