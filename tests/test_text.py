"""Untrusted text is seen, never obeyed, and can always be written as UTF-8."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.text import one_line, visible

ANYTHING = st.text(st.characters(codec=None))


@given(ANYTHING)
def test_nothing_that_controls_or_cannot_be_written_is_left(text: str) -> None:
    for shown, allowed in ((visible(text), "\t\n"), (one_line(text), "")):
        shown.encode()
        assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} and c not in allowed]
        assert not [
            c for c in shown if unicodedata.bidirectional(c) in {"LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI"}
        ]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb\u2066c", "a\\u200bb\\u2066c"),
        ("\ud800", "\\ud800"),
        ("x\U000e0041", "x\\U000e0041"),
        ("ä 漢字 👩\u200d💻 שלום", "ä 漢字 👩\u200d💻 שלום"),
    ],
)
def test_escapes(raw: str, shown: str) -> None:
    assert visible(raw) == shown


def test_one_line_is_one_line_and_bounded() -> None:
    assert one_line("a\r\n\tb") == "a\\r\\n\\tb"
    assert one_line("x" * 300, 10) == "x" * 9 + "…"
