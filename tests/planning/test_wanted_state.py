"""What a plan keeps of a desired state is what it was made of: the two conversions undo each other."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deployer.config.tree import KEEP, REMOVE, SecretReference
from deployer.planning.model import Action, Change, WantedState
from deployer.resources.marker import DigestKey
from deployer.resources.model import Desired, Output

KEY = DigestKey("material", "acme.eu.auth0.com")
NAMES = st.text(st.characters(categories=["L", "Nd"], include_characters="._-"), min_size=1, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
    max_leaves=6,
)


def maps(below: Any) -> Any:
    return st.dictionaries(NAMES, below, max_size=4)


# Markers stand in maps, at any depth; whatever is in a list is a value.
ATTRIBUTES = maps(st.recursive(JSON | st.just(REMOVE), maps, max_leaves=10))
REFERENCES = st.builds(SecretReference, st.just("env"), NAMES) | st.text(max_size=5)
OUTPUTS = st.builds(Output, NAMES.map("client.{}".format), NAMES.filter(lambda name: "#" not in name))
SECRETS = st.dictionaries(NAMES, REFERENCES | OUTPUTS | st.sampled_from([KEEP, REMOVE]), max_size=5)
RESOURCES = st.builds(
    Desired,
    st.just("connection"),
    NAMES,
    ATTRIBUTES,
    SECRETS,
    st.lists(NAMES, max_size=3).map(tuple),
    st.dictionaries(NAMES, NAMES, max_size=2),
    st.lists(NAMES, max_size=2).map(tuple),
)


@st.composite
def desired_with_digests(draw: st.DrawFn) -> tuple[Desired, dict[str, str]]:
    """A desired state, and the digests of those of its secrets whose values were at hand."""
    desired = draw(RESOURCES)
    readable = sorted(name for name, source in desired.secrets.items() if source not in (KEEP, REMOVE))
    known = draw(st.sets(st.sampled_from(readable))) if readable else set()
    return desired, {name: KEY.of(desired.address, name, "value") for name in known}


def without_sources(desired: Desired) -> dict[str, Any]:
    """The secrets as a plan keeps them: of a reference it is known that there is one, and no more."""
    return {
        name: source if source in (KEEP, REMOVE) or isinstance(source, Output) else ""
        for name, source in desired.secrets.items()
    }


@given(desired_with_digests())
def test_there_and_back_is_the_same_desired_state(given_state: tuple[Desired, dict[str, str]]) -> None:
    desired, digests = given_state
    bare = Desired(desired.kind, desired.name, {}, {}, desired.depends_on, desired.lookup, desired.owners)
    back = WantedState.of(desired, digests).to_desired(bare)
    assert back == Desired(
        desired.kind,
        desired.name,
        desired.attributes,
        without_sources(desired),
        desired.depends_on,
        desired.lookup,
        desired.owners,
    )


@given(desired_with_digests())
def test_back_and_there_is_the_same_wanted_state_also_through_a_file(
    given_state: tuple[Desired, dict[str, str]],
) -> None:
    desired, digests = given_state
    state = WantedState.of(desired, digests)
    read = WantedState.model_validate(json.loads(state.model_dump_json()))
    change = Change(kind=desired.kind, name=desired.name, action=Action.UPDATE, wanted=read)
    assert WantedState.of(change.to_desired(), digests) == state


@given(st.lists(NAMES, unique=True))
def test_a_change_that_writes_nothing_asks_for_the_same_attributes_again(read: list[str]) -> None:
    change = Change(kind="connection", name="users", action=Action.NO_OP, read=sorted(read))
    assert sorted(change.to_desired().attributes) == sorted(read)


def test_no_value_of_a_secret_is_kept() -> None:
    desired = Desired("connection", "users", {"options": {"gone": REMOVE}}, {"PG_URL": "canary-in-the-file"})
    kept = WantedState.of(desired, {}).model_dump_json()
    assert "canary" not in kept
    assert json.loads(kept)["removed"] == [["options", "gone"]]
