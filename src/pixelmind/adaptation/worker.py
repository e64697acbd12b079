"""`adapt style` in a process of its own, for a service that goes on drawing: `python -m pixelmind.adaptation.worker`.

In: one line of JSON on stdin, {"images": [paths], "name", "home", "weights", "seconds"}. Out: lines of JSON on stdout, {"level", "step",
"steps"} while it learns, at last {"done": true} or {"error": one line}. It takes one thread at low priority, and ends with its stdin.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

from pixelmind.errors import BadInput

NICE = 10


def _tell(**about: Any) -> None:
    print(json.dumps(about), flush=True)


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    """Make one style."""
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    os.nice(NICE)
    try:
        import torch

        from pixelmind.adaptation.style import StyleConfig, adapt_style

        torch.set_num_threads(1)
        adapt_style(
            [Path(image) for image in asked["images"]],
            asked["name"],
            Path(asked["home"]),
            weights=Path(asked["weights"]),
            config=StyleConfig(seconds=asked["seconds"]),
            progress=lambda level, step, steps: _tell(level=level, step=step, steps=steps),
        )
    except BadInput as error:
        _tell(error=" ".join(str(error).split()))
    except Exception as error:
        logging.getLogger(__name__).exception("a style could not be made")
        _tell(error=f"the style could not be made ({type(error).__name__}); the service's log has the details")
    else:
        _tell(done=True)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the thread that waits for stdin holds its lock, which an orderly end would wait for
