"""Where a tenant's state is said to be: in its file, or in the environment, under two names."""

import pytest

from deployer.config.models import Tenant
from deployer.state.errors import StateError
from deployer.state.location import named_state

NAMES = ("DEPLOYER_STATE", "DEPLOYER_STORE")


def tenant(**keys: str) -> Tenant:
    return Tenant.model_construct(name="prod", **keys)


@pytest.mark.parametrize("name", NAMES)
def test_both_names_of_the_variable_are_read(name: str) -> None:
    assert named_state(tenant(), {name: "s3://acme/logins"}) == ("s3://acme/logins", name)


def test_the_same_place_may_be_given_under_both_names() -> None:
    assert named_state(tenant(), dict.fromkeys(NAMES, "here")) == ("here", "DEPLOYER_STATE")


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_variable_names_nothing(name: str) -> None:
    other = next(each for each in NAMES if each != name)
    assert named_state(tenant(), {name: "", other: "here"}) == ("here", other)
    assert named_state(tenant(), dict.fromkeys(NAMES, ""))[0] is None


def test_different_places_under_both_names_are_refused() -> None:
    environment = {"DEPLOYER_STATE": "s3://new", "DEPLOYER_STORE": "s3://user:canary@old"}
    with pytest.raises(StateError, match="name different places") as caught:
        named_state(tenant(), environment)
    assert caught.value.where == "the environment"
    assert caught.value.hint == "Unset DEPLOYER_STORE, which is the former name."
    assert "canary" not in str(caught.value)


def test_the_tenants_own_file_goes_before_the_environment() -> None:
    environment = {"DEPLOYER_STATE": "a", "DEPLOYER_STORE": "b"}
    assert named_state(tenant(state="own", former_state=None), environment) == ("own", "`state` of prod")
