"""What a script sees and what it can answer, as on Auth0."""

# ruff: noqa: E501  (scripts read better on one line)

import asyncio

import pytest

from deployer.errors import DeployerError
from deployer.runtime.calls import Problem, ScriptCall
from deployer.runtime.runtime import Runtime

pytestmark = pytest.mark.node


def test_a_profile_is_the_value(call_script):
    result = call_script(
        "function login(usernameOrEmail, password, callback) {"
        " callback(null, { user_id: 'x|1', email: usernameOrEmail, at: new Date(0), none: undefined }); }"
    )
    assert (result.outcome, result.error, result.problems, result.callback_count) == ("value", None, [], 1)
    assert result.value == {"user_id": "x|1", "email": "ada@example.com", "at": "1970-01-01T00:00:00.000Z"}
    assert result.duration_ms >= 0


@pytest.mark.parametrize(
    "answer", ["callback(null)", "callback(null, null)", "callback()", "callback(null, undefined)"]
)
def test_nothing_is_nothing(call_script, answer):
    assert call_script(f"function getUser(email, callback) {{ {answer}; }}", "a", kind="get_user").outcome == "nothing"


@pytest.mark.parametrize(
    ("thrown", "type_", "code", "user", "message"),
    [
        (
            "new WrongUsernameOrPasswordError('a@b', 'no')",
            "WrongUsernameOrPasswordError",
            "invalid_user_password",
            "a@b",
            "no",
        ),
        (
            "new WrongUsernameOrPasswordError(null, 'no')",
            "WrongUsernameOrPasswordError",
            "invalid_user_password",
            None,
            "no",
        ),
        ("new ValidationError('user_exists', 'there')", "ValidationError", "user_exists", None, "there"),
        ("new UnauthorizedError('go')", "UnauthorizedError", "unauthorized", None, "go"),
    ],
)
def test_auth0s_own_errors(call_script, thrown, type_, code, user, message):
    error = call_script(f"function login(u, p, callback) {{ callback({thrown}); }}").error
    assert (error.type, error.code, error.user, error.message, error.official) == (type_, code, user, message, True)


def test_a_class_of_the_same_name_is_not_auth0s(call_script):
    source = "function login(u, p, callback) { class WrongUsernameOrPasswordError extends Error {} \n callback(new WrongUsernameOrPasswordError(u)); }"
    error = call_script(source).error
    assert error.official is False
    assert not error.is_wrong_credentials()
    assert error.at == "script:login.js:2:11"


@pytest.mark.parametrize("thrown", ["'plain text'", "{ code: 'E', message: 'm' }", "Object.create(null)", "12"])
def test_errors_need_not_be_errors(call_script, thrown):
    result = call_script(f"function login(u, p, callback) {{ callback({thrown}); }}")
    assert (result.outcome, result.problems) == ("error", [])


def test_errors_of_nodes_own_modules_are_errors(call_script):
    result = call_script(
        "function login(u, p, callback) {"
        " try { require('url').parse({}); } catch (e) { callback(null, [e instanceof Error, e instanceof TypeError]); } }"
    )
    assert result.value == [True, True]


def test_configuration_context_and_console(call_script):
    result = call_script(
        "function login(u, p, context, callback) {"
        " console.log('for %s', u, { a: 1 }); console.error('bad'); callback(null, [configuration.KEY, context.x]); }",
        configuration={"KEY": "value"},
        context={"x": 7},
    )
    assert result.value == ["value", 7]
    assert [(line.level, line.text) for line in result.logs] == [
        ("info", "for ada@example.com { a: 1 }"),
        ("error", "bad"),
    ]


def test_configuration_is_fresh_for_every_call():
    source = "function login(u, p, callback) { const was = configuration.K; configuration.K = 'changed'; callback(null, was); }"

    async def run():
        async with Runtime(containers=1) as runtime:
            return [(await runtime.call(ScriptCall(source, "login", ("a", "b"), {"K": "own"}))).value for _ in range(2)]

    assert asyncio.run(run()) == ["own", "own"]


@pytest.mark.parametrize(
    "source",
    [
        "// a comment first\nfunction login(u, p, callback) { callback(null, 1); }",
        "function helper() { return 1; }\nfunction login(u, p, callback) { callback(null, helper()); }",
        "function login(u, p, callback) { callback(null, helper()); }\nfunction helper() { return 1; }\n",
        "const one = 1;\nasync function login(u, p, callback) { callback(null, one); }",
        "function (u, p, callback) { callback(null, 1); }",
        "(u, p, callback) => callback(null, 1)",
        "module.exports = function (u, p, callback) { callback(null, 1); };",
        "function signIn(u, p, callback) { callback(null, 1); }\n;",
        "const configuration = 1;\nfunction login(u, p, callback) { callback(null, configuration); }",
    ],
)
def test_forms_of_a_script(call_script, source):
    result = call_script(source)
    assert (result.value, result.problems) == (1, []), result.error


