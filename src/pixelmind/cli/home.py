"""Where the program keeps what it writes unasked: PIXELMIND_HOME, by default the platform's data folder."""

from __future__ import annotations

import os
import re
from pathlib import Path


def home() -> Path:
    """Folder of outputs, logs, and release runs; not made until something is written."""
    set_to = os.environ.get("PIXELMIND_HOME")
    if set_to:
        return Path(set_to).expanduser()
    from platformdirs import user_data_path

    return user_data_path("pixelmind", appauthor=False)


def output_stem(prompt: str, width: int, height: int, seed: int) -> Path:
    """A free path without ending in the outputs folder, named after the request."""
    words = "-".join(re.findall(r"[a-z0-9]+", prompt.lower())[:8])[:60] or "sprite"
    folder = home() / "outputs"
    base = f"{words}-{width}x{height}-seed{seed}"
    taken = {re.split(r"(?:_\d+)?\.[a-z]+$", p.name)[0] for p in folder.glob(f"{base}*")} if folder.is_dir() else set()
    return folder / next(n for n in (base, *(f"{base}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)
