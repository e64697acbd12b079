"""The command line: `pixelmind …`, the words of DESIGN §5. A room is imported only when its command is called.

In: arguments. Out: files, and on stdout a picture and a path, or with `--json` one JSON object; logs go to stderr.
Exit code 0 done, 1 failed, 2 bad input, 130 stopped by Ctrl-C. One command: `pixelmind --help`.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Sequence

from pixelmind.errors import BadInput

STOPPED = 130
RESUMABLE = (["train"], ["release"], ["data"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line (default: this process's) and exit with its code; no traceback unless PIXELMIND_DEBUG=1."""
    # Read when torch is loaded: threads that wait for each other soon give up their core. With another busy program on two cores a
    # sprite took 20 s, now 0.8 s; alone it takes the same 0.3 s (docs/log.md).
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    import click

    from pixelmind.cli.app import app

    debug = os.environ.get("PIXELMIND_DEBUG") == "1"
    try:
        code = app(args=list(arguments), prog_name="pixelmind", standalone_mode=False)
        sys.stdout.flush()
        if code == STOPPED:  # typer turns Ctrl-C into this code
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except BadInput as error:
        if debug:
            raise
        return _tell(f"error: {error}", 2)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "pixelmind"
        return _tell(f"error: {error.format_message()} (see {where} --help)", 2)
    except (click.Abort, KeyboardInterrupt):
        resumes = "; the same command goes on from there" if list(arguments[:1]) in RESUMABLE else ""
        return _tell(f"stopped{resumes}", STOPPED)
    except click.exceptions.Exit as error:
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            raise
        return _tell(f"error: {_first_line(error)} ({_log(arguments)})", 1)


def _tell(line: str, code: int) -> int:
    print(" ".join(line.splitlines()), file=sys.stderr)
    return code


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _log(arguments: Sequence[str]) -> str:
    """Write the traceback to a log file and say where it lies."""
    from pixelmind.cli.home import home
    from pixelmind.files import write_bytes

    text = f"{time.strftime('%Y-%m-%d %H:%M:%S')} pixelmind {list(arguments)}\n{traceback.format_exc()}"
    try:
        path = write_bytes(home() / "logs" / f"error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log", text.encode())
    except OSError:
        return "no log could be written; set PIXELMIND_DEBUG=1 to see more"
    return f"log: {path}"
