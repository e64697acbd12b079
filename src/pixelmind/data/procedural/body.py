"""The measures of a person and what they look like: shared by the modules that draw people."""

from __future__ import annotations

from dataclasses import dataclass

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.hats import Head

VIEWS = ("front", "left", "right", "back")
POSES = ("standing", "walking", "attacking")
#: Clothes that hang to the floor, and those that leave arms or legs bare.
LONG = ("robe", "dress", "toga")
SKIRTED = ("coat", "doctor", "tunic", "lamellar", "cuirass", "straps", "fur")
BARE_ARMS = ("vest", "fur", "bare", "toga", "cuirass", "straps")


@dataclass
class Person:
    """What a person looks like. Colours are names of `ramps.COLORS`; hats, tops and held things are keys of `HATS`, `TOPS`, `THINGS`."""

    skin: str = "pale skin"
    face: str = "human"  # human, skull, zombie, bandaged
    eye_color: str = "ink"
    hair: str = "short"  # short, long, ponytail, spiky, bun, mohawk, topknot, wild, bald
    hair_color: str = "brown"
    beard: str = "none"  # none, short, long, moustache
    top: str = "shirt"
    top_color: str = "blue"
    trim_color: str = "gold"
    legs_color: str = "dark brown"
    boots_color: str = "black"
    hat: str = "none"
    hat_color: str = "brown"
    band_color: str = "red"
    mask: str = "none"  # none, eyepatch, glasses, visor, gas mask, scarf, goggles, fangs
    mask_color: str = "black"
    held: str = "none"
    held_color: str = "steel"
    shield_color: str | None = None
    cape_color: str | None = None
    pose: str = "standing"
    view: str = "front"
    build: str = "tall"


@dataclass
class Body:
    """Measures in pixels: boxes are (x, y, w, h), `arm` a width, `unit` a sixteenth of the height, hands (x, y)."""

    head: Head
    torso: tuple[int, int, int, int]
    floor: int
    arm: int
    unit: float
    hand: tuple[float, float] = (0.0, 0.0)


def s_at(c: Canvas, divisor: int) -> int:
    """A thickness that grows with the canvas, at least one pixel."""
    return max(1, round(c.s / divisor))
