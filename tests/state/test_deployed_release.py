"""What a tenant runs, by its records: any sequence of whole and targeted applies, and what was taken back."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployer.state.deployed_release import DeployedRelease, find_deployed, whole_releases
from deployer.state.history import HistoryRecord

ADDRESSES = ["connection.a", "connection.b", "action.c"]
RELEASES = ["sha256:" + letter * 64 for letter in "123"]


def record(release, given=(), *, command="apply", result="succeeded", journal=None):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return HistoryRecord(
        at=now, who="me", command=command, tenant="t", result=result, release_to=release,
        targets=list(given)[:1], given=list(given), journal=journal,
    )  # fmt: skip


steps = st.lists(
    st.tuples(
        st.sampled_from(RELEASES),
        st.lists(st.sampled_from(ADDRESSES), unique=True),
        st.sampled_from(["succeeded", "rolled-back", "taken back"]),
    ),
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_each_resource_is_of_the_release_that_it_was_last_given_with(done):
    wanted, whole, records = {}, None, []
    for number, (release, addresses, result) in enumerate(done):
        journal = f"j{number}"
        ended = "rolled-back" if result == "rolled-back" else "succeeded"
        records.append(record(release, addresses, result=ended, journal=journal))
        if result == "taken back":
            records.append(record(release, addresses, command="recover", result="rolled-back", journal=journal))
        if result == "succeeded":
            whole, wanted = (whole, {**wanted, **dict.fromkeys(addresses, release)}) if addresses else (release, {})
    found = find_deployed(reversed(records))
    assert found.release == whole
    assert {address: found.release_of(address) for address in ADDRESSES} == {
        address: wanted.get(address, whole) for address in ADDRESSES
    }
    assert whole not in found.parts.values()
    assert next(whole_releases(reversed(records)), None) == whole


def test_a_targeted_apply_that_recover_finished_counts():
    finished = record(RELEASES[1], ["connection.a"], command="recover")
    assert find_deployed([finished, record(RELEASES[0])]).parts == {"connection.a": RELEASES[1]}
    destroyed = record(None, ["connection.a"], command="destroy")
    assert find_deployed([destroyed, record(RELEASES[0])]) == DeployedRelease(RELEASES[0])


def test_no_record_is_read_beyond_the_last_whole_release():
    def records():
        yield record(RELEASES[1], ["connection.a"])
        yield record(RELEASES[0])
        raise AssertionError("read too much")

    assert find_deployed(records()) == DeployedRelease(RELEASES[0], {"connection.a": RELEASES[1]})


def test_words_name_what_is_of_which_release():
    many = {f"action.n{number}": RELEASES[1] for number in range(7)}
    assert DeployedRelease(RELEASES[0], many).words == (
        "release 111111111111, and of release 222222222222 "
        "action.n0, action.n1, action.n2, action.n3, action.n4 and 2 more"
    )
    assert DeployedRelease(None, {"connection.a": RELEASES[2]}).words == "of release 333333333333 connection.a"
