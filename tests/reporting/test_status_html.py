"""The status as a page: the pipeline drawn, every tenant in the table, nothing that a browser obeys but our own."""

import json
import xml.etree.ElementTree as ET

from hypothesis import given, settings

from deployer.operations.tenant_status import ConnectionStatus, State
from deployer.reporting.status_html import status_html
from tests.support.fleets import LOOKED, fleet, many, tenant, three_stages
from tests.support.page_parser import ANYTHING, HOSTILE, Page


def hostile(text: str) -> str:
    connection = ConnectionStatus(
        text, State.FAILED, release=text + "x", applied_at=LOOKED, applied_by=text, message=text
    )
    return status_html(
        fleet(
            tenant(text, connections=(connection,), tags=(text,), release=text, message=text, domain=text),
            tenant("below", source=text + "?"),
        )
    )


def test_says_how_every_tenant_stands() -> None:
    page = Page(status_html(three_stages()))
    page.check_inert()
    for words in (
        "looked at 23 Nov 2026, 02:10 UTC",
        "5 tenants",
        "1 failed",
        "2 releases behind",
        "options.customScripts.change_email is not in the tenant",
        "runs 777777777777 2026-11-22 02:10 by grace",
        "the tenant cannot be reached",
        "2026-11-23 01:58 by ada",
        "1 tenant outside of any promotion.",
    ):
        assert words in page.text.replace("by", " by").replace("  ", " "), words
    rows = [row for row in page.all("tr") if "data-state" in row]
    assert [row["data-state"] for row in rows] == ["failed", "unknown", "drifted", "behind", "in_sync"]
    assert json.loads(rows[0]["data-tags"]) == ["production", "us"]


def drawing(text: str) -> ET.Element:
    start = text.index('<svg role="group"')
    end = text.index("</div>", start)
    return ET.fromstring(text[start:end])


def test_the_pipeline_is_drawn_with_names() -> None:
    root = drawing(status_html(three_stages()))
    links = root.findall("a")
    assert [link.get("aria-label") for link in links] == [
        "dev: in sync",
        "staging: drifted, promoted from dev",
        "prod-eu: 2 releases behind, promoted from staging",
        "prod-us: failed, promoted from staging",
    ]
    assert len(root.findall("path")) == 3
    corners = {(link.find("rect").get("x"), link.find("rect").get("y")) for link in links}  # type: ignore[union-attr]
    assert len(corners) == 4


def test_many_tenants_are_one_small_picture_and_one_light_page() -> None:
    text = status_html(many())
    root = drawing(text)
    assert len(root.findall("a")) == 2
    (group,) = root.findall("g")
    assert (group.get("aria-label") or "").startswith("498 tenants: ")
    assert len([row for row in Page(text).all("tr") if "data-state" in row]) == 500
    assert len(text) < 1_000_000


def test_anchors_lead_to_rows() -> None:
    page = Page(status_html(three_stages()))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert {a["href"][1:] for a in page.all("a")} | {a["href"][1:] for a in page.all("use")} <= set(ids)


def test_different_connections_stand_in_one_column() -> None:
    page = Page(
        status_html(
            fleet(*(tenant(f"t{n}", connections=(ConnectionStatus(f"c{n}", State.DRIFTED),)) for n in range(6)))
        )
    )
    page.check_inert()
    assert len(page.all("th", role="columnheader")) == 4
    assert "c5 drifted" in page.text


def test_hostile_text_is_shown_not_obeyed() -> None:
    text = hostile(HOSTILE)
    text.encode()
    page = Page(text)
    page.check_inert()
    assert "img" not in page.names()
    assert "<script>alert(1)</script>" in page.text
    assert "\u202e" not in text


@settings(max_examples=40, deadline=None)
@given(ANYTHING)
def test_any_text_makes_the_same_elements(text: str) -> None:
    page = Page(hostile(text))
    page.check_inert()
    assert page.names() <= Page(hostile(HOSTILE)).names()


def test_nobody() -> None:
    page = Page(status_html(fleet()))
    page.check_inert()
    assert "No tenant was looked at." in page.text
    assert not page.all("table")
