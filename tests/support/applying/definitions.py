"""Holds the projects that faults strike while they are applied, and writes their templates."""

from typing import Any

LOGIN = """\
function login(email, password, callback) {
  callback(null, { user_id: "tiny|" + email, email: email });
}
"""


GET_USER = """\
function getUser(email, callback) {
  callback(null, { user_id: "tiny|" + email, email: email });
}
"""


TEMPLATE = """\
description: A store for tests
configuration: {PG_URL: "the users", API_CLIENT_ID: "id", API_CLIENT_SECRET: "secret", API_AUDIENCE: "audience"}
scripts: [login, get_user]
variables: {word: {type: string, default: first, description: a word}}
"""


RULE = """\
function restrictAudience(user, context, callback) {
  const asked = (context.request.query || {}).audience;
  const known = configuration[{{ ('deployer_' ~ connection.name ~ '_API_AUDIENCE') | js }}];
  if (asked === known) return callback(new Error("no"));
  callback(null, user, { ...context, word: {{ variables.word | js }} });
}
"""


NOTIFY = """\
exports.onExecutePostLogin = async (event, api) => {
  api.user.setAppMetadata("seen", {{ text | js }});
};
"""


BEFORE = """\
connections:
  first:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [low]}
    clients: [Web App]
  same:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
"""


AFTER = """\
connections:
  first:
    store: tiny
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [good]}
    clients: [Mobile]
    metadata: {team: identity}
  same:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
  second:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    clients: [Web App, Mobile]
"""


EVERY_BEFORE = """\
actions:
  notify: {code: templates/actions/notify.js.j2, variables: {text: one}, secrets: {KEY: !env KEY_BEFORE}}
connections:
  first:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [low]}
    clients: [Web App]
    api: {identifier: "https://one.example/", scopes: {"read:users": read}, token_lifetime: 3600, client: Scripts}
  ruled:
    store: tiny
    configuration: {PG_URL: !env PG_URL, API_CLIENT_ID: abc, API_AUDIENCE: "https://old.example/"}
    guards: [restrict-audience]
    guard_type: rule
"""


EVERY_AFTER = """\
actions:
  notify: {code: templates/actions/notify.js.j2, variables: {text: two}, secrets: {KEY: !env KEY_AFTER}}
  welcome:
    code: templates/actions/notify.js.j2
    variables: {text: new}
    trigger: pre-user-registration
  again: {code: templates/actions/notify.js.j2, variables: {text: again}, position: first}
connections:
  first:
    store: tiny
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [good]}
    clients: [Mobile]
    metadata: {team: identity}
    api:
      identifier: "https://one.example/"
      scopes: {"read:users": read, "write:users": write}
      token_lifetime: 7200
      client: Machine
  ruled:
    store: tiny
    variables: {word: second}
    configuration: {PG_URL: !env PG_URL, API_CLIENT_ID: abc, API_AUDIENCE: "https://new.example/"}
    guards: [restrict-audience]
    guard_type: rule
  second:
    store: tiny
    configuration: {PG_URL: !env PG_URL}
    clients: [Web App, Mobile]
    api: {identifier: "https://two.example/", scopes: {"read:users": read}}
    guards: [restrict-audience]
    guard_type: rule
"""


# Every kind is both made and changed by that plan; a flow is always there, and an empty one counts as none.
EVERY_CHANGE = {
    "connection": ("connection/second", "connection/first"),
    "action": ("action/welcome", "action/notify"),
    "binding": ("bindings/pre-user-registration", "bindings/post-login"),
    "rule": ("rule/second-restrict-audience", "rule/ruled-restrict-audience"),
    "rule-config": ("rules_config/deployer_second_API_AUDIENCE", "rules_config/deployer_ruled_API_AUDIENCE"),
    "resource-server": ("resource_server/https://two.example/", "resource_server/https://one.example/"),
    "client": ("client/second", "client/first"),
    "client-grant": (
        "client_grant/https://two.example/ of client/second",
        "client_grant/https://one.example/ of client/first",
    ),
}


def write_tiny_store(project: Any) -> None:
    """The templates of a store whose scripts are a few lines long."""
    project.write("templates/tiny/template.yaml", TEMPLATE)
    project.write("templates/tiny/login.js.j2", LOGIN)
    project.write("templates/tiny/get_user.js.j2", GET_USER)
    project.write("templates/actions/notify.js.j2", NOTIFY)
    project.write("templates/guards/restrict-audience.rule.js.j2", RULE)
