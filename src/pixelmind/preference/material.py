"""Sprites to ask about, prompt by prompt: drawn by the released pipeline, or read from a folder of pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pixelmind.errors import BadInput
from pixelmind.records import Sprite

if TYPE_CHECKING:
    from pixelmind.generator.pipeline import PixelPipeline

#: Asked for where no prompts are named.
PROMPTS = ("a green slime with a crown", "a small castle with red flags", "a knight with a sword", "a healing potion")
MAX_PICTURES = 2000


@dataclass(frozen=True, eq=False)
class Group:
    """Sprites that answer one prompt."""

    prompt: str
    sprites: Sequence[Sprite]


def drawn(
    pipe: PixelPipeline, prompts: Sequence[str], count: int, size: tuple[int, int] = (32, 32), seed: int = 0
) -> list[Group]:
    """Draw `count` sprites of each prompt, `size` is (height, width).

    Raises:
        BadInput: fewer than two sprites a prompt, no prompt, or a request that the pipeline refuses.
    """
    if count < 2 or not prompts:
        raise BadInput("comparing needs at least one prompt and two sprites of it")
    return [
        Group(prompt, pipe(prompt, size=size, num_images=count, seed=seed + 1000 * i).sprites)
        for i, prompt in enumerate(prompts)
    ]


def from_folder(folder: Path | str) -> list[Group]:
    """Read the PNGs of a folder and the folders in it, in the order of their names.

    A picture's prompt is the one its file carries, else its name without numbers at the end ("red-castle_2.png": red castle). Pictures of
    the same prompt form a group; groups of one are left out.

    Raises:
        BadInput: no such folder, too many pictures, an unreadable one, or no two of the same prompt.
    """
    from pixelmind.pixels.metadata import read_sprite

    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}; name one with PNG sprites")
    paths = sorted(p for p in folder.rglob("*.png") if p.is_file())
    if len(paths) > MAX_PICTURES:
        raise BadInput(f"{folder} holds {len(paths)} pictures; at most {MAX_PICTURES} can be compared at once")
    groups: dict[str, list[Sprite]] = {}
    for path in paths:
        sprite = read_sprite(path)
        prompt = str(sprite.provenance.get("prompt") or "").strip() or _words(path)
        groups.setdefault(prompt, []).append(sprite)
    found = [Group(prompt, sprites) for prompt, sprites in groups.items() if len(sprites) > 1]
    if not found:
        raise BadInput(f"{folder} holds no two PNG sprites of the same prompt, so there is nothing to compare")
    return found


def _words(path: Path) -> str:
    stem = re.sub(r"-\d+x\d+-seed\d+.*$", "", path.stem)
    return " ".join(re.findall(r"[a-z]+", re.sub(r"[\W_]*\d+$", "", stem).lower())) or path.parent.name
