"""The pages in a real browser: what they look like, that nothing is asked for, and that a keyboard is enough."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from deployer.operations.tenant_status import State
from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Origin, Plan, PlannedTenant, SecretChange
from deployer.reporting.plan_html import plan_html
from deployer.reporting.status_html import status_html
from deployer.resources.concerns import Concern
from tests.support.fleets import fleet, many, tenant, three_stages
from tests.support.page_parser import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
WIDE, PHONE = {"width": 1200, "height": 850}, {"width": 375, "height": 812}
VIEWS = [("light", WIDE), ("dark", WIDE), ("light", PHONE), ("dark", PHONE)]
SCRIPT = """\
function login(usernameOrEmail, password, callback) {
  const pool = global.pool || (global.pool = new Pool({ connectionString: configuration.PG_URL, max: 4 }));
  pool.query("SELECT id, email, password FROM users WHERE email = $1", [usernameOrEmail])
    .then(({ rows }) => check(rows[0], password))
    .then((user) => callback(null, user), callback);
}
"""


def a_plan(hostile: str = "") -> Plan:
    changed = SCRIPT.replace("FROM users", "FROM app_users").replace("max: 4", "max: 2") + hostile
    scripts = ("options", "customScripts")
    return Plan(
        tenant=PlannedTenant(name="production-eu" + hostile, domain="acme.example.com", base_url=""),
        created_at=datetime(2026, 11, 23, 1, 55, tzinfo=UTC),
        created_by="ada" + hostile,
        key_id="k",
        release="sha256:3f9a1c2b77aa",
        origin=Origin(
            command="promote",
            source="staging-eu" + hostile,
            values=[
                AttributeChange(
                    path=("domain" + hostile,), action="change", before="a.example.com", after="b" + hostile
                ),
                AttributeChange(path=("tags",), action="add", after=["production"] * 99),
            ],
            untested=["staff" + hostile],
        ),
        changes=[
            Change(
                kind="action",
                name="restrict-audience",
                action=Action.CREATE,
                attributes=[AttributeChange(path=("code",), action="add", after=SCRIPT * 5)],
            ),
            Change(
                kind="connection",
                name="legacy-users" + hostile,
                action=Action.UPDATE,
                depends_on=["action.restrict-audience"],
                attributes=[
                    AttributeChange(path=(*scripts, "login"), action="change", before=SCRIPT, after=changed),
                    AttributeChange(path=(*scripts, "verify"), action="remove", before=SCRIPT),
                    AttributeChange(path=("options", "passwordPolicy"), action="change", before="fair", after="good"),
                    AttributeChange(path=("options", "dictionary"), action="add", after=["acme"] * 99),
                ],
                secrets=[SecretChange(name="PG_URL", state="changed-outside"), SecretChange(name="X", state="unnamed")],
                concerns=[Concern(code="drop-secret", address="connection.legacy-users/X", why="it goes; say `!keep`")],
                irreversible=["the former value of PG_URL is overwritten"],
            ),
            Change(kind="connection", name="staff", action=Action.NO_OP),
        ],
    )


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium for this module's tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # Chromium's own sandbox does not work for root; everything it opens here is ours.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@dataclass
class View:
    """An open page, what its console said, and what it asked for beside itself."""

    page: "Page"
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def check_quiet(self) -> None:
        assert self.console == []
        assert self.requests == []

    def rows(self) -> list[str]:
        """The names of the tenants that are shown, in order."""
        names: list[str] = self.page.locator(".tenants tbody tr:visible b").all_inner_texts()
        return names


@pytest.fixture
def view(browser: "Browser", tmp_path: Path) -> Iterator[Callable[..., View]]:
    """A function that opens a page's text: with a colour scheme, a size, a hash, with JavaScript or without."""
    contexts = []

    def open_page(
        text: str, scheme: Any = "light", size: Any = WIDE, hash_: str = "", *, javascript: bool = True
    ) -> View:
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=javascript)
        contexts.append(context)
        seen = View(context.new_page())
        seen.page.on("console", lambda message: seen.console.append(message.text))
        seen.page.on("pageerror", lambda error: seen.console.append(str(error)))
        seen.page.on(
            "request",
            lambda request: None if request.url.startswith(file.as_uri()) else seen.requests.append(request.url),
        )
        seen.page.goto(file.as_uri() + hash_)
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("scheme", "size"), VIEWS, ids=["light", "dark", "phone", "phone-dark"])
@pytest.mark.parametrize("kind", ["plan", "status", "fleet"])
def test_looks_and_accessibility(
    view: Callable[..., View], tmp_path: Path, kind: str, scheme: str, size: dict[str, int]
) -> None:
    """A picture of each page; no violation of axe's rules; nothing wider than the screen; no request, no complaint."""
    from axe_playwright_python.sync_playwright import Axe

    texts = {
        "plan": lambda: plan_html(a_plan()),
        "status": lambda: status_html(three_stages()),
        "fleet": lambda: status_html(many(60)),
    }
    seen = view(texts[kind](), scheme, size)
    picture = tmp_path / f"{kind}-{scheme}-{size['width']}.png"
    seen.page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 10_000
    for fold in seen.page.locator("details").all():
        fold.evaluate("each => { each.open = true; }")
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    results = Axe().run(seen.page)
    assert results.violations_count == 0, results.generate_report()
    seen.check_quiet()
    background = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(22, 24, 26)") == (scheme == "dark")


