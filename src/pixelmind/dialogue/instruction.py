"""From words to an `EditRequest`: the slots of an understood turn, or by a few plain rules where no network reads the words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pixelmind.data.edits.geometry import STEPS
from pixelmind.data.edits.shape import PATTERNS
from pixelmind.data.procedural.captions import SYNONYMS
from pixelmind.data.procedural.ramps import COLORS
from pixelmind.dialogue.edits import EditRequest
from pixelmind.dialogue.grounding import normal
from pixelmind.dialogue.language import nothing_said
from pixelmind.dialogue.schema import POINTED, SUBJECT, UNCLEAR, WHOLE
from pixelmind.dialogue.values import NUMBER, count, number
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import Intent, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.parser import IntentParser

MAX_CHARS = 1000
#: Operations that need a colour, which then is not the place's own.
NEEDS_COLOR = ("recolor", "fill_background", "recolor_outline", "add_outline", "add")
#: Below this confidence the parser's operation is not taken.
UNSURE = 0.6
_MORE = r"(?:a bit|a little|slightly|much|a lot|way|far|even)"
_NUMBER = rf"{NUMBER}|a couple|a pair"


# ---- slots -------------------------------------------------------------------------------------------------------------
def request_of(
    operation: str, region: str, slots: Mapping[str, Sequence[str]], text: str = "", seed: int = 0
) -> EditRequest:
    """The request that an understood turn asks for.

    Args:
        operation, region: names of `schema.OPERATIONS` and `schema.REGION_NAMES`.
        slots: slot of `schema.SLOTS` to pieces of the text.
        text: the whole turn; "less" and "smaller" in it turn an operation round.
        seed: of what is drawn.
    """

    def first(slot: str) -> str:
        return next(iter(slots.get(slot, ())), "")

    told: dict[str, Any] = {"place": first("region"), "region": region, "subject": first("subject"), "seed": seed}
    told |= {"color": first("color"), "old_color": first("old_color"), "palette": first("palette")}
    if operation == "swap_colors" and not told["old_color"] and len(slots.get("color", ())) > 1:
        told["old_color"], told["color"] = slots["color"][:2]
    if attributes := slots.get("attribute", ()):
        told["subject"] = " ".join((told["subject"], *attributes)).strip()
    if operation in ("restyle", "redraw") and not told["subject"]:
        told["subject"] = ", ".join(w for s in ("style", "mood", "genre", "time") for w in slots.get(s, ()))
    if operation == "restrict_palette" and _is_ramp(told["palette"]):
        operation = "tone_map"  # the nearest of four greens to most colours is one green
    if many := count(first("count")) or count(re.sub(r"\D", " ", first("count"))):
        told["count"] = many
    elif operation == "fewer_colors" and (found := re.search(rf"\b({_NUMBER})\b", f"{told['palette']} {text}")):
        told["count"] = count(found[1])
    if size := re.search(r"(\d+)\s*(?:x|by|×)\s*(\d+)", first("size")):
        told["size"] = (int(size[2]), int(size[1]))
    told |= amount_of(operation, " ".join(slots.get("amount", ())) or text)
    if operation == "pattern":
        told["kind"] = next((kind for kind in sorted(PATTERNS, key=len, reverse=True) if kind in text), "stripes")
    return EditRequest(operation=operation, **told)


def _is_ramp(palette: str) -> bool:
    """Whether a built-in palette is a ramp of few tones of one hue, as of old handhelds."""
    try:
        lab = srgb_to_oklab(palettes.get(palette).colors).astype(float)
    except BadInput:
        return False
    return len(lab) <= 8 and float(lab[:, 1:].std(axis=0).max()) < 0.05


def amount_of(operation: str, text: str) -> dict[str, Any]:
    """The fields of a request that words such as "a bit", "by 20%", "90 degrees", "3 pixels to the left", "twice" fill."""
    text, out = text.lower(), dict[str, Any]()
    if re.search(r"\b(a bit|a little|slightly|a touch|somewhat|a tad)\b", text):
        out["degree"] = "little"
    elif re.search(r"\b(much|a lot|way|very|far|really|strongly|lots)\b", text):
        out["degree"] = "much"
    if found := re.search(r"(\d+(?:\.\d+)?)\s*(?:%|percent)", text):
        share = float(found[1]) / 100
        out["amount"] = (
            share if operation not in ("resize_part", "contrast", "enlarge") else 1 + share if share < 1 else share
        )
    if found := re.search(r"(-?\d+)\s*(?:°|deg)", text):
        out["degrees"] = int(found[1])
    elif operation == "rotate" and re.search(r"upside down|half|around", text):
        out["degrees"] = 180
    elif operation == "rotate" and re.search(r"\bleft\b|counter|anti", text):
        out["degrees"] = 270
    if (
        operation == "rotate"
        and out.get("degrees")
        and re.search(r"\bleft\b|counter|anti", text)
        and out["degrees"] != 270
    ):
        out["degrees"] = -out["degrees"] % 360
    if found := re.search(rf"({_NUMBER})\s*(?:px|pixels?|cells?)\b", text):
        out["pixels"] = count(found[1])
    if found := re.search(rf"({_NUMBER})\s*(?:x\b|times)", text):
        times = number(found[1]) or count(found[1])
        out |= {"amount": times} if operation == "resize_part" else {"count": count(found[1])}
    elif re.search(r"\b(twice|double)\b", text):
        out["amount" if operation == "resize_part" else "count"] = 2
    elif re.search(r"\bhalf\b", text) and operation == "resize_part":
        out["amount"] = 0.5
    if operation in ("shift", "move", "duplicate", "symmetric"):
        words = {
            "upward": "up",
            "upwards": "up",
            "higher": "up",
            "downward": "down",
            "downwards": "down",
            "lower": "down",
        }
        found_way = re.findall(rf"\b({'|'.join((*STEPS, *words))})\b", text)
        if found_way:
            out["direction"] = words.get(found_way[-1], found_way[-1])
    elif operation == "contrast" and re.search(r"\b(less|lower|reduce|decrease|softer|flatter)\b", text):
        out["direction"] = "less"
    elif operation == "resize_part" and re.search(r"\b(smaller|shrink|shorter|thinner|tinier|less)\b", text):
        out["direction"] = "smaller"
    elif operation == "add" and (place := re.search(r"\b(left|right)\b", text)):
        out["position"] = place[1]
    return out


# ---- a few plain rules ------------------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def _rules() -> list[tuple[re.Pattern[str], str]]:
    """(pattern, operation), the first that fits counts; groups are slots."""
    names = {n for n, (_, basic) in COLORS.items() if basic} | {
        w for n, ws in SYNONYMS.items() if n in COLORS for w in ws
    }
    color = rf"(?P<color>#[0-9a-f]{{6}}|{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})"
    old = color.replace("<color>", "<old_color>")
    the, place = r"(?:the |his |her |its |my )?", r"(?P<region>.+?)"
    more = rf"(?:{_MORE} )*"
    make = rf"(?:make |turn |let |is |are |should be )*{the}{place} (?:is |are |should be |look )?{more}"
    shades = {
        "darken": ("darker|dimmer", "darken|dim"),
        "lighten": ("lighter|brighter", "lighten|brighten"),
        "desaturate": ("less (?:colou?rful|saturated|vivid)|duller|paler|muted", "desaturate|mute"),
        "saturate": ("more (?:colou?rful|saturated|vivid)", "saturate"),
        "warmer": ("warmer", "warm up"),
        "colder": ("colder|cooler", "cool down"),
        "grayscale": ("gr[ae]yscale|black and white", "gr[ae]yscale"),
        "invert": ("inverted", "invert"),
        "resize_part": ("bigger|larger|smaller|taller", "shrink|enlarge (?=the|his|her)"),
    }
    rules = [
        (rf"(?:use|apply|switch to|convert (?:it )?to|in|with) {the}(?P<palette>.+?) (?:palette|colou?rs)", "restrict_palette"),
        (r"(?:fewer|less|reduce|limit|at most|only|down to)\b.*colou?rs?|^\d+ colou?rs", "fewer_colors"),
        (rf"thick\w* {the}(?:outline|border)|(?:outline|border) thicker|thicker (?:outline|border)", "thicken_outline"),
        (rf"(?:add|give|draw|put)\b(?:.*?\b{color})?.*?\b(?:outline|border)", "add_outline"),
        (rf"(?:replace|change|turn|swap) {the}(?:all )?{old} (?:parts? |cells )?(?:with|by|for|to|into) {color}\b", "replace_color"),
        (rf"swap {the}{old} and {the}{color}", "swap_colors"),
        (rf"(?:replace|swap|exchange|turn|change) {the}{place} (?:with|by|for|into|to (?=an? )) ?(?:an? |the )?(?P<subject>.+)", "replace"),
        (rf"fill {the}background (?:with |in )?{color}", "fill_background"),
        (rf"(?:make |give it )?(?:the |an? )?{color} background", "fill_background"),
        (rf"make the background {color}$", "fill_background"),
        (rf"^{the}{place} (?:is|are|looks?) (?:\w+ )?too (?:bright|light)", "darken"),
        (rf"^{the}{place} (?:is|are|looks?) (?:\w+ )?too dark", "lighten"),
        (rf"(?:recolou?r|paint|colou?r|make|turn|dye|change) {the}{place} (?:to |into |in )?(?:an? )?{color}$", "recolor"),
        *((rf"{make}(?:{adjective})$", name) for name, (adjective, _) in shades.items()),
        *((rf"(?:{verb}) {the}{place}(?: {more.removesuffix(' ')})?(?: by .*)?$", name) for name, (_, verb) in shades.items()),
        (r"(?P<contrast>contrast)", "contrast"),
        (rf"(?:mirror|flip {the}{place} horizontally|face the other way)(?: {the}(?P<region2>.+))?", "mirror"),
        (rf"flip {the}{place}(?: upside down| vertically)?$|upside down", "flip"),
        (rf"(?:rotate|turn) {the}{place}(?: by.*| to the.*| \d.*| clockwise| counter.*|$)", "rotate"),
        (rf"(?:copy|duplicate|double) {the}{place}$", "duplicate"),
        (rf"(?:move|shift|push) {the}{place} (?:by |to |\d|left|right|up|down|a bit|{_NUMBER}).*", "move"),
        (rf"put (?P<kind>{'|'.join(PATTERNS)}) on {the}{place}$", "pattern"),
        (r"(?:add |with )?(?:an? )?drop shadow", "drop_shadow"),
        (rf"dither {the}{place}$", "dither"),
        (r"\bcrop\b|trim", "crop"),
        (r"(?:extend|grow|pad|widen|bigger).*canvas|canvas bigger|\bpad\b", "pad"),
        (r"(?:enlarge|scale|upscale) (?:it|everything|the (?:picture|sprite))", "enlarge"),
        (r"\bcent(?:er|re)\b", "center"),
        (r"\btile\b", "tile"),
        (rf"(?:remove|delete|erase|clear|take away|get rid of|without|drop) {the}{place}$", "remove"),
        (r"(?:add|give (?:him|her|it|them|me)|put|draw|place) (?:an? |some |the )?(?P<subject>.+?)"
         rf"(?: (?:to|on|onto|in|into|above|at|by|near) {the}{place})?$", "add"),
        (r"(?:redraw|draw (?=.* (?:again|anew))) *(?:the )?(?P<region>.+?)(?: again| anew)?$", "redraw"),
        (r"(?:make|turn) (?:it|everything|the picture) (?:into |look )?(?:like |more )?(?P<subject>.+)$", "restyle"),
    ]  # fmt: skip
    return [(re.compile(rf"(?:^|\b){pattern}"), name) for pattern, name in rules]


_POLITE = re.compile(r"^(?:please|can you|could you|would you|now|ok|okay|hmm|and|then|just|also|let's|i want you to|i'd like you to)[, ]+|"
                     r"[,. ]*(?:please|thanks|thank you)?[.!?]*$")  # fmt: skip


def read_instruction(text: str, seed: int = 0) -> EditRequest:
    """Read one instruction by rules; the intent parser takes this place.

    Raises:
        BadInput: empty, too long, or none of the rules fits.
    """
    words = " ".join(text.lower().split())
    if not words:
        raise BadInput('the instruction is empty; say what to change, for example "make the sky darker"')
    if len(words) > MAX_CHARS:
        raise BadInput(f"the instruction has {len(words)} characters; use at most {MAX_CHARS}")
    shorter = ""
    while shorter != words:
        shorter, words = words, _POLITE.sub("", words)
    for pattern, operation in _rules():
        if found := pattern.search(words):
            slots = {name.rstrip("2"): (value.strip(),) for name, value in found.groupdict().items() if value}
            slots.pop("contrast", None)
            plain = slots.get("region", ("",))[0] in ("it", "this", "everything", "the picture")
            if operation == "recolor" and slots["region"][0].endswith("outline"):
                operation = "recolor_outline"
            if operation == "resize_part" and plain:
                operation = "enlarge"
            if operation == "fewer_colors":
                slots["count"] = tuple(re.findall(rf"\b(?:{_NUMBER})\b", words)[:1])
            if size := re.search(r"\d+ ?(?:x|by|×) ?\d+", words):
                slots["size"] = (size[0],)
            if "region" in slots:
                slots["region"] = (re.sub(rf" {_MORE}$", "", slots["region"][0]),)
            slots["amount"] = (
                words.replace(slots.get("region", ("\n",))[0], " "),
            )  # "left" in "the left flag" is no direction
            return request_of(operation, "", slots, words, seed)
    raise BadInput(
        f'"{text.strip()[:60]}" is not understood; say it like: make the sky darker, recolor the cape to green, '
        "remove the hat, add a red outline, replace the sword with an axe, use the game boy palette"
    )


# ---- what the parser understood ----------------------------------------------------------------------------------------
def understood(text: str, sprite: Sprite, seed: int, parser: IntentParser | None) -> EditRequest:
    """What an instruction asks for outside a dialogue: as the parser reads it, by the plain rules without one.

    Raises:
        BadInput: no words, no edit, or one that leaves open what to change.
    """
    nothing_said(text)
    intent = None if parser is None else parser.parse(text)
    if intent is None or intent.act != "edit":
        return read_instruction(text, seed)
    return edits_request(text, intent, sprite, seed)


def edits_request(text: str, intent: Intent, sprite: Sprite, seed: int) -> EditRequest:
    """The request of an understood edit; where the parser is unsure of the operation, by the plain rules.

    Raises:
        BadInput: neither says what to change.
    """
    if intent.operation == UNCLEAR or intent.confidence.get("operation", 1.0) < UNSURE:
        return read_instruction(text, seed)
    slots = _placed(text, intent)
    region = WHOLE if slots is not intent.slots and intent.region == POINTED else intent.region
    request = request_of(intent.operation, region, slots, text, seed)
    prompt = normal(str(sprite.provenance.get("prompt", ""))).split()
    if request.region == SUBJECT and request.place and not set(normal(request.place).split()) & set(prompt):
        request = replace(request, region="")  # a thing that was not asked for is looked for by its name alone
    return request


def _placed(text: str, intent: Intent) -> Mapping[str, Sequence[str]]:
    """The slots with a colour or side that stands right before the place put to it ("red part", "left half"), where the operation has
    another colour or needs none."""
    place = next(iter(intent.slots.get("region", ())), "")
    if not place:
        return intent.slots
    for slot in ("color", "old_color", "amount"):
        for piece in intent.slots.get(slot, ()):
            whole = next(
                (
                    w
                    for w in (f"{piece} {place}", f"{place} {piece}")
                    if w in text and (w.startswith(piece) or piece == "half")
                ),
                "",
            )
            left = [p for s in ("color", "old_color") for p in intent.slots.get(s, ()) if p != piece]
            if whole and (slot == "amount" or left or intent.operation not in NEEDS_COLOR):
                kept = {s: tuple(p for p in ps if (s, p) != (slot, piece)) for s, ps in intent.slots.items()}
                return {**kept, "region": (whole, *intent.slots["region"][1:])}
    return intent.slots
