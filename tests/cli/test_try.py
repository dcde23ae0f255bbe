"""`deployer try` says what a script says, without the secrets that it was given."""

import io
import sys

import pytest

PASSWORD = "canary-password-of-jane"
STORE_SECRET = "canary-Pg-passw0rd-do-not-show"
SCRIPT = """\
function login(email, password, callback) {
  console.log('connecting to ' + configuration.PG_URL, password);
  var secret = configuration.PG_URL.split(':')[2].split('@')[0];
  if (email === 'bad@example.com') return callback(new Error('cannot reach ' + secret));
  callback(null, {user_id: '1', email: email, note: secret, list: [password]});
}
"""


@pytest.mark.node
@pytest.mark.parametrize("email", ["jane@example.com", "bad@example.com"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_secret_is_shown(undeployed, monkeypatch, email, form):
    undeployed.write("templates/postgres/login.js.j2", SCRIPT)
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD + "\n"))
    ran = undeployed.run("try", "local", "legacy-users", "--login", email, *form)
    assert ran.code == (1 if email == "bad@example.com" else 0), ran.all
    assert "connecting to ***" in ran.all
    assert STORE_SECRET not in ran.all
    assert PASSWORD not in ran.all
    assert ("cannot reach ***" if email == "bad@example.com" else '"note": "***"') in ran.all