def test_globals_of_auth0(call_script):
    names = ["Buffer", "setTimeout", "setInterval", "setImmediate", "fetch", "URL", "URLSearchParams", "TextEncoder",
             "AbortController", "global", "process", "structuredClone", "Headers", "queueMicrotask"]  # fmt: skip
    listed = ", ".join(f"typeof {name}" for name in names)
    result = call_script(f"function login(u, p, callback) {{ callback(null, [{listed}]); }}")
    assert "undefined" not in result.value
    assert call_script("function login(u, p, callback) { callback(null, global === globalThis); }").value is True


def test_scripts_of_a_container_share_global():
    async def run():
        async with Runtime(containers=1) as runtime:
            await runtime.call(
                ScriptCall("function login(u, p, cb) { global.seen = u; cb(null); }", "login", ("a", "b"))
            )
            return await runtime.call(
                ScriptCall("function getUser(u, cb) { cb(null, global.seen); }", "get_user", ("x",))
            )

    assert asyncio.run(run()).value == "a"


def test_import_of_nodes_modules(call_script):
    source = "async function login(u, p, callback) { const m = await import('node:crypto'); callback(null, m.randomBytes(3).length); }"
    assert call_script(source).value == 3


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("throw new Error('x')", Problem.THREW),
        ("null.x", Problem.THREW),
        ("callback(null, 1); callback(null, 2)", Problem.CALLED_BACK_TWICE),
        ("callback(null, 1); setTimeout(() => callback(null, 2), 10)", Problem.CALLED_BACK_TWICE),
        ("setTimeout(() => { throw new Error('x'); }, 1)", Problem.UNCAUGHT),
        ("Promise.reject(new Error('x'))", Problem.UNCAUGHT),
        ("callback(null, 1); setTimeout(() => { throw new Error('x'); }, 10)", Problem.UNCAUGHT),
        ("return Promise.reject(new Error('x'))", Problem.REJECTED),
        ("const a = {}; a.a = a; callback(null, a)", Problem.UNSERIALISABLE),
        ("callback(null, 'x'.repeat(2000000))", Problem.RESULT_TOO_LARGE),
        ("for (let i = 0; i < 1e5; i++) console.log('x'.repeat(100)); callback(null)", Problem.FLOODED_OUTPUT),
        ("process.exit(1)", Problem.EXITED),
        ("process.abort()", Problem.EXITED),
    ],
)
def test_each_problem_is_told(call_script, body, problem):
    result = call_script(f"function login(u, p, callback) {{ {body}; }}", settle_seconds=0.1)
    assert result.problems == [problem]
    assert len(result.logs) <= 201


def test_a_syntax_error_names_its_line(call_script):
    result = call_script("function login(u, p, callback) {\n  callback(null, ];\n}")
    assert result.problems == [Problem.NOT_LOADED]
    assert result.error.type == "SyntaxError"


def test_no_function_at_all(call_script):
    result = call_script("const nothing = 1;")
    assert result.problems == [Problem.NOT_LOADED]
    assert "no function 'login'" in result.error.message


def test_late_callbacks_reach_a_result_that_was_returned():
    source = "function login(u, p, callback) { callback(null, 1); setTimeout(() => { callback(null, 2); console.log('late'); }, 30); }"

    async def run():
        async with Runtime(containers=1) as runtime:
            result = await runtime.call(ScriptCall(source, "login", ("a", "b")))
            before = (result.callback_count, list(result.problems))
            async with asyncio.timeout(5):
                while not result.late_callbacks or not result.logs:
                    await asyncio.sleep(0.01)
            return before, result

    before, result = asyncio.run(run())
    assert before == (1, [])
    assert (result.callback_count, result.problems) == (2, [Problem.CALLED_BACK_TWICE])


def test_an_unknown_kind_is_refused(call_script):
    with pytest.raises(DeployerError, match="no action script 'logout'"):
        call_script("function logout() {}", kind="logout")


def test_arguments_and_values_stay_out_of_reprs(call_script):
    call = ScriptCall("function login() {}", "login", ("a", "hunter2"), {"K": "hunter3"})
    result = call_script("function login(u, p, callback) { console.log('hunter2'); callback(null, { a: 'hunter2' }); }")
    assert "hunter" not in repr(call) + repr(result)
