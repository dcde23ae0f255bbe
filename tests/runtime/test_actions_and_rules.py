"""Actions and Rules in containers: what they ask for is recorded, not done."""

# ruff: noqa: E501  (scripts read better on one line)

import asyncio

import pytest

from deployer.errors import DeployerError
from deployer.runtime.calls import Command, Problem
from deployer.runtime.runtime import Runtime

pytestmark = pytest.mark.node


def action(code: str, event: dict | None = None, secrets: dict | None = None, trigger: str = "post-login", **options):
    async def run():
        async with Runtime(containers=1, limit_seconds=2) as runtime:
            return await runtime.call_action(code, event or {}, secrets, trigger, **options)

    return asyncio.run(run())


def rule(code: str, user: dict | None = None, context: dict | None = None, configuration: dict | None = None):
    async def run():
        async with Runtime(containers=1, limit_seconds=2) as runtime:
            return await runtime.call_rule(code, user or {"user_id": "u"}, context or {}, configuration)

    return asyncio.run(run())


def test_commands_in_order():
    result = action(
        """exports.onExecutePostLogin = async (event, api) => {
          api.user.setAppMetadata('migrated', true).user.setUserMetadata('n', { a: [1] });
          api.accessToken.setCustomClaim('https://x/y', event.user.email);
          api.idToken.setCustomClaim('z', event.secrets.S);
          if (event.client.client_id === 'c') api.access.deny('not you');
        };""",
        {"user": {"email": "a@b"}, "client": {"client_id": "c"}},
        {"S": "s"},
    )
    assert result.error is None
    assert result.commands == [
        Command("user.setAppMetadata", ["migrated", True]),
        Command("user.setUserMetadata", ["n", {"a": [1]}]),
        Command("accessToken.setCustomClaim", ["https://x/y", "a@b"]),
        Command("idToken.setCustomClaim", ["z", "s"]),
        Command("access.deny", ["not you"]),
    ]


def test_what_was_asked_before_an_error_is_kept():
    result = action("exports.onExecutePostLogin = async (e, api) => { api.access.deny('x'); throw new Error('y'); };")
    assert result.commands == [Command("access.deny", ["x"])]
    assert result.error.message == "y"


def test_an_api_has_only_its_triggers_commands():
    code = "exports.onExecuteCredentialsExchange = async (event, api) => { api.idToken.setCustomClaim('a', 1); };"
    assert action(code, trigger="credentials-exchange").error.type == "TypeError"
    code = "exports.onExecuteCredentialsExchange = async (event, api) => { api.accessToken.setCustomClaim('a', 1); };"
    assert action(code, trigger="credentials-exchange").commands == [Command("accessToken.setCustomClaim", ["a", 1])]


def test_the_cache_and_what_has_no_effect_here():
    result = action(
        """exports.onExecutePostLogin = async (event, api) => {
          api.cache.set('k', 'v', { ttl: 60000 });
          console.log(api.cache.get('k').value, api.cache.get('none'), api.redirect.canRedirect(), api.rules.wasExecuted('r'));
        };"""
    )
    assert [line.text for line in result.logs] == ["v undefined false false"]


def test_an_action_without_its_function():
    result = action("exports.somethingElse = async () => {};")
    assert result.problems == [Problem.NOT_LOADED]
    assert "onExecutePostLogin" in result.error.message


def test_another_function_of_the_same_action():
    code = "exports.onExecutePostLogin = async () => {}; exports.onContinuePostLogin = async (e, api) => api.access.deny('c');"
    assert action(code, function="onContinuePostLogin").commands == [Command("access.deny", ["c"])]


def test_an_action_that_never_ends():
    result = action("exports.onExecutePostLogin = () => new Promise(() => {});", limit_seconds=0.3)
    assert result.problems == [Problem.NEVER_CALLED_BACK]


def test_an_unknown_trigger():
    with pytest.raises(DeployerError, match="did you mean 'post-login'"):
        action("", trigger="post-logins")


def test_a_rule_hands_on_user_and_context():
    result = rule(
        "function (user, context, callback) { context.idToken = { c: configuration.K }; user.extra = 1; callback(null, user, context); }",
        {"user_id": "u"},
        {"clientID": "c"},
        {"K": "v"},
    )
    assert result.user == {"user_id": "u", "extra": 1}
    assert result.context == {"clientID": "c", "idToken": {"c": "v"}}


def test_a_rule_refuses():
    result = rule("function (user, context, callback) { callback(new UnauthorizedError('no')); }")
    assert (result.error.type, result.error.official, result.error.message) == ("UnauthorizedError", True, "no")
    assert result.user is None


def test_a_rule_updates_metadata():
    result = rule(
        "function mark(user, context, callback) {"
        " auth0.users.updateAppMetadata(user.user_id, { migrated: true }).then(() => callback(null, user, context), callback); }"
    )
    assert result.commands == [Command("auth0.users.updateAppMetadata", ["u", {"migrated": True}])]
    assert result.user == {"user_id": "u"}
