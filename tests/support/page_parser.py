"""An HTML page in, its elements, attributes and texts out: what a browser would make of it."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from hypothesis import strategies as st

HOSTILE = "</script><script>alert(1)</script><img src=//evil.example onerror=alert(1)>\"'{{ 7*7 }}\u202e\ud800&amp;"
TOKENS = [
    "<script>",
    "</script>",
    "</style>",
    "<b onclick=x>",
    "</p>",
    "<!--",
    "-->",
    '"',
    "'",
    " onload=x ",
    "&lt;",
    "{{",
]
ANYTHING = st.lists(st.sampled_from([*TOKENS, "\n", "\u202e", "\ud800"]) | st.characters(codec=None), max_size=12).map(
    "".join
)
VOID = {"meta", "col", "input", "wbr", "link", "br"}


class Page(HTMLParser):
    """Elements as (name, attributes), text by element, and what is not well nested."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.shown: list[str] = []
        self.raw: dict[str, str] = {"style": "", "script": "", "title": ""}
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{name}> is not closed" for name in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in {"p", "dd", "td", "th", "li", "summary", "h1", "h2"}:
            self.shown.append(" ")
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif not (tag in {"path", "rect", "use"} and tag not in self._open):
            self.faults.append(f"</{tag}> closes {self._open[-1:]}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        top = self._open[-1] if self._open else ""
        if top in self.raw:
            self.raw[top] += data
        else:
            self.shown.append(data)

    @property
    def text(self) -> str:
        """What is shown, with single spaces."""
        return re.sub(r"\s+", " ", "".join(self.shown))

    def all(self, name: str, **attributes: str) -> list[dict[str, str]]:
        """The attributes of every such element."""
        wanted = {key.replace("_", "-"): value for key, value in attributes.items()}
        return [a for n, a in self.elements if n == name and wanted.items() <= a.items()]

    def names(self) -> set[str]:
        """Which elements there are."""
        return {name for name, _ in self.elements}

    def check_inert(self) -> None:
        """Fail unless the page asks nobody for anything and runs its own script alone."""
        assert not self.faults, self.faults[:5]
        metas = [a["content"] for a in self.all("meta", http_equiv="Content-Security-Policy")]
        hashes = {
            name: base64.b64encode(hashlib.sha256(self.raw[name].encode()).digest()).decode()
            for name in ("style", "script")
        }
        sources = f"style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'"
        assert metas == [f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"]
        assert len(self.all("script")) == len(self.all("style")) == 1
        assert "url(" not in self.raw["style"]
        assert "@import" not in self.raw["style"]
        for name, attributes in self.elements:
            for key, value in attributes.items():
                assert not key.startswith("on"), (name, key)
                assert key not in {"src", "srcset", "style", "action", "formaction", "xlink:href", "ping"}, (name, key)
                if key == "href":
                    assert value.startswith("#"), value
