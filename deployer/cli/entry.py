"""Runs the console script: arguments come in here, errors and exit codes leave."""

import contextlib
import gc
import io
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from deployer.errors import DeployerError, ExitCode

_SHARED_WITH_VALUE = "--chdir"
_PRUNE = ["history", "prune"]
_SHARED = re.compile(r"-v+|--verbose|--no-token-cache")


def run() -> None:
    """Run the command line and exit."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        # Asked by scripts and completions all the time: answered before anything heavy is imported.
        from deployer import __version__

        print(f"deployer {__version__}")  # noqa: T201
        sys.exit(0)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows its number, and no command ends half-way for it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    collect_rarely()
    sys.exit(execute(arguments))


def collect_rarely() -> None:
    """Let Python look for garbage less often: what a command loads first is none, and to look through it takes time."""
    gc.set_threshold(50_000, 20, 20)


def execute(arguments: Sequence[str], *, inside: bool = False) -> int:
    """Run one command line; the exit code. `inside` another one, it leaves it to that to say that it was interrupted.

    Raises:
        KeyboardInterrupt: inside another one only.
    """
    try:
        return _execute(arguments, inside)
    except KeyboardInterrupt:  # before a command has begun
        if inside:
            raise
        from deployer.cli.interruption import say_interrupted

        say_interrupted()
        return int(ExitCode.INTERRUPTED)


def _two_words(arguments: Sequence[str]) -> list[str]:
    """Join the one command of two words: a tenant of that name is reached by `history -- prune`."""
    from deployer.cli.main import COMMANDS, HISTORY_PRUNE

    given = list(arguments)
    first = next((number for number, word in enumerate(given) if word in COMMANDS), len(given))
    return [*given[:first], HISTORY_PRUNE, *given[first + 2 :]] if given[first : first + 2] == _PRUNE else given


def _execute(arguments: Sequence[str], inside: bool) -> int:
    import typer

    from deployer.cli.interruption import InterruptionError, say_interrupted
    from deployer.cli.main import app

    try:
        code = app(args=_two_words(shared_first(arguments)), prog_name="deployer", standalone_mode=False, obj=execute)
        return code if isinstance(code, int) else 0
    except DeployerError as error:
        _report(error)
        return int(error.exit_code)
    except InterruptionError as interrupted:
        if inside:
            raise KeyboardInterrupt from None
        say_interrupted(interrupted)
        return int(ExitCode.INTERRUPTED)
    except typer.Exit as error:
        return int(error.exit_code)
    except typer.TyperException as error:
        # Typer's own code for wrong usage is 2, which here says "there are changes".
        show = getattr(error, "show", None)
        show() if show else print(error, file=sys.stderr)  # noqa: T201
        return int(ExitCode.ERROR)
    except BrokenPipeError:
        # Nobody reads standard output any more; what is still buffered would be complained about at the very end.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.ERROR)
    except Exception as error:  # noqa: BLE001  the last resort: a defect of ours
        _report_defect(error)
        return int(ExitCode.ERROR)


def shared_first(arguments: Sequence[str]) -> list[str]:
    """Move the options that every command takes to the front, wherever they stood.

    Raises:
        DeployerError: for --chdir without a folder: what stands in front would be taken for it.
    """
    first: list[str] = []
    rest: list[str] = []
    remaining = list(arguments)
    while remaining:
        argument = remaining.pop(0)
        if argument == "--":
            rest += [argument, *remaining]
            break
        name, sign, value = argument.partition("=")
        if name == _SHARED_WITH_VALUE:
            value = value if sign else next(iter(remaining), "")
            if not value:
                raise DeployerError("no folder was given", where=name, hint=f"Write {name} DIR.")
            first += [argument] if sign else [argument, remaining.pop(0)]
        elif _SHARED.fullmatch(argument):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


def _report(error: Exception) -> None:
    from deployer.cli.common import SETTINGS
    from deployer.text import visible

    print(f"error: {visible(str(error))}", file=sys.stderr)  # noqa: T201
    if SETTINGS.verbosity > 1:
        _print_traceback(error)


def _report_defect(error: Exception) -> None:
    """Print the error's type and place, never its words: nobody knows what is in them."""
    import traceback

    from deployer.cli.common import SETTINGS

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "deployer" in frame.filename]
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    text = f"error: something went wrong inside deployer ({type(error).__name__}{place})."
    print(f"{text} Run the command again with -vv for the traceback.", file=sys.stderr)  # noqa: T201
    if SETTINGS.verbosity > 1:
        _print_traceback(error)


def _print_traceback(error: Exception) -> None:
    """Print the frames only, without local values: those may be secrets."""
    import traceback

    from deployer.text import visible

    print(visible("".join(traceback.format_exception(error))), end="", file=sys.stderr)  # noqa: T201
