"""Settings of the data room, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pixelmind.data.licences import ALLOWED
from pixelmind.errors import BadInput
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX


@dataclass(frozen=True, kw_only=True)
class ImportConfig:
    """How `stage.import_sources` treats what the importers find."""

    #: SPDX patterns that may enter; see `licences.ALLOWED`.
    licences: tuple[str, ...] = ALLOWED
    #: Let GPL-like art in as split "test" with tags["evaluation_only"] = "yes"; it never reaches another split.
    evaluation_only: bool = False
    #: Names of importers to use; empty means every importer that detects a folder.
    sources: tuple[str, ...] = ()
    #: A former store: its pictures keep their cluster and split, though everything else is read anew. So weights that
    #: were trained on it have still not seen the test split of the new store.
    keep_splits: Path | None = None
    #: Recover the grid of enlarged, blurred or JPEG-damaged pictures over 96 px (about 0.3 % of native art is changed too).
    snap: bool = False
    #: Pictures held in memory at once while reading.
    batch: int = 500
    #: Longest side, in native pixels, that is kept.
    max_size: int = MAX_SIZE_PX
    #: Show progress on stderr.
    progress: bool = True

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise BadInput("batch must be at least 1")
        if not MIN_SIZE_PX <= self.max_size <= MAX_SIZE_PX:
            raise BadInput(f"max_size must lie between {MIN_SIZE_PX} and {MAX_SIZE_PX}, got {self.max_size}")
        if not self.licences:
            raise BadInput("the licence allow-list is empty: nothing could be imported")


def mix_of(text: str) -> dict[str, float]:
    """Read shares such as "real 0.6, procedural 0.4" for `Loader(mix=…)`.

    Raises:
        BadInput: not names with numbers of 0 or more, or a name twice.
    """
    mix: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.strip().rpartition(" ")
        try:
            value = float(share)
        except ValueError:
            value = -1.0
        if not name or name in mix or not 0 <= value < float("inf"):
            raise BadInput(f"cannot read the mix {text!r}; write names and shares, such as: real 0.6, procedural 0.4")
        mix[name.strip()] = value
    return mix
