"""How tenants stand: the most serious state counts; the pipeline is drawn small and whole, whatever is in it."""

from hypothesis import given
from hypothesis import strategies as st

from deployer.operations.tenant_status import SEVERITY, ConnectionStatus, State, problems_first
from deployer.reporting.status_pipeline import DRAWN_APART, pipeline_of
from tests.support.fleets import fleet, many, tenant, three_stages


def test_a_tenant_shows_its_most_serious_state() -> None:
    connections = tuple(ConnectionStatus(state.value, state, behind=3 * (state is State.BEHIND)) for state in State)
    assert tenant("a", connections=connections).state is State.FAILED
    assert tenant("a", connections=connections[:2]).words == "3 releases behind"
    assert tenant("a", connections=connections[:3]).words == "drifted"
    assert tenant("a", connections=()).state is State.UNKNOWN
    assert tenant("a", own_state=State.FAILED).state is State.FAILED
    assert tenant("a", own_state=State.IN_SYNC, connections=connections[2:3]).state is State.DRIFTED
    assert tenant("a", State.BEHIND, behind=1).words == "1 release behind"
    assert tenant("a", State.BEHIND).words == "behind"


def test_counts_and_order() -> None:
    status = three_stages()
    assert list(status.counts().items()) == [
        (State.FAILED, 1),
        (State.UNKNOWN, 1),
        (State.DRIFTED, 1),
        (State.BEHIND, 1),
        (State.IN_SYNC, 1),
    ]
    assert [one.name for one in problems_first(status.tenants)] == ["prod-us", "lab", "staging", "prod-eu", "dev"]
    assert status.connection_names() == ["users", "partners"]
    assert status.tags() == ["eu", "internal", "production", "us"]
    assert SEVERITY[State.FAILED] > SEVERITY[State.DRIFTED] > SEVERITY[State.BEHIND] > SEVERITY[State.IN_SYNC]


def test_three_stages_are_three_columns() -> None:
    pipeline = pipeline_of(three_stages().tenants)
    assert [(node.names, node.column, node.row) for node in pipeline.nodes] == [
        (["dev"], 0, 0),
        (["staging"], 1, 0),
        (["prod-eu"], 2, 0),
        (["prod-us"], 2, 1),
    ]
    assert (pipeline.columns, pipeline.rows) == (3, 2)
    assert [one.name for one in pipeline.alone] == ["lab"]


def test_many_alike_tenants_are_one_node() -> None:
    pipeline = pipeline_of(many().tenants)
    assert [len(node.names) for node in pipeline.nodes] == [1, 1, 498]
    assert sum(pipeline.nodes[2].counts().values()) == 498
    assert pipeline.nodes[2].state is State.FAILED


def test_many_alike_pipelines_are_one_pipeline() -> None:
    stages = [
        one
        for number in range(100)
        for one in (
            tenant(f"dev-{number}"),
            tenant(f"staging-{number}", source=f"dev-{number}"),
            tenant(f"prod-{number}", source=f"staging-{number}"),
        )
    ]
    pipeline = pipeline_of(stages)
    assert [len(node.names) for node in pipeline.nodes] == [100, 100, 100]
    assert (pipeline.columns, pipeline.rows) == (3, 1)


def test_a_tenant_that_was_not_looked_at_is_drawn_as_such() -> None:
    pipeline = pipeline_of([tenant("prod", source="staging")])
    assert [(node.names, node.state) for node in pipeline.nodes] == [(["staging"], None), (["prod"], State.IN_SYNC)]


def test_a_circle_is_opened() -> None:
    circle = [tenant("a", source="c"), tenant("b", source="a"), tenant("c", source="b"), tenant("self", source="self")]
    assert sorted(name for node in pipeline_of(circle).nodes for name in node.names) == ["a", "b", "c", "self"]


def test_a_long_chain_is_no_deep_recursion() -> None:
    chain = [tenant("0"), *(tenant(str(number), source=str(number - 1)) for number in range(1, 3_000))]
    assert pipeline_of(chain).columns == 3_000


NAMES = [f"t{number}" for number in range(12)]


@given(st.dictionaries(st.sampled_from(NAMES), st.none() | st.sampled_from([*NAMES, "absent", "gone"])))
def test_every_tenant_stands_at_one_place(sources: dict[str, str | None]) -> None:
    tenants = [tenant(name, source=source) for name, source in sources.items()]
    pipeline = pipeline_of(tenants)
    drawn = [name for node in pipeline.nodes for name in node.names]
    absent = {source for source in sources.values() if source} - set(sources)
    assert sorted([*drawn, *(one.name for one in pipeline.alone)]) == sorted([*sources, *absent])
    places = [(node.column, node.row) for node in pipeline.nodes]
    assert len(set(places)) == len(places)
    assert [node.line for node in pipeline.nodes] == list(range(len(pipeline.nodes)))
    for node in pipeline.nodes:
        assert len(node.names) == 1 or len(node.names) > DRAWN_APART
        assert 0 <= node.column < pipeline.columns
        assert 0 <= node.row < pipeline.rows
        for child in node.children:
            assert child.column == node.column + 1
            assert child.row >= node.row
            assert all(sources[name] in node.names for name in child.names)


def test_nobody() -> None:
    assert fleet().counts() == dict.fromkeys(reversed(State), 0)
    assert pipeline_of([]).nodes == ()
