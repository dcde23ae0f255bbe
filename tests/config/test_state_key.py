"""The key that says where the state is: `state`, which files may go on to call `history`."""

import pytest

NAMES = pytest.mark.parametrize(("name", "other"), [("state", "history"), ("history", "state")])


@NAMES
def test_either_name_says_where_the_state_is(files, name, other):
    tenant = files.load(f"{name}: s3://acme/logins\n")
    assert tenant.state == "s3://acme/logins"
    assert tenant.state_key == name
    assert str(tenant.position(tenant.state_key)) == "tenants/local.yaml:3:1"


def test_the_same_place_may_be_given_under_both_names(files):
    assert files.load("history: here\nstate: here\n").state == "here"


def test_different_places_under_both_names_are_refused_where_the_former_name_stands(files):
    unknown, different = files.mistakes("protcet: true\nhistory: old\nstate: new\n")
    assert unknown == "tenants/local.yaml:3:1: unknown key 'protcet'; did you mean 'protect'?"
    assert different == (
        "tenants/local.yaml:4:1: `history` is the former name of `state`; both are given, and they differ. "
        "Remove `history`."
    )


@NAMES
def test_a_file_goes_over_its_base_whatever_name_that_uses(files, name, other):
    files.write("tenants/base.yaml", f"{other}: old\n")
    assert files.load(f"extends: base\n{name}: new\n").state == "new"
    assert files.load(f"extends: base\n{name}: !remove\n").state is None
    assert files.load("extends: base\n").state == "old"


@NAMES
def test_a_base_may_use_both_names(files, name, other):
    files.write("tenants/base.yaml", "history: old\nstate: old\n")
    assert files.load(f"extends: base\n{name}: new\n").state == "new"


@NAMES
def test_a_mistake_is_reported_under_the_name_that_the_file_uses(files, name, other):
    assert files.mistakes(f"{name}: [a]\n") == [f"tenants/local.yaml:3:1: '{name}' must be text. Put it in quotes."]


def test_a_misspelt_name_is_recognised(files):
    assert files.mistakes("histroy: a\n") == ["tenants/local.yaml:3:1: unknown key 'histroy'; did you mean 'history'?"]
    assert "unknown key 'former_state'" in files.mistakes("former_state: a\n")[0]
