"""What a turn can mean: acts, slots, operations, regions, open points and contradictions. Everything that labels, learns, parses or
measures turns takes its names from here.

A labelled turn is an `Example`. Slots are exact pieces of the text, so they can be found again as BIO tags (Ramshaw & Marcus 1995).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelmind.data.edits import exact
from pixelmind.data.procedural.regions import REGIONS

ACTS: dict[str, str] = {
    "generate": "draw something new: a noun phrase alone, 'draw …', 'I need …'",
    "edit": "change the sprite talked about, whatever the wording: 'make the sky darker', 'it should have a red hat', 'too dark'",
    "refine": "draw the same wish again or more of it: 'another one', 'try again', 'more like the second', 'give me variations'",
    "undo": "take back the last change or go back to an earlier picture: 'undo', 'no, go back', 'as it was before'",
    "redo": "take back the undo",
    "compare": "show pictures beside each other or tell their difference: 'compare 1 and 3', 'what changed?', 'show me both'",
    "approve": "content: 'perfect', 'I take number 2', 'keep this one'",
    "reject": "not content, with no change named: 'no', 'I don't like any of these', 'ugly'",
    "answer": "answers the question just asked: 'Game Boy', 'the second', 'yes', 'you decide'; only after a question",
    "ask": "asks about the program, the sprite or its parts: 'what can you do?', 'which colours are in it?'",
    "save": "write to disk or export: 'save it', 'export as aseprite'",
}

SLOTS: dict[str, str] = {
    "subject": "the thing to draw, add or put in another's place, with its compound: 'castle', 'health potion', 'pirate captain'",
    "attribute": "what it is like or has, other than colour, without 'with a': 'beard', 'broken', 'holding a torch', 'made of ice'",
    "absent": "what must not be there: 'helmet' in 'without a helmet', 'flags' in 'no flags'",
    "region": "the part of a sprite an edit is about: 'sky', 'left tower', 'her hair', 'background', 'outline'; without article or pronoun",
    "color": "a colour wanted, a word or hex: 'red', 'dark teal', '#ff8800', 'golden'",
    "old_color": "a colour to be replaced: 'red' in 'replace the red with blue'",
    "palette": "a palette, console or computer wanted: 'game boy', 'NES', 'pico-8', 'web-safe 1996', '16 colours'",
    "count": "how many of a thing: 'three', '2', 'a pair of', 'a few'",
    "size": "size of the canvas: '32x32', '64 by 48', '16px', 'tiny' (of the canvas)",
    "view": "'isometric', 'top-down', 'side view', 'front view', 'portrait'",
    "style": "'8-bit', 'pixel art', 'outlined', 'dithered', 'flat', 'chibi', 'minimal', 'highly detailed', 'retro'",
    "genre": "'fantasy', 'cyberpunk', 'horror', 'western', 'sci-fi'",
    "mood": "'nostalgic', 'spooky', 'cozy', 'epic', 'cute', 'gloomy'",
    "time": "time of day, season, weather: 'at night', 'sunset', 'noon', 'snowy', 'winter'",
    "reference": "points to something said or shown: 'it', 'that', 'the second one', 'number 3', 'the one before', 'the first version'",
    "amount": "how much: 'a bit', 'much', 'slightly', 'by 20%', 'twice', '90 degrees', '3 pixels', 'to the left'",
    "format": "'png', 'gif', 'aseprite', 'sprite sheet'",
}

#: Operations of an edit beside the exact ones of `exact.NAMES`: by cells of a part, and those that need new drawing.
PART_OPERATIONS: dict[str, str] = {
    "remove": "take a part away",
    "duplicate": "a second copy of a part beside it",
    "move": "a part to another place",
    "resize_part": "a part larger or smaller",
}
DRAWN_OPERATIONS: dict[str, str] = {
    "add": "something that is not there",
    "replace": "a part by another thing",
    "restyle": "the whole or a part drawn anew in another style, mood, genre, time or weather",
    "redraw": "the part drawn anew, other details or quality: 'more detail', 'a better face'",
}
NO_OPERATION = "none"
UNCLEAR = "unclear"  # an edit whose operation is open: 'fix the hat', 'make it better', 'change the sky'
OPERATIONS: tuple[str, ...] = (NO_OPERATION, UNCLEAR, *exact.NAMES, *PART_OPERATIONS, *DRAWN_OPERATIONS)

#: Regions beside the region classes of masks ("background" is one of those).
WHOLE, SUBJECT, OUTLINE, POINTED, NO_REGION = "whole", "figure", "outline", "pointed", "none"
REGION_NAMES: tuple[str, ...] = (NO_REGION, WHOLE, SUBJECT, OUTLINE, POINTED, *REGIONS)

#: What may be left open so far that two people would expect different pictures; the label names the slots a question should be about.
AMBIGUITIES: dict[str, str] = {
    "subject": "no thing named: 'draw something nice', 'make me a sprite'",
    "style": "a look with several readings: 'retro', 'modern', 'in that classic style', 'old school'",
    "mood": "a feeling that may become colours, weather or content: 'nostalgic', 'cool', 'make it pop', 'more dramatic'",
    "color": "a colour change without the colour: 'another colour', 'recolour the cape', 'nicer colours'",
    "region": "an edit whose place is open: 'make that part darker', 'change the other one', 'the thing on the side'",
    "operation": "an edit whose change is open: 'fix the hat', 'do something with the sky'",
    "amount": "'bigger canvas', 'move it', 'fewer colours' with no number, 'rotate it' with no angle",
    "count": "'some flags', 'a few trees' where the number matters in a sprite, 'more windows'",
    "reference": "points to what cannot be known from the turns: 'like before' at the start, 'the other one' of four",
    "size": "a size told by a word: 'a big sprite', 'tiny', 'icon sized'",
}

#: Wishes that cannot all hold. The label names the kinds.
CONTRADICTIONS: dict[str, str] = {
    "detail": "minimal against highly detailed, simple against intricate",
    "realism": "photorealistic, smooth gradients, HD or anti-aliased against pixel art or a tiny canvas",
    "era": "an old machine against a new one or its quality: 'NES and PS5 quality', '8-bit 4k'",
    "palette_color": "a palette or 1-bit, greyscale, Game Boy against colours it has not: 'game boy palette with a red cape'",
    "color_budget": "fewer colours allowed than named or needed: '2 colours: red, green, blue and gold', 'rainbow in two colours'",
    "count": "two different numbers of the same thing: 'a single tower with three towers'",
    "time": "two times or weathers: 'sunny noon under the full moon', 'snowstorm on a hot summer day'",
    "view": "two views: 'isometric side view'",
    "presence": "asked for and excluded: 'a knight with a helmet and no helmet', 'empty treasure chest full of gold'",
    "size": "two sizes, or a size that cannot be: '16x16 at 128 px', '0x0', 'a 4000x4000 sprite'",
    "text": "readable writing or too many things for the canvas: '8x8 icon with the words GAME OVER', 'army of 100 soldiers in 16x16'",
    "color": "two colours for one thing, or opposites: 'all black white cat', 'colourful greyscale bird', 'a darker and brighter sky'",
}

#: What the program asked last, as context of an answer: a slot of AMBIGUITIES, "contradiction", "candidates", "confirm".
QUESTIONS: tuple[str, ...] = (*AMBIGUITIES, "contradiction", "candidates", "confirm")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A turn with what it means.

    `slots`: slot to pieces of `text`, in the order they stand there. `region`: one of REGION_NAMES, the class that the words of the
    place mean ("left tower" is a "wall"; "whole" where an edit names no place; "none" where the act is no edit). `asked`: what the
    program had asked just before, one of QUESTIONS, or "". `history`: the turns before, the person's words only, oldest first.
    `resolved`: what pieces of slot "reference" (and pronouns that name a part) point to: a region class, "turn N", "candidate N", "last".
    """

    text: str
    act: str
    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    operation: str = NO_OPERATION
    region: str = NO_REGION
    ambiguous: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    asked: str = ""
    history: tuple[str, ...] = ()
    resolved: dict[str, str] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """What is wrong with the labels, in words; empty where nothing is."""
        known: tuple[tuple[str, object, tuple[str, ...]], ...] = (
            ("act", (self.act,), tuple(ACTS)),
            ("slot", self.slots, tuple(SLOTS)),
            ("operation", (self.operation,), OPERATIONS),
            ("region", (self.region,), REGION_NAMES),
            ("ambiguous", self.ambiguous, tuple(AMBIGUITIES)),
            ("contradiction", self.contradictions, tuple(CONTRADICTIONS)),
            ("asked", (self.asked,) if self.asked else (), QUESTIONS),
        )
        found = [f"{what} {name!r} is not known" for what, names, all_ in known for name in names if name not in all_]  # type: ignore[attr-defined]
        found += [
            f"{s}: {p!r} is not in the text" for s, pieces in self.slots.items() for p in pieces if p not in self.text
        ]
        if (self.act == "edit") == (self.operation == NO_OPERATION):
            found.append("an edit, and nothing else, has an operation")
        if (self.act == "edit") == (self.region == NO_REGION):
            found.append("an edit, and nothing else, has a region")
        if self.act == "answer" and not self.asked:
            found.append("an answer needs a question before it")
        return found
