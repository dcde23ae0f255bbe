"""What a definition says about columns and their values is refused where it cannot mean what it says."""

from typing import Any

import pytest

from deployer.errors import DeployerError

STORES = ("postgres", "mysql", "sqlserver")


def refusal(render: Any, store: str, **variables: Any) -> str:
    with pytest.raises(DeployerError) as refused:
        render(store, variables=variables)
    return str(refused.value)


@pytest.mark.parametrize("relational", STORES)
def test_a_column_that_is_written_already_is_named_by_no_other_variable(relational: str, render: Any) -> None:
    profile = {"given_name": "first_name"}
    said = refusal(render, relational, profile=profile, new_user_values={"first_name": "x"})
    assert "the column 'first_name' is written already" in said
    assert "new_user_defaults" in said
    email = render(relational).manifest.variables["email_column"].default
    assert "is written already" in refusal(render, relational, new_user_values={email: "x"})
    assert "is written already" in refusal(render, relational, created_columns=["a"], new_user_values={"a": "x"})
    assert "is the column of no attribute" in refusal(render, relational, new_user_defaults={"a": "x"})


def test_letters_make_no_other_column_but_where_names_are_quoted(render: Any) -> None:
    assert "is written already" in refusal(render, "mysql", new_user_values={"EMAIL": "x"})
    assert '"EMAIL"' in render("postgres", variables={"new_user_values": {"EMAIL": "x"}}).sources["create"]


def test_a_field_that_is_written_already_is_named_by_no_other_variable(render: Any) -> None:
    assert "is written already" in refusal(render, "mongodb", new_user_values={"email": "x"})
    assert "is written already" in refusal(render, "mongodb", created_fields=["password_hash"])


def test_sign_ups_that_leave_a_column_empty_get_its_default(render: Any) -> None:
    variables = {
        "profile": {"given_name": "first_name", "name": "full"},
        "new_user_defaults": {"first_name": "it's"},
        "created_columns": ["joined"],
    }
    source = render("postgres", variables=variables).sources["create"]
    assert 'user["given_name"] ?? "it\'s"' in source
    assert 'user["name"] ?? null' in source
    assert "new Date()" in source


def test_a_column_of_two_attributes_is_written_once(render: Any) -> None:
    variables = {"profile": {"name": "full"}, "user_metadata": {"display": "full"}}
    assert render("postgres", variables=variables).sources["create"].count('"full"') == 1


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ("status = 1", "must be a list of conditions"),
        ([{"column": "status"}], "must name a `column` and one of is, in, not, null, before_now"),
        ([{"is": 1}], "must name a `column`"),
        ([{"column": "a", "is": 1, "not": 2}], "must name a `column`"),
        ([{"column": "a", "like": "x"}], "must name a `column`"),
        ([{"column": 'a"; DROP TABLE x', "is": 1}], "not a plain name"),
        ([{"column": "a", "is": [1]}], "must have a text, a whole number, true or false for `is`"),
        ([{"column": "a", "in": "x"}], "must have a list"),
        ([{"column": "a", "in": []}], "must have a list"),
        ([{"column": "a", "null": "yes"}], "must have true or false for `null`"),
        ([{"column": "a", "is": 1}] * 21, "more than 20 conditions"),
    ],
)
def test_conditions_have_closed_forms(render: Any, conditions: Any, problem: str) -> None:
    assert problem in refusal(render, "postgres", where=conditions)


def test_what_is_written_for_verified_must_read_as_verified(render: Any) -> None:
    assert "nobody would count as verified" in refusal(render, "mysql", write_verified="V", write_unverified="N")
    assert "go together" in refusal(render, "mysql", write_verified="Y")
    assert "go together" in refusal(render, "mysql", write_verified="Y", write_unverified="T")
    sources = render("mysql", variables={"write_verified": "Y", "write_unverified": "N"}).sources
    assert 'verified === true ? "Y" : "N"' in sources["change_email"]
