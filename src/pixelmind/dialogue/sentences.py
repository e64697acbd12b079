"""What an edit did, in one plain sentence, with the number of cells it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixelmind.data.edits.instructions import article
from pixelmind.dialogue.schema import DRAWN_OPERATIONS, OUTLINE, SUBJECT, WHOLE
from pixelmind.pixels import palettes
from pixelmind.records import Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.edits import EditRequest

#: Slots: {the} the part with its article, {v[...]} an argument.
_DONE: dict[str, str] = {
    "darken": "made {the} darker",
    "lighten": "made {the} lighter",
    "saturate": "made the colours of {the} stronger",
    "desaturate": "made the colours of {the} weaker",
    "grayscale": "took the colour out of {the}",
    "invert": "turned the colours of {the} into their opposites",
    "warmer": "made {the} warmer",
    "colder": "made {the} colder",
    "hue_shift": "turned the hue of {the} by {v[degrees]} degrees",
    "contrast": "changed the contrast of {the} by a factor of {v[factor]:.2g}",
    "recolor": "made {the} {v[color]}",
    "fewer_colors": "brought {the} down to {v[count]} colours",
    "restrict_palette": "brought {the} to the nearest colours of {palette}",
    "tone_map": "drew {the} in the tones of {palette}",
    "fog": "put fog over {the}",
    "replace_color": "replaced {v[color]} with {v[to]} in {the}",
    "swap_colors": "swapped {v[color]} and {v[other]} in {the}",
    "add_outline": "drew {a_line} around {the}",
    "remove_outline": "took the outline of {the} away",
    "recolor_outline": "made the outline of {the} {v[color]}",
    "thicken_outline": "made the outline of {the} thicker",
    "remove_background": "made the background clear",
    "fill_background": "filled the background with {v[color]}",
    "drop_shadow": "put a shadow under {the}",
    "highlight": "put light on the edges of {the}",
    "shade": "shaded the edges of {the}",
    "dither": "dithered {the}",
    "undither": "smoothed the dithering of {the}",
    "pattern": "put {v[kind]} on {the}",
    "mirror": "mirrored {the}",
    "flip": "flipped {the} upside down",
    "rotate": "turned {the} by {v[degrees]} degrees",
    "shift": "moved {the}",
    "crop": "cropped the canvas to {size}",
    "pad": "extended the canvas to {size}",
    "enlarge": "enlarged {the} {v[times]} times, to {size}",
    "tile": "laid {v[columns]} by {v[rows]} copies side by side, {size}",
    "symmetric": "mirrored the {v[side]} half onto the other",
    "center": "moved everything to the middle",
    "remove": "took {the} away",
    "duplicate": "put {copies} of {the} beside it",
    "move": "moved {the}",
    "resize_part": "made {the} {v[factor]:.2g} times as large",
    "add": "added {subject}",
    "replace": "drew {subject} in place of {the}",
    "restyle": "drew {the} anew: {subject}",
    "redraw": "drew {the} anew",
}


def spoken(place: str) -> str:
    """The place with its article."""
    return {WHOLE: "the picture", SUBJECT: "the figure", OUTLINE: "the outline"}.get(place, f"the {place}")


def sentence(
    request: EditRequest, place: str, arguments: dict[str, Any], cells: int, before: Sprite, after: Sprite
) -> str:
    """One sentence of what was done."""
    size = f"{after.width}x{after.height} px"
    copies = arguments.get("copies", 1)
    done = _DONE[request.operation].format(
        the=spoken(place),
        v=arguments,
        size=size,
        palette=_palette(str(arguments.get("palette", ""))),
        subject=article(request.subject) if request.operation != "restyle" and request.subject else request.subject,
        copies="a copy" if copies == 1 else f"{copies} copies",
        a_line=article(f"{arguments['color']} outline") if "color" in arguments else "a black outline",
    )
    if (before.width, before.height) != (after.width, after.height):
        return f"I {done}."
    if not cells:
        limited = before.provenance.get("palette") or before.provenance.get("max_colors")
        why = "its palette has no nearer colour for that" if limited else "it is so already"
        return f"I wanted to do that ({done}), but no cell changed: {why}."
    number = "1 cell" if cells == 1 else f"{cells} cells"
    drawn = request.operation in DRAWN_OPERATIONS
    return f"I {done}: {number}{' drawn anew' if drawn else ''}."


def _palette(name: str) -> str:
    try:
        return palettes.title(name)
    except ValueError:
        return f"the palette {name}"
