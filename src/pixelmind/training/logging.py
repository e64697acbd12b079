"""What a run says: metrics.jsonl, log.txt, TensorBoard, sample PNGs, and a progress bar (or plain lines) on stderr."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from pixelmind.errors import BadInput
from pixelmind.files import write_bytes

REFRESH_SECONDS = 0.5


class RunLog:
    """Opened at the start of an invocation, from `step`; rows after `step` (of a run that was killed) are dropped.

    `say` takes the lines instead of stderr, which then has no bar.
    """

    def __init__(self, run_dir: Path, step: int, say: Callable[[str], None] | None = None) -> None:
        self._dir, self._say = run_dir, say
        self._console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        self._refreshed = 0.0
        metrics = run_dir / "metrics.jsonl"
        if metrics.exists():
            kept = [line for line in metrics.read_text(encoding="utf-8").splitlines() if _row_step(line) <= step]
            write_bytes(metrics, "".join(line + "\n" for line in kept).encode())
        self._metrics = open(metrics, "a", encoding="utf-8")  # noqa: SIM115
        self._text = open(run_dir / "log.txt", "a", encoding="utf-8")  # noqa: SIM115
        self._board: Any = None
        try:
            from tensorboardX import SummaryWriter

            self._board = SummaryWriter(str(run_dir / "tensorboard"), purge_step=step + 1 if step else None)
        except ImportError:
            self.line("tensorboardX is not installed: figures go to metrics.jsonl only")

    def line(self, text: str) -> None:
        """Say one line on stderr and in log.txt."""
        self._text.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
        self._text.flush()
        if self._say is not None:
            self._say(text)
        else:
            self._console.print(text, markup=False, soft_wrap=True)

    def metrics(self, step: int, values: Mapping[str, float], *, tell: bool = True) -> None:
        """Append one row {"step": …, **values} to metrics.jsonl and TensorBoard; without a terminal also say it."""
        row = {"step": step, **{k: float(f"{v:.7g}") for k, v in values.items()}}
        self._metrics.write(json.dumps(row) + "\n")
        self._metrics.flush()
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)
        text = f"step {step} " + " ".join(f"{k} {v:.4g}" for k, v in values.items())
        if self._bar is None and tell:
            self.line(text)
        else:
            self._text.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
            self._text.flush()

    def picture(self, step: int, pixels: NDArray[Any]) -> None:
        """Write samples/<step>.png of uint8 [H, W, 3], and to TensorBoard."""
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise BadInput(f"a sample picture must be uint8 [H, W, 3], got {pixels.dtype} {pixels.shape}")
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="png")
        write_bytes(self._dir / "samples" / f"{step:08d}.png", buffer.getvalue())
        if self._board is not None:
            self._board.add_image("samples", pixels, step, dataformats="HWC")

    def start_bar(self) -> None:
        """Show a progress bar where stderr is a terminal."""
        if sys.stderr.isatty() and self._say is None:
            columns = (
                TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
                TextColumn("{task.fields[speed]:.0f} samples/s  loss {task.fields[loss]:.4g}"), TimeRemainingColumn(),
            )  # fmt: skip
            self._bar = Progress(*columns, console=self._console, auto_refresh=False)
            self._bar.add_task("", total=1.0, speed=0.0, loss=float("nan"))
            self._bar.start()

    def progress(self, step: int, fraction: float, speed: float, loss: float) -> None:
        """Move the bar, if there is one."""
        if self._bar is not None:
            self._bar.update(
                self._bar.task_ids[0], completed=fraction, description=f"step {step}", speed=speed, loss=loss
            )
            self._bar.refresh()

    def bar_is_due(self) -> bool:
        """Whether the bar was last moved long enough ago."""
        if self._bar is None or time.monotonic() - self._refreshed < REFRESH_SECONDS:
            return False
        self._refreshed = time.monotonic()
        return True

    def close(self) -> None:
        """Close the bar and all files."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if self._board is not None:
            self._board.close()
        self._metrics.close()
        self._text.close()


class NoLog(RunLog):
    """Of a process whose first tells it all."""

    def __init__(self) -> None:
        self._bar = None

    def line(self, text: str) -> None:
        """Say nothing."""

    def metrics(self, step: int, values: Mapping[str, float], *, tell: bool = True) -> None:
        """Keep nothing."""

    def picture(self, step: int, pixels: NDArray[Any]) -> None:
        """Keep nothing."""

    def start_bar(self) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Nothing is open."""


def _row_step(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")  # half a row of a killed run
