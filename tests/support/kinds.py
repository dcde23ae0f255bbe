"""Defines a project with everything that a tenant can be given, and reads what the tenant then has."""

from typing import Any

from deployer.sandbox.server import LocalTenant

DEFINITION = """\
actions:
  greet: {{code: templates/custom/greet.js.j2, secrets: {{GREETING: !env GREETING}}, position: {position}{action}}}
connections:
  legacy-users:
    store: api
    migration: trickle
    access: [tls, client-credentials]
    configuration: {{API_URL: "https://users.example.com/v1"}}
    guards: [{guards}]
    guard_type: {form}
{more}    api:
      identifier: "https://users.example.com"
      scopes: {{read:users: Find{scopes}}}
      token_lifetime: {lifetime}
"""


# Lint says of Rules that they do not run any more; how they are deployed is looked at all the same.
RULES_WANTED = "lint: {severity: {DB109: off, DB408: off}}\n"


GREET = "exports.onExecutePostLogin = async (event) => {\n  console.log(event.secrets.GREETING);\n};\n"


class Given:
    """The project and its tenant."""

    def __init__(self, project: Any, tenant: LocalTenant, api: Any) -> None:
        self.project = project
        self.tenant = tenant
        self.api = api

    def define(self, **values: Any) -> None:
        """Write the tenant's file; what is not given has a default."""
        defaults = {
            "guards": "restrict-audience, backfill-metadata",
            "form": "action",
            "position": "last",
            "action": "",
            "more": "",
            "scopes": "",
            "lifetime": 3600,
        }
        body = DEFINITION.format_map({**defaults, **values})
        self.project.tenant(RULES_WANTED + body if values.get("form") == "rule" else body)

    def run(self, *arguments: str) -> Any:
        return self.project.run(*arguments)

    def apply(self, *arguments: str) -> Any:
        """Apply without a question, and see that a second plan is empty."""
        ran = self.run("apply", "local", "--auto-approve", *arguments)
        assert ran.code == 0, ran.all
        again = self.run("plan", "local", "--detailed-exitcode")
        assert again.code == 0, again.all
        return ran

    def state(self, kind: str) -> list[dict[str, Any]]:
        """Every document of a kind that the tenant keeps."""
        return self.tenant.state.storage.all(kind)

    def action(self, name: str) -> dict[str, Any]:
        """An Action as the Management API shows it."""
        found = [one for one in self.api("GET", "actions/actions")["actions"] if one["name"] == name]
        assert len(found) == 1
        return dict(found[0])

    def flow(self, trigger: str = "post-login") -> list[str]:
        """The names of the Actions of a trigger in their order."""
        answer = self.api("GET", f"actions/triggers/{trigger}/bindings")
        return [entry["action"]["name"] for entry in answer["bindings"]]

    def foreign_action(self, name: str, code: str = GREET) -> str:
        """An Action of somebody else, deployed and bound at the end of post-login."""
        trigger = {"id": "post-login", "version": "v3"}
        made = self.api("POST", "actions/actions", {"name": name, "supported_triggers": [trigger], "code": code})
        self.api("POST", f"actions/actions/{made['id']}/deploy")
        self.bind(*self.flow(), name)
        return str(made["id"])

    def bind(self, *names: str) -> None:
        """The flow of post-login as somebody else sets it."""
        body = [{"ref": {"type": "action_name", "value": name}, "display_name": name} for name in names]
        self.api("PATCH", "actions/triggers/post-login/bindings", {"bindings": body})