@pytest.mark.parametrize("kind", ["plan", "status"])
def test_hostile_text_does_nothing(view: Callable[..., View], kind: str) -> None:
    seen = view(plan_html(a_plan(HOSTILE)) if kind == "plan" else status_html(fleet(tenant(HOSTILE, tags=(HOSTILE,)))))
    assert "<script>alert(1)</script>" in seen.page.locator("main").inner_text() + seen.page.locator("h1").inner_text()
    assert seen.page.locator("img").count() == 0
    seen.check_quiet()


def test_the_policy_stops_what_is_not_ours(view: Callable[..., View]) -> None:
    seen = view(status_html(three_stages()))
    seen.page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        const image = new Image();
        image.src = "http://127.0.0.1:9/x.png";
        document.body.append(image);
        fetch("http://127.0.0.1:9/").catch(() => {});
    }""")
    seen.page.wait_for_function("document.images.length === 1")
    assert seen.page.evaluate("window.ran") is None
    assert len(seen.console) >= 3
    assert all("Content Security Policy" in line or "Fetch API" in line for line in seen.console), seen.console


def test_filter_by_text_state_and_tag(view: Callable[..., View]) -> None:
    seen = view(status_html(three_stages()))
    page = seen.page
    assert seen.rows() == ["prod-us", "lab", "staging", "prod-eu", "dev"]
    assert page.locator("#shown").inner_text() == "all 5 shown"
    page.get_by_role("searchbox", name="Text").fill("PROD rolled")
    assert seen.rows() == ["prod-us"]
    assert page.locator("#shown").inner_text() == "1 of 5 shown"
    page.get_by_role("searchbox", name="Text").fill("")
    page.get_by_role("checkbox", name="drifted").check(force=True)
    page.get_by_role("checkbox", name="behind").check(force=True)
    assert seen.rows() == ["staging", "prod-eu"]
    page.get_by_role("combobox", name="Tag").select_option("eu")
    assert seen.rows() == ["prod-eu"]
    assert page.evaluate("location.hash") == "#state=drifted,behind&tag=eu"
    page.get_by_role("searchbox", name="Text").fill("nothing like it")
    assert seen.rows() == []
    assert page.get_by_text("No tenant fits the filter.").is_visible()
    page.get_by_role("button", name="Clear").click()
    assert len(seen.rows()) == 5
    assert page.evaluate("location.hash") == ""
    page.get_by_role("combobox", name="Order").select_option("name")
    assert seen.rows() == ["dev", "lab", "prod-eu", "prod-us", "staging"]
    page.get_by_role("combobox", name="Order").select_option("applied")
    assert seen.rows()[0] == "dev"
    seen.check_quiet()


def test_a_tag_of_any_text_filters(view: Callable[..., View]) -> None:
    tag = '"><b>\u202e\\ two'
    seen = view(status_html(fleet(tenant("a", tags=(tag, "x")), tenant("b", domain="", source="a"))))
    seen.page.get_by_role("combobox", name="Tag").select_option(index=1)
    assert seen.rows() == ["a"]
    seen.check_quiet()


def test_the_address_keeps_the_filter(view: Callable[..., View]) -> None:
    text = status_html(three_stages())
    seen = view(text, hash_="#q=prod&state=failed,behind&tag=us&sort=name")
    assert seen.rows() == ["prod-us"]
    assert seen.page.get_by_role("checkbox", name="failed").is_checked()
    assert seen.page.get_by_role("combobox", name="Tag").input_value() == "us"
    seen.page.evaluate("location.hash = '#q=dev'")
    seen.page.wait_for_function("document.querySelectorAll('.tenants tbody tr:not([hidden])').length === 2")
    assert set(seen.rows()) == {"dev", "staging"}
    odd = view(text, hash_="#state=%22%3E&tag=nobody&sort=toString&q=%00%E0%A4%A")
    assert odd.page.get_by_role("combobox", name="Order").input_value() == ""
    odd.check_quiet()


def test_keyboard_alone_filters_and_follows_the_pipeline(view: Callable[..., View]) -> None:
    seen = view(status_html(three_stages()))
    page = seen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the tenants"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "The promotion pipeline, drawn"
    labels = []
    for _ in range(4):
        page.keyboard.press("Tab")
        labels.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert labels[1] == "staging: drifted, promoted from dev"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.querySelector('b').textContent") == "prod-us"
    page.get_by_role("searchbox", name="Text").focus()
    page.keyboard.type("staging")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.value") == "failed"
    assert seen.rows() == ["prod-us"]
    page.locator("a[aria-label^='dev:']").focus()
    page.keyboard.press("Enter")
    assert len(seen.rows()) == 5
    assert page.evaluate("document.activeElement.querySelector('b').textContent") == "dev"
    seen.check_quiet()


def test_keyboard_alone_unfolds_a_plan(view: Callable[..., View]) -> None:
    seen = view(plan_html(a_plan()))
    page = seen.page
    opened = "document.querySelectorAll('details.change[open]').length"
    assert page.evaluate(opened) == 2
    page.get_by_role("button", name="Fold all", exact=True).press("Enter")
    assert page.evaluate(opened) == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.localName") == "summary"
    page.keyboard.press("Space")
    assert page.evaluate(opened) == 1
    page.evaluate("location.hash = '#change-2'")
    page.wait_for_function(f"{opened} === 2")
    assert "legacy-users" in page.evaluate("document.activeElement.textContent")
    page.get_by_role("link", name="action.restrict-audience").press("Enter")
    page.wait_for_function("document.activeElement.textContent.includes('restrict-audience')")
    page.get_by_role("button", name="Unfold all").click()
    assert page.evaluate(opened) == 2
    seen.check_quiet()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_without_javascript_everything_is_there(view: Callable[..., View], size: dict[str, int]) -> None:
    status = view(status_html(three_stages()), size=size, javascript=False)
    assert status.page.locator(".tenants tbody tr").count() == 5
    assert status.page.get_by_text("the tenant cannot be reached").is_visible()
    assert not status.page.locator(".tools").is_visible()
    plan = view(plan_html(a_plan()), size=size, javascript=False)
    assert plan.page.get_by_text("app_users").is_visible()
    assert not plan.page.locator(".tools").is_visible()


def test_five_hundred_tenants(view: Callable[..., View]) -> None:
    seen = view(status_html(many()))
    assert len(seen.rows()) == 500
    seen.page.get_by_role("searchbox", name="Text").fill("customer-1")
    assert len(seen.rows()) == 100
    seen.page.get_by_role("checkbox", name="failed").check(force=True)
    states = seen.page.locator(".tenants tbody tr:visible").evaluate_all("rows => rows.map((row) => row.dataset.state)")
    assert set(states) == {State.FAILED.value}
    seen.check_quiet()
