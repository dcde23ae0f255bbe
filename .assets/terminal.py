"""`deployer demo` in, `.assets/terminal.svg` out: the picture of the terminal in the README.

Run it with `python .assets/terminal.py`. The command runs in a real terminal (a pty), and what it prints is drawn as
text; the plan that an apply shows again is left out. The picture holds no script and no address.
"""

import os
import pty
import re
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 113
COLOURS = [(60, 66, 72), (242, 153, 143), (132, 207, 159), (227, 189, 106)]
COLOURS += [(146, 185, 245), (181, 178, 243), (125, 205, 214), (229, 230, 227)]
THEME = TerminalTheme((22, 24, 26), (229, 230, 227), COLOURS)
# Rich's own format asks a server for its font: ours names fonts that machines have.
FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" class="rich-terminal" viewBox="-14 -6 {width} {height}" role="img" \
aria-label="A terminal: deployer demo plans, applies, plans again and catches drift">
<style>
.{unique_id}-matrix {{ font: 20px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; \
line-height: {line_height}px; white-space: pre; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" \
height="{terminal_height}"/></clipPath>
{lines}
</defs>
<rect x="-14" y="-6" width="{width}" height="{height}" rx="16" fill="#16181a"/>
<g transform="translate({terminal_x}, 10)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
APPLIED = re.compile(r"^\$ deployer apply ")
PLANNED = re.compile(r"^Plan: ")


def main() -> None:
    """Run the demo and draw it."""
    lines = Text.from_ansi(run(["deployer", "demo"])).split("\n", allow_blank=True)
    console = Console(record=True, file=StringIO(), width=COLUMNS, force_terminal=True, color_system="truecolor")
    for line in shortened(list(lines)):
        line.rstrip()
        console.print(line, soft_wrap=True)
    picture = console.export_svg(
        theme=THEME,
        code_format=FORMAT,
        unique_id="terminal",
    )
    Path(__file__).with_name("terminal.svg").write_text(re.sub(r"[ \t]+\n", "\n", picture), encoding="utf-8")


def shortened(lines: list[Text]) -> list[Text]:
    """The lines without the plan that each apply shows again, and without blank ones at either end."""
    kept: list[Text] = []
    skipping = False
    for line in lines:
        if skipping:
            skipping = not PLANNED.match(line.plain)
            continue
        kept.append(line)
        if APPLIED.match(line.plain):
            skipping = True
            kept += [Text(""), Text("  ... the plan again", "dim")]
    while kept and not kept[0].plain.strip():
        kept.pop(0)
    while kept and not kept[-1].plain.strip():
        kept.pop()
    return kept


def run(command: list[str]) -> str:
    """What a command prints on a terminal. Fails where the command does."""
    printed = bytearray()

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 65_536)
        printed.extend(data)
        return data

    os.environ.update(COLUMNS=str(COLUMNS), TERM="xterm-256color")
    os.environ.pop("NO_COLOR", None)
    if status := os.waitstatus_to_exitcode(pty.spawn(command, read)):
        sys.exit(f"{' '.join(command)} ended with exit code {status}")
    return printed.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    main()
