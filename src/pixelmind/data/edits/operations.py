"""All edit operations by name: `draw(operation, seed)` gives an edit pair or None where the seed's scene cannot show it.

Exact operations (`exact`) are applied to a drawn scene with arguments sampled here; scene and redraw operations draw both pictures;
`undo` and `more` follow an earlier edit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from pixelmind.data.edits import exact, redraw, scenes
from pixelmind.data.edits.color import Region, cells_called, dominant, opaque
from pixelmind.data.edits.instructions import AMOUNTS, about, article, plural, pluralized, say
from pixelmind.data.edits.pair import Edit
from pixelmind.data.edits.scenes import subject_noun
from pixelmind.data.edits.shape import PATTERNS, outlined, ring
from pixelmind.data.procedural.captions import NUMBERS
from pixelmind.data.procedural.ramps import COLORS, accepts
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import draw_scene, families
from pixelmind.data.procedural.styles import STYLES
from pixelmind.data.sources.base import RawSprite
from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import MAX_SIZE_PX, U8

WORDS = (
    "red",
    "orange",
    "yellow",
    "green",
    "teal",
    "blue",
    "purple",
    "pink",
    "brown",
    "white",
    "grey",
    "navy",
    "dark green",
    "gold",
)
LINES = ("black", "white", "red", "blue", "yellow", "dark green", "purple", "brown")
CONSOLES = {
    "gameboy": "Game Boy",
    "nes": "NES",
    "pico-8": "PICO-8",
    "c64": "C64",
    "zx-spectrum": "ZX Spectrum",
    "msx": "MSX",
    "cga": "CGA",
}
RAMPS = {
    "gameboy": "Game Boy green",
    "gameboy-pocket": "Game Boy Pocket",
    "grey-4": "four greys",
    "grey-8": "eight greys",
    "1bit": "black and white",
    "cga-mode4-1-high": "CGA magenta and cyan",
}
TURNS = {90: "by 90 degrees to the right", 180: "by 180 degrees", 270: "by 90 degrees to the left"}
#: Cells behind a subject, as far as families name them.
BEHIND = redraw.BACK | {"ground", "card"}
#: What "even more" of an operation is called.
COMPARATIVES = {
    "darken": ("darker", "dark"),
    "lighten": ("brighter", "bright"),
    "saturate": ("more colorful", "colorful"),
    "desaturate": ("less colorful", "pale"),
    "warmer": ("warmer", "warm"),
    "colder": ("colder", "cold"),
}
#: Share of compositions among the scenes of exact operations, and their sizes.
COMPOSED, COMPOSED_SIZES = 0.25, ((32, 32), (48, 48), (64, 64), (48, 64), (64, 96))
#: Least mean OKLab distance over the region that people see as a change of colour.
VISIBLE = 0.02
Chosen = tuple[Region, dict[str, Any], dict[str, str]]


@dataclass
class View:
    """A drawn scene that an exact operation is to be applied to."""

    raw: RawSprite
    rng: Rng
    noun: str

    @property
    def full(self) -> Region:
        return opaque(self.raw.rgba)

    def parts(self, names: frozenset[str] | None = None) -> list[tuple[str, Region]]:
        """Parts large enough to be pointed at, with their cells."""
        assert self.raw.mask is not None
        least = max(6, 0.04 * self.full.sum())
        found = [(n, self.raw.mask == i) for i, n in enumerate(self.raw.mask_names) if i]
        for subject in {n.split("/")[0] for n, _ in found if "/" in n}:
            inside = [cells for n, cells in found if n.startswith(subject + "/")]
            found.append((subject, np.logical_or.reduce(inside)))
        found = [(n, cells) for n, cells in sorted(found, key=lambda f: f[0]) if names is None or n in names]
        return [(n, cells) for n, cells in found if cells.sum() >= least]

    def behind(self) -> Region:
        """Clear cells and those of a backdrop."""
        assert self.raw.mask is not None
        composed = any("/" in n for n in self.raw.mask_names)
        back = [i for i, n in enumerate(self.raw.mask_names) if ("/" not in n if composed else n in BEHIND)]
        return np.isin(self.raw.mask, back) | ~self.full

    def region(self, whole: float = 0.3) -> tuple[Region, dict[str, str]]:
        """A part, or the whole picture with this probability, and its words."""
        parts = self.parts()
        if parts and not self.rng.chance(whole):
            name, cells = self.rng.choice(parts)
            return cells, spoken(name)
        return self.full, self.whole()

    def widen(self, pixels: int) -> None:
        """Give the picture empty cells on all sides."""
        assert self.raw.mask is not None
        rgba, mask = (exact.GRID["pad"](a, None, pixels=pixels) for a in (self.raw.rgba, self.raw.mask))
        self.raw = replace(self.raw, rgba=rgba, mask=mask)

    def whole(self) -> dict[str, str]:
        """Words for the whole picture."""
        name, the = self.rng.choice(
            (
                ("picture", "the picture"),
                ("picture", "everything"),
                ("picture", "it"),
                ("image", "the image"),
                (self.noun, f"the {self.noun}"),
            )
        )
        return about(name, the=the) | (
            {"is": "is", "has": "has", "needs": "needs", "it": "it"} if the != f"the {self.noun}" else {}
        )


def spoken(part: str) -> dict[str, str]:
    """Words for a part; one of a composition names its subject: "the owl's wings"."""
    subject, _, name = part.rpartition("/")
    return about(name, the=f"the {subject}'s {name}") if subject else about(name)


def _plain(v: View, low: float = 0.3) -> Chosen:
    region, words = v.region(low)
    return region, {}, words


def _amount(values: tuple[float, float, float], v: View) -> Chosen:
    region, words = v.region()
    size, value = v.rng.choice(list(zip(AMOUNTS, values)), (1.0, 2.0, 1.0))
    return region, {"amount": value}, words | AMOUNTS[size]


def _contrast(more: bool, v: View) -> Chosen:
    region, words = v.region(0.6)
    size = v.rng.choice(list(AMOUNTS))
    return (
        region,
        {"factor": dict(zip(AMOUNTS, exact.DEGREES["contrast"]))[size] ** (1 if more else -1)},
        words | AMOUNTS[size],
    )


def _hue(v: View) -> Chosen:
    region, words = v.region(0.4)
    degrees = v.rng.choice((60, 90, 120, 180, 240))
    return region, {"degrees": degrees}, words | {"degrees": str(degrees)}


def _color_words(color: str) -> dict[str, str]:
    return {"color": color, "a_color": "" if color.startswith("#") else article(color).removesuffix(color)}


def _recolor(v: View) -> Chosen | None:
    region, words = v.region(0.1)
    if STYLES[v.raw.tags["style"]].palette or v.rng.chance(0.75):
        color = v.rng.choice(WORDS)
    else:
        color = "#{:02x}{:02x}{:02x}".format(*(v.rng.integer(20, 240) for _ in range(3)))
    said = _color_words(color)
    if plural(words["bare"]):
        said["a_color"] = ""
    base = dominant(v.raw.rgba, region)
    if base is None or (color in COLORS and accepts(color, base)):
        return None
    return region, {"color": color}, words | said


def _named(v: View) -> list[str]:
    """Colour words that stand for at least a twelfth of the picture."""
    return [c for c in WORDS if cells_called(v.raw.rgba, c).sum() > v.full.sum() / 12]


def _replace_color(v: View) -> Chosen | None:
    there = _named(v)
    if not there:
        return None
    color = v.rng.choice(there)
    to = v.rng.choice([c for c in WORDS if c != color and not (set(COLORS[c][1]) & set(COLORS[color][1]))])
    return v.full, {"color": color, "to": to}, v.whole() | {"color": color, "to": to}


def _swap_colors(v: View) -> Chosen | None:
    there = v.rng.shuffled([c for c in _named(v) if c not in ("navy", "dark green", "gold")])
    pairs = [(a, b) for a in there for b in there if a < b and not (set(COLORS[a][1]) & set(COLORS[b][1]))]
    if not pairs:
        return None
    color, other = v.rng.choice(pairs)
    return v.full, {"color": color, "other": other}, v.whole() | {"color": color, "other": other}


def _fewer(v: View) -> Chosen | None:
    has = len(np.unique(v.raw.rgba[v.full][:, :3], axis=0))
    counts = [n for n in (2, 3, 4, 5, 6, 8, 10, 12, 16) if n < has]
    if not counts:
        return None
    n = v.rng.choice(counts)
    return v.full, {"count": n}, v.whole() | {"n": NUMBERS[n] if n < len(NUMBERS) and v.rng.chance(0.6) else str(n)}


def _palette(names: dict[str, str], v: View) -> Chosen:
    name = v.rng.choice(list(names))
    return v.full, {"palette": name}, v.whole() | {"palette": names[name]}


def _outline(kind: str, v: View) -> Chosen | None:
    if kind in ("add", "thicken") and (v.full & ~v.behind())[[0, -1]].any() and not (v.behind() & v.full).any():
        v.widen(2)  # room for the line
    subject = v.full & ~v.behind()
    cut = subject[[0, -1]].sum() + subject[:, [0, -1]].sum() if kind in ("add", "thicken") else 0
    if not subject.any() or cut > 0.1 * ring(subject).sum() or outlined(v.raw.rgba, subject) == (kind == "add"):
        return None
    words = about(v.noun)
    if kind in ("remove", "thicken"):
        return (subject, {}, words) if kind == "thicken" or v.behind()[~v.full].any() else None
    color = v.rng.choice(LINES if not STYLES[v.raw.tags["style"]].mono else ("black", "white"))
    return subject, {"color": color}, words | _color_words(color)


def _background(kind: str, v: View) -> Chosen | None:
    back = v.behind()
    if not 0.1 < back.mean() < 0.95 or (kind == "remove" and not (back & v.full).any()):
        return None
    if kind == "remove":
        return back & v.full, {}, about(v.noun)
    color = v.rng.choice(("white", "black", *WORDS))
    return back, {"color": color}, about(v.noun) | _color_words(color)


def _subject(v: View) -> Chosen | None:
    subject = v.full & ~v.behind()
    return (subject, {"pixels": 2 if v.raw.rgba.shape[0] > 40 else 1}, about(v.noun)) if subject.any() else None


def _lit(v: View) -> Chosen | None:
    """A part, or the whole subject where it stands free."""
    subject = v.full & ~v.behind()
    if v.rng.chance(0.5) or subject.all() or not subject.any():
        parts = [(n, c) for n, c in v.parts() if n not in BEHIND and not c.all()]
        if not parts:
            return None
        name, cells = v.rng.choice(parts)
        return cells, {}, spoken(name)
    return subject, {}, about(v.noun)


def _pattern(v: View) -> Chosen | None:
    parts = [(n, c) for n, c in v.parts() if c.sum() >= 24]
    if not parts:
        return None
    name, cells = v.rng.choice(parts)
    kind = v.rng.choice(PATTERNS)
    return cells, {"kind": kind}, spoken(name) | {"pattern": kind}


def _undither(v: View) -> Chosen:
    """The scene is dithered first where its style is not."""
    region, words = v.region(0.5)
    if v.raw.tags["style"] != "dithered":
        within = _within(v.raw)
        v.raw = replace(v.raw, rgba=exact.apply("dither", v.raw.rgba, region, within, amount=0.1))
    return region, {}, words


def _fog(v: View) -> Chosen:
    size, value = v.rng.choice(list(zip(AMOUNTS, exact.DEGREES["fog"])))
    sky = v.parts(frozenset(("sky",)))
    region, words = (v.behind() & v.full, about("sky")) if sky else (v.full, about(v.noun))
    degree = {"little": "slightly ", "normal": "", "much": "very "}[size]
    return region, {"amount": value}, words | {"more": degree, "some": degree}


def _grid(name: str, v: View) -> Chosen | None:
    h, w = v.raw.rgba.shape[:2]
    everything = np.ones((h, w), dtype=bool)
    words = v.whole() if name in ("rotate", "mirror", "flip", "symmetric") else about(v.noun)
    args: dict[str, Any] = {}
    if name == "rotate":
        degrees = v.rng.choice(list(TURNS))
        args, words = {"degrees": degrees}, words | {"turn": TURNS[degrees]}
    elif name == "shift":
        direction, pixels = v.rng.choice(("left", "right", "up", "down")), v.rng.integer(1, max(2, min(h, w) // 6))
        args = {"direction": direction, "pixels": pixels}
        words |= {"dir": direction, "pixels": str(pixels), "px": "pixel" if pixels == 1 else "pixels"}
    elif name == "pad":
        pixels = v.rng.choice((1, 2, 4, 8))
        args, words = {"pixels": pixels}, words | {"pixels": str(pixels), "px": "pixel" if pixels == 1 else "pixels"}
    elif name == "enlarge":
        times = v.rng.choice([n for n in (2, 3, 4) if n * max(h, w) <= MAX_SIZE_PX] or [1])
        args = {"times": times}
        words |= {
            "factor": str(times),
            "times": str(times) if v.rng.chance(0.5) else NUMBERS[times],
            "percent": str(times * 100),
        }
    elif name == "tile":
        fit = [(c, r) for c in (1, 2, 3, 4) for r in (1, 2, 3) if c * r > 1 and max(c * w, r * h) <= MAX_SIZE_PX]
        if not fit:
            return None
        columns, rows = v.rng.choice(fit)
        args, words = {"columns": columns, "rows": rows}, words | {"columns": str(columns), "rows": str(rows)}
    elif name == "symmetric":
        side = v.rng.choice(("left", "right"))
        args, words = {"side": side}, words | {"side": side}
    if name in ("crop", "pad", "shift", "center") and v.full.all():
        return None
    if name == "center":  # it stands in the middle: move it away first
        direction = v.rng.choice(("left", "right", "up", "down"))
        step = max(2, min(h, w) // 5)
        if v.full[[0, -1]].any() or v.full[:, [0, -1]].any():
            v.widen(step)
        assert v.raw.mask is not None
        rgba, mask = (exact.GRID["shift"](a, None, direction=direction, pixels=step) for a in (v.raw.rgba, v.raw.mask))
        if opaque(rgba).sum() < v.full.sum():
            return None
        v.raw = replace(v.raw, rgba=rgba, mask=mask)
        everything = np.ones(rgba.shape[:2], dtype=bool)
    return everything, args, words


@dataclass(frozen=True)
class Exact:
    """How the arguments of an exact operation are sampled.

    `colored`: needs a style with colours; `keep`: changed cells stay in the style's fixed palette; `styles`: drawn in these only;
    `least`: share of the region that must change; `scenic`: probability of a backdrop; `free`: no tiles and whole scenes;
    `applies`: the exact operation, if its name is another.
    """

    choose: Callable[[View], Chosen | None]
    colored: bool = False
    keep: bool = True
    styles: tuple[str, ...] = ()
    least: float = 0.3
    scenic: float = 0.25
    free: bool = False
    applies: str = ""


#: Operations on the grid that want empty cells around the subject.
FREE = ("shift", "crop", "pad", "center")
OUTLINED = ("outlined", "outlined", "nes", "snes", "gameboy", "pico-8", "c64", "neon", "noir")
EXACT: dict[str, Exact] = {
    "darken": Exact(partial(_amount, exact.DEGREES["darken"])),
    "lighten": Exact(partial(_amount, exact.DEGREES["lighten"])),
    "saturate": Exact(partial(_amount, exact.DEGREES["saturate"]), colored=True),
    "desaturate": Exact(partial(_amount, exact.DEGREES["desaturate"]), colored=True),
    "grayscale": Exact(_plain, colored=True, keep=False),
    "invert": Exact(_plain, keep=False),
    "warmer": Exact(partial(_amount, exact.DEGREES["warmer"]), colored=True),
    "colder": Exact(partial(_amount, exact.DEGREES["colder"]), colored=True),
    "hue_shift": Exact(_hue, colored=True),
    "more_contrast": Exact(partial(_contrast, True), applies="contrast"),
    "less_contrast": Exact(partial(_contrast, False), applies="contrast"),
    "recolor": Exact(_recolor, colored=True),
    "fewer_colors": Exact(_fewer, least=0.05),
    "restrict_palette": Exact(partial(_palette, CONSOLES), colored=True, keep=False),
    "tone_map": Exact(partial(_palette, RAMPS), keep=False),
    "fog": Exact(_fog, scenic=1.0),
    "replace_color": Exact(_replace_color, colored=True),
    "swap_colors": Exact(_swap_colors, colored=True),
    "add_outline": Exact(
        partial(_outline, "add"), keep=False, styles=("lineless", "lineless", "snes", "pastel"), free=True
    ),
    "remove_outline": Exact(partial(_outline, "remove"), styles=OUTLINED, scenic=0.0, free=True),
    "recolor_outline": Exact(partial(_outline, "recolor"), keep=False, styles=OUTLINED, free=True),
    "thicken_outline": Exact(partial(_outline, "thicken"), styles=OUTLINED, free=True),
    "remove_background": Exact(partial(_background, "remove"), scenic=1.0, free=True),
    "fill_background": Exact(partial(_background, "fill"), keep=False, scenic=0.4, free=True),
    "drop_shadow": Exact(_subject, scenic=0.3, free=True),
    "highlight": Exact(_lit, least=0.03),
    "shade": Exact(_lit, least=0.03),
    "dither": Exact(partial(_plain, low=0.15), least=0.1),
    "undither": Exact(_undither, least=0.03, styles=("snes", "lineless", "dithered", "pastel", "outlined")),
    "pattern": Exact(_pattern, least=0.08),
    **{name: Exact(partial(_grid, name), keep=False, least=0.0, scenic=0.1, free=name in FREE) for name in exact.GRID},
}


def _within(raw: RawSprite) -> U8 | None:
    colors = STYLES[raw.tags["style"]].palette
    return np.array(colors, dtype=np.uint8) if colors else None


def view(seed: int, rng: Rng, spec: Exact) -> View:
    """A scene that suits an operation."""
    known = families()
    if not (spec.free or spec.styles) and rng.chance(COMPOSED):
        looks = [s for n, s in STYLES.items() if not (spec.colored and (s.mono or n == "cga"))]
        look = rng.choice(looks, [s.weight for s in looks]).name
        raw = draw_scene(seed, None, look, rng.choice(COMPOSED_SIZES), composed=True)
        return View(raw, rng, raw.params["subjects"][0]["noun"])
    scenic = rng.chance(spec.scenic)
    names = [n for n, f in known.items() if not scenic or "backdrop" in f.parameters]
    if spec.free:
        names = [n for n in names if known[n].kind not in ("tile", "scene")]
    family = known[rng.choice(names, [known[n].weight for n in names])]
    styles = spec.styles or tuple(n for n, s in STYLES.items() if not (spec.colored and (s.mono or n == "cga")))
    style = rng.choice(styles, None if spec.styles else [STYLES[n].weight for n in styles])
    size = rng.choice([s for s in family.sizes if min(s) >= 12] or list(family.sizes))
    fixed = {}
    if scenic:
        fixed = {"backdrop": rng.choice([v for v in family.parameters["backdrop"].values if v != "none"])}
    raw = draw_scene(seed, family.name, style, size, fixed)
    return View(raw, rng, subject_noun(family, raw.params))


def plain_captions(noun: str) -> tuple[str, ...]:
    """What stays true of a picture whose colours or place were changed."""
    return (noun, f"pixel art of {article(noun)}", f"{noun} sprite")


def perform(name: str, spec: Exact, raw: RawSprite, region: Region, arguments: dict[str, Any], noun: str) -> RawSprite:
    """The picture after an exact operation, its region mask moved along."""
    operation = spec.applies or name
    assert raw.mask is not None
    rgba = exact.apply(operation, raw.rgba, region, _within(raw) if spec.keep else None, **arguments)
    mask, names = raw.mask, raw.mask_names
    if operation in exact.GRID:
        mask = exact.GRID[operation](raw.mask, opaque(raw.rgba), **arguments)
        if operation == "tile":
            noun = pluralized(noun)
    else:
        fresh = ((mask == 0) | (region if operation == "fill_background" else False)) & opaque(rgba)
        mask = np.where(opaque(rgba), mask, 0).astype(np.uint8)
        if fresh.any():
            new = {"fill_background": "backdrop", "drop_shadow": "shadow"}.get(operation, "outline")
            names = names if new in names else (*names, new)
            mask = np.where(fresh, names.index(new), mask).astype(np.uint8)
    return replace(raw, rgba=rgba, mask=np.ascontiguousarray(mask), mask_names=names, captions=plain_captions(noun))


def _exact(name: str, seed: int) -> Edit | None:
    spec, rng = EXACT[name], Rng(seed, "exact", name)
    v = view(seed, rng, spec)
    chosen = spec.choose(v)
    if chosen is None:
        return None
    region, arguments, words = chosen
    after = perform(name, spec, v.raw, region, arguments, v.noun)
    within = {"within": v.raw.tags["style"]} if spec.keep and _within(v.raw) is not None else {}
    edit = Edit(
        before=v.raw,
        after=after,
        region=exact.touched(spec.applies or name, v.raw.rgba, after.rgba, region),
        operation=name,
        arguments=arguments | within,
        wordings=say(name, words, rng),
    )
    least = max(3, spec.least * min(region.sum(), edit.region.sum()))
    if name not in exact.GRID and edit.changed().sum() < least:
        return None
    if (spec.applies or name) in exact.COLOR:
        a, b = (srgb_to_oklab(x[edit.region][:, :3]) for x in (v.raw.rgba, after.rgba))
        if float(np.sqrt(((a - b) ** 2).sum(-1)).mean()) < VISIBLE:
            return None
    if name == "recolor" and arguments["color"] in COLORS:
        seen = dominant(after.rgba, region)
        if seen is None or not accepts(arguments["color"], seen):
            return None
    return edit


def _undo(seed: int) -> Edit | None:
    """Back to the picture before some other edit."""
    rng = Rng(seed, "undo")
    edit = draw(rng.choice([n for n in OPERATIONS if n not in ("undo", "more")]), seed)
    if edit is None:
        return None
    same = edit.after.rgba.shape == edit.before.rgba.shape
    return Edit(
        before=edit.after,
        after=edit.before,
        region=edit.region if same else np.ones(edit.after.rgba.shape[:2], dtype=bool),
        operation="undo",
        arguments={"undone": edit.operation, "said": edit.instruction},
        wordings=say("undo", {}, rng),
    )


def _more(seed: int) -> Edit | None:
    """The same colour change once more."""
    rng = Rng(seed, "more")
    name = rng.choice(list(COMPARATIVES))
    first = draw(name, seed)
    if first is None:
        return None
    arguments = {k: v for k, v in first.arguments.items() if k != "within"}
    noun = first.after.captions[0]
    return Edit(
        before=first.after,
        after=perform(name, EXACT[name], first.after, first.region, arguments, noun),
        region=first.region,
        operation="more",
        arguments={"operation": name, "said": first.instruction, **first.arguments},
        wordings=say("more", dict(zip(("comparative", "positive"), COMPARATIVES[name])), rng),
    )


OPERATIONS: dict[str, Callable[[int], Edit | None]] = {
    **{name: partial(_exact, name) for name in EXACT},
    **{name: partial(scenes.draw, name) for name in scenes.SCENE},
    **{name: partial(redraw.draw, name) for name in redraw.REDRAW},
    "undo": _undo,
    "more": _more,
}


def draw(operation: str, seed: int) -> Edit | None:
    """An edit from a seed, always the same one; None where the scene drawn cannot show it or more changed than was asked.

    Raises:
        BadInput: an unknown operation.
    """
    if operation not in OPERATIONS:
        raise BadInput(f"no edit operation named {operation!r}; there are: {', '.join(OPERATIONS)}")
    edit = OPERATIONS[operation](seed)
    if edit is None or edit.fault() or not edit.wordings:
        return None
    return edit
