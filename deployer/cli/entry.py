"""The console script: the way in for arguments, the way out for errors and exit codes."""

import sys
from collections.abc import Sequence

_SHARED_WITH_VALUE = "--chdir"
_SHARED = frozenset({"-v", "-vv", "--verbose", "--no-token-cache"})


def run() -> None:
    """Run the command line and exit."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        # Asked by scripts and completions all the time: answered before anything heavy is imported.
        from deployer import __version__

        print(f"deployer {__version__}")  # noqa: T201
        sys.exit(0)
    sys.exit(execute(arguments))


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    import typer

    from deployer.cli.main import app
    from deployer.errors import DeployerError, ExitCode

    try:
        code = app(args=shared_first(arguments), prog_name="deployer", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except DeployerError as error:
        _report(error)
        return int(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        print("Interrupted.", file=sys.stderr)  # noqa: T201
        return int(ExitCode.INTERRUPTED)
    except typer.Exit as error:
        return int(error.exit_code)
    except typer.TyperException as error:
        # Typer's own code for wrong usage is 2, which here says "there are changes".
        show = getattr(error, "show", None)
        show() if show else print(error, file=sys.stderr)  # noqa: T201
        return int(ExitCode.ERROR)
    except BrokenPipeError:
        sys.stderr.close()
        return int(ExitCode.ERROR)
    except Exception as error:  # noqa: BLE001  the last resort: a defect of ours
        _report_defect(error)
        return int(ExitCode.ERROR)


def shared_first(arguments: Sequence[str]) -> list[str]:
    """The same arguments with those options in front that every command takes, wherever they stood."""
    first: list[str] = []
    rest: list[str] = []
    remaining = list(arguments)
    while remaining:
        argument = remaining.pop(0)
        if argument == "--":
            rest += [argument, *remaining]
            break
        if argument == _SHARED_WITH_VALUE and remaining:
            first += [argument, remaining.pop(0)]
        elif argument in _SHARED or argument.startswith(f"{_SHARED_WITH_VALUE}="):
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
    from deployer.cli.common import SETTINGS
    from deployer.text import one_line

    text = f"error: something went wrong inside deployer ({type(error).__name__}: {one_line(str(error))})."
    print(f"{text} Run the command again with -vv for the traceback.", file=sys.stderr)  # noqa: T201
    if SETTINGS.verbosity > 1:
        _print_traceback(error)


def _print_traceback(error: Exception) -> None:
    """The frames only, without local values: those may be secrets."""
    import traceback

    traceback.print_exception(error, file=sys.stderr)
