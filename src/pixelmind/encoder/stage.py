"""The callable stage: a store in, a trained and measured encoder out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelmind.encoder.config import EncoderConfig
from pixelmind.encoder.model import Encoder
from pixelmind.files import write_json
from pixelmind.records import EvalResult


@dataclass(frozen=True, kw_only=True)
class EncoderResult:
    """What `run` made: the weights' file, the report's file and its figures, and how far training went.

    `finished`: the budget was used up; `interrupted`: stopped by Ctrl-C, and resumable.
    """

    weights: Path
    report: Path
    figures: tuple[EvalResult, ...]
    steps: int
    samples: int
    finished: bool
    interrupted: bool


def run(config: EncoderConfig, data_dir: Path | str | Sequence[Path | str], out_dir: Path | str) -> EncoderResult:
    """Train on the store at `data_dir`, or several, in the run directory `out_dir`, or go on from where it stands.

    Writes, beside the loop's own files, a bundle with part "encoder" (the EMA weights, for `load_encoder`),
    `report.json` (retrieval on the test split) and `mined/` (the indices of neighbours).

    Raises:
        BadInput: no store there, or no training or test pictures in it.
    """
    from pixelmind.data.store import Store
    from pixelmind.encoder.task import EncoderTask
    from pixelmind.training.config import plain
    from pixelmind.training.loop import train

    out_dir = Path(out_dir)
    folders = [data_dir] if isinstance(data_dir, (str, Path)) else list(data_dir)
    stores = [Store.open(folder) for folder in folders]
    task = EncoderTask(config, stores, progress=_show, index_dir=out_dir / "mined")
    settings = {key: value for key, value in plain(config).items() if key not in ("loop", "text_cache")}
    trained = train(task, config.loop, out_dir, resolved_config={"encoder": settings})
    encoder = trained.ema[0]["encoder"]
    assert isinstance(encoder, Encoder)
    encoder.cpu().eval()
    figures = task.test(encoder)
    about = {
        "steps": trained.step,
        "samples": trained.samples,
        "seconds": round(trained.seconds, 1),
        "data": task.data_hash,
    }
    weights = encoder.save(out_dir, **about)
    report = write_json(
        out_dir / "report.json", {"format": 1, "split": "test", **about, "results": [r.to_dict() for r in figures]}
    )
    return EncoderResult(
        weights=weights,
        report=report,
        figures=tuple(figures),
        steps=trained.step,
        samples=trained.samples,
        finished=trained.finished,
        interrupted=trained.interrupted,
    )


def _show(done: int, total: int) -> None:
    import sys

    print(f"text cache: {done:,} of {total:,} captions", file=sys.stderr)
