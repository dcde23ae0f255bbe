"""Every kind of object storage that a state can be kept in: its entry is whole, and whoever needs it knows it."""

import pytest

from deployer.pipelines.pipeline import KEYS, LOGINS
from deployer.state.backends import BACKENDS
from deployer.state.errors import StateError
from deployer.state.location import Location, locate, open_bucket
from deployer.state.obstore_errors import translate
from tests.support.paths import ROOT

SCHEMES = pytest.mark.parametrize("scheme", BACKENDS)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in BACKENDS.values():
        for name in (*backend.needs, f"{backend.variables}_ALLOW_HTTP"):
            monkeypatch.delenv(name, raising=False)


@SCHEMES
def test_its_url_has_its_scheme(scheme, tmp_path):
    backend = BACKENDS[scheme]
    assert backend.url.startswith(f"{scheme}://")
    assert locate(backend.url, tmp_path) == Location(scheme, bucket=backend.url.split("/")[2], prefix="PREFIX")


@SCHEMES
def test_it_is_opened_without_a_request(scheme, tmp_path, monkeypatch):
    for name in BACKENDS[scheme].needs:
        monkeypatch.setenv(name, "value")
    assert open_bucket(locate(BACKENDS[scheme].url, tmp_path), 1) is not None


@pytest.mark.parametrize(("scheme", "name"), [(s, name) for s, each in BACKENDS.items() for name in each.needs])
def test_what_it_needs_and_does_not_find_is_named(scheme, name, tmp_path):
    with pytest.raises(StateError, match=f"the environment variable {name} is not set") as caught:
        open_bucket(locate(BACKENDS[scheme].url, tmp_path), 1)
    assert caught.value.where == BACKENDS[scheme].url
    assert caught.value.hint == BACKENDS[scheme].credentials


@SCHEMES
def test_messages_name_its_own_settings(scheme):
    backend, where = BACKENDS[scheme], Location(scheme, bucket="bucket")
    refused = translate(RuntimeError("status code: 403"), where, "read", "locks/a.json")
    assert refused.hint is not None
    assert refused.hint.endswith(backend.credentials)
    plain = translate(RuntimeError("BadScheme"), where, "read", "locks/a.json")
    assert f"{backend.variables}_ALLOW_HTTP=true" in plain.what


@SCHEMES
def test_a_wrong_url_of_it_is_told_how_it_looks(scheme, tmp_path):
    with pytest.raises(StateError) as caught:
        locate(f"{scheme}://-", tmp_path)
    assert BACKENDS[scheme].url in str(caught.value)
    with pytest.raises(StateError) as caught:
        locate("nosuch://bucket", tmp_path)
    assert BACKENDS[scheme].url in str(caught.value)


@SCHEMES
def test_the_readme_names_it(scheme):
    assert f"`{scheme}://`" in (ROOT / "README.md").read_text(encoding="utf-8")


@SCHEMES
@pytest.mark.parametrize("logins", [LOGINS, KEYS], ids=["LOGINS", "KEYS"])
def test_pipelines_sign_in_to_it(scheme, logins):
    login = logins[scheme]
    assert all(name.startswith(f"{BACKENDS[scheme].variables}_") for name in (*login.settings, *login.secrets))
    assert (login.audience is None) == (not login.token_variable)
