"""Captions as a person would say them: from path words, ids and pixels to 1-4 clean English phrases per picture.

Importers turn a file's words into a *subject* ("fire dragon", "potion of healing") and call `describe`, which adds what
the picture is (its category) and the colours that are really seen. Colours are named by the nearest of a few prototypes
in OKLab (B. Ottosson, "A perceptual color space for image processing", 2020), so that a name is used only where the
pixels bear it out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8

MAX_CAPTION_CHARS = 200
MAX_CAPTIONS = 4


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: sRGB prototypes of the twelve plain colour names; several to a name, because "brown" is a region and not a point.
_PROTOTYPES: dict[str, tuple[str, ...]] = {
    "black": ("000000", "161616", "1c1420", "141c20", "101a10"),
    "gray": ("404040", "606060", "808080", "a0a0a0", "bcbcbc", "6c7480", "807468"),
    "white": ("ffffff", "e8e8e8", "f0f0e4", "e0e8f0"),
    "red": ("e01818", "b01010", "800808", "500808", "d04038", "f05048"),
    "orange": ("f08018", "e06010", "ffa040", "d07018"),
    "yellow": ("f8e020", "e0c018", "fff080", "c8b820", "d8b040"),
    "green": ("30b030", "187018", "60d848", "104010", "708028", "90c860", "405018", "30a070"),
    "cyan": ("30d8d8", "20a0a0", "90f0f0", "106868"),
    "blue": ("2050e0", "102890", "4890f0", "101848", "88b8f0", "4060a0"),
    "purple": ("8030c0", "501880", "a060d8", "301048", "b090d8", "70407c"),
    "pink": ("f080b0", "f8b0c8", "e050a0", "f0a0a0", "c86890"),
    "brown": ("805028", "603818", "402410", "a07040", "906050", "b89060", "302018", "705840"),
}
BASIC_COLOURS = tuple(_PROTOTYPES)
#: Words that already name a colour in a caption (a grayscale augmentation removes them; `describe` adds none to them).
COLOUR_WORDS = frozenset(BASIC_COLOURS) | _set(
    "grey golden gold silver silvery crimson scarlet maroon ruby rust amber tan beige cream ivory lime olive emerald "
    "jade teal turquoise aqua azure navy cobalt indigo violet magenta lavender lilac mauve bronze copper brass brassy "
    "blonde blond dark pale light bright colourful colorful rainbow blueish bluish reddish greenish yellowish sapphire "
    "cerulean ebony rosy rose ochre sepia"
)
ABBREVIATIONS = {
    "lt": "light",
    "hvy": "heavy",
    "sm": "small",
    "lg": "large",
    "xl": "extra large",
    "elec": "electric",
    "mech": "mechanical",
    "mil": "military",
    "amb": "ambulance",
    "fem": "female",
    "bkgd": "background",
    "bg": "background",
    "sword2h": "two-handed sword",
    "misc": "",
    "var": "",
    "alt": "",
    "img": "",
    "tex": "",
    "rect": "rectangular",
    "horiz": "horizontal",
    "vert": "vertical",
    "armor": "armour",
    "glo": "glowing",
    "grey": "gray",
    "gray": "gray",
    "lvl": "level",
    "tmp": "",
    "copy": "",
    "new": "",
    "old": "old",
    "mag": "magazine",
    "ammo": "ammunition",
    "med": "medical",
    "pkg": "package",
    "dmg": "damaged",
    "w": "with",
}
#: Ids that put the noun first: "dragon_fire", "shirt_plaid" read "fire dragon", "plaid shirt".
NOUN_FIRST = _set(
    "skeleton dragon drake vortex elemental golem hound spider hydra snake bear worm beetle turret robot triffid slug "
    "potion scroll ring amulet wand book sword axe mace dagger spear bow shield helmet helm armour cloak robe boots "
    "gloves shirt pants jacket coat dress skirt hat cap mask vest hoodie socks shoes scarf bag backpack box crate "
    "bottle jar can door gate window wall floor roof tree bush flower fence statue fountain altar table chair bench "
    "bed sofa desk lamp rack shelf cabinet counter sign tile rug carpet grave sand rock crystal seed meat cheese "
    "bread juice tea soup frame wheel engine tank"
)
_MASS = _set(
    "armour armor mail water lava grass sand dirt mud snow ice fire smoke fog gold silver iron leather cloth wood "
    "stone meat cheese bread juice tea soup milk honey rice flour sugar salt clothing food money ammunition fur hair "
    "moss gravel rubble acid blood slime silk wool cotton electricity lightning steam wine beer coffee ground plate "
    "furniture barding terrain wheat corn hay soil brickwork jewellery glass dust mist gas rain debris magic equipment "
    "sewage lard tallow marrow bacon toast dough petrol diesel oil fuel paint ink glue wax lumber coal gunpowder powder "
    "seafood celery spinach garlic cinnamon salami bread popcorn ketchup mustard mayonnaise chocolate "
    "caffeine medicine ectoplasm miasma foliage underbrush seaweed seagrass kelp moonlight sunlight lightning "
    "headgear footwear weaponry armament machinery graffiti scaffolding litter wreckage music money straw yarn string"
)
_ALWAYS_SINGULAR = _set("chaos compass cyclops pegasus atlas canvas cutlass")
_EXTENSION = re.compile(r"\.(png|gif|bmp|jpe?g|webp|xcf|ase|aseprite|json|txt|base|clsc)\b.*$", re.I)
_ACRONYM = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


_NAMES = np.array([name for name, codes in _PROTOTYPES.items() for _ in codes])
_LAB = srgb_to_oklab(
    np.array([list(bytes.fromhex(c)) for codes in _PROTOTYPES.values() for c in codes], dtype=np.uint8)
)
_WEIGHT = np.array([1.0, 1.6, 1.6])  # hue and chroma decide a colour's name more than lightness does


def words_from_stem(stem: str, *, keep_models: bool = False) -> list[str]:
    """Split a file stem or an id into lower-case words, without extension, variant numbers and lone letters.

    `keep_models` keeps tokens such as "ak47" or "m1911", which name a thing. "fire_vortex3.png" -> ["fire", "vortex"].
    """
    stem = _EXTENSION.sub("", stem.rsplit("/", 1)[-1])
    words: list[str] = []
    for token in re.split(r"[\s_\-.+,()\[\]#]+", _ACRONYM.sub(" ", stem)):
        token = token.lower().strip("'\"!?:;")
        if keep_models and re.fullmatch(r"[a-z]{1,4}\d{1,4}[a-z]?", token):
            words.append(token)
            continue
        for part in re.findall(r"[^\W\d_]+(?:'[a-z]+)?", token):
            expanded = ABBREVIATIONS.get(part, part)
            if len(part) > 1 or part in ABBREVIATIONS:
                words.extend(expanded.split())
    return words


def clean_caption(text: str) -> str:
    """Lower case, single spaces, no underscores, extensions or trailing variant numbers, at most 200 characters."""
    text = "".join(c for c in unicodedata.normalize("NFKD", text.strip()) if not unicodedata.combining(c))
    text = _EXTENSION.sub("", text)
    text = re.sub(r"[\s_]+", " ", text).lower()
    text = re.sub(r"[{}<>|\\*^~`\"]", "", text)
    text = re.sub(r"\ba(?= (?:[ai]|e(?!u)|o(?!ne\b|nce\b)))", "an", text)  # "a orange robe", as tables fill it in
    text = re.sub(r"\b(\w+)( \1\b)+", r"\1", text)  # "red red door" says it once
    text = re.sub(r"(?:\s+#?\d+)+$", "", text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r" {2,}", " ", text)).strip(" ,;:-.")
    if len(text) > MAX_CAPTION_CHARS:
        cut = text[:MAX_CAPTION_CHARS]
        stop = max(cut.rfind(". "), cut.rfind(", "))
        text = (cut[:stop] if stop > 60 else cut.rsplit(" ", 1)[0]).rstrip(" ,;:-.")
    return text


def is_plural(phrase: str) -> bool:
    """Whether the phrase's head noun (the word before of / with / in / on) is a plural."""
    head = _head(phrase)
    if len(head) < 3 or head in _ALWAYS_SINGULAR:
        return False
    return head.endswith("s") and not head.endswith(("ss", "us", "is", "as"))


def _head(phrase: str) -> str:
    words = re.split(r"\s+(?:of|with|in|on|from|for|holding|wearing|at)\b|[,;]", phrase, maxsplit=1)[0].split()
    return words[-1] if words else ""


def article(phrase: str) -> str:
    """Return "a" or "an" by the phrase's first sound; "" before a plural or uncountable noun ("leather armour")."""
    if not phrase or is_plural(phrase) or _head(phrase) in _MASS or re.match(r"(the|an?|some|his|her)\b", phrase):
        return ""
    spelled = r"[fhlmnrsx](?=[^aeiouy\s]*\d|[^aeiouy\s'-]+\b)"  # letters said one by one: "an mp5", "an mri"
    vowel = re.match(rf"[aeiou8]|11\b|18\b|honest|hour|heir|mr[ie]\b|{spelled}", phrase)
    exception = re.match(r"uni(?!n)|use|usa|eu|one\b|once|ute|uku|ura", phrase)
    return "an" if vowel and not exception else "a"


def with_article(phrase: str) -> str:
    """The phrase behind its article: "an elf", "a unicorn", "leather boots"."""
    return f"{article(phrase)} {phrase}".strip()


def rewriter(phrases: Mapping[str, str], rules: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that puts a subject into a reader's words by a source's own tables.

    `phrases` are whole subjects and what they should say; `rules` are patterns with replacements, tried in their order,
    with the phrases again after each. An empty answer means that the picture has no words and is left out.
    """
    compiled = [(re.compile(pattern), said) for pattern, said in rules.items()]

    def rewrite(text: str) -> str:
        text = phrases.get(text, text)
        for pattern, said in compiled:
            new = " ".join(pattern.sub(said, text).split())
            text = phrases.get(new, new) if new != text else text
        return text

    return rewrite


def noun_last(words: Sequence[str], heads: frozenset[str] = NOUN_FIRST) -> list[str]:
    """Move a leading noun to the end: ["skeleton", "necro"] -> ["necro", "skeleton"]; other orders are left alone."""
    if len(words) > 1 and words[0] in heads and words[-1] not in heads and "of" not in words:
        return [*words[1:], words[0]]
    return list(words)


def has_colour_word(text: str) -> bool:
    """Whether a caption already names a colour."""
    return not COLOUR_WORDS.isdisjoint(re.findall(r"[a-z]+", text.lower()))


def color_shares(rgba: U8) -> dict[str, float]:
    """Share of the opaque pixels of uint8 [H, W, 4] under each basic colour name, largest first, outlines counted less.

    Near-black pixels count a third: in pixel art they are mostly outline and shade.
    """
    pixels = rgba.reshape(-1, rgba.shape[-1])
    colors, counts = np.unique(pixels[pixels[:, 3] >= 128, :3], axis=0, return_counts=True)
    if not len(colors):
        return {}
    distance = (((srgb_to_oklab(colors)[:, None] - _LAB[None]) * _WEIGHT) ** 2).sum(-1)
    names = _NAMES[distance.argmin(1)]
    weight = counts * np.where(names == "black", 1 / 3, 1.0)
    shares = {name: float(weight[names == name].sum() / weight.sum()) for name in np.unique(names)}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def dominant_color_words(rgba: U8, *, first: float = 0.42, second: float = 0.25) -> list[str]:
    """Zero to two plain colour names that dominate a picture, uint8 [H, W, 4].

    One name needs a share of `first` of the opaque pixels; two are given where both have at least `second` and
    together two thirds. A picture of many colours gets none.
    """
    ranked = list(color_shares(rgba).items())
    if not ranked:
        return []
    if ranked[0][1] >= 0.6 or (ranked[0][1] >= first and (len(ranked) == 1 or ranked[1][1] < second)):
        return [ranked[0][0]]
    if len(ranked) > 1 and ranked[1][1] >= second and ranked[0][1] + ranked[1][1] >= 0.66:
        return [ranked[0][0], ranked[1][0]]
    return []


def accent_color_word(rgba: U8) -> str:
    """The plain name of a bright colour that is a detail of uint8 [H, W, 4]: 6 to 25 % of it, the most of its kind.

    Black, gray, white and brown are no accents, nor is a colour of `dominant_color_words`.
    """
    main = {*dominant_color_words(rgba), "black", "gray", "white", "brown"}
    return next((name for name, share in color_shares(rgba).items() if 0.06 <= share <= 0.25 and name not in main), "")


def unique(captions: Iterable[str], limit: int = MAX_CAPTIONS) -> tuple[str, ...]:
    """The cleaned captions in order, each once, empty ones dropped, at most `limit`."""
    out = dict.fromkeys(clean_caption(c) for c in captions)
    out.pop("", None)
    return tuple(out)[:limit]


def describe(
    subject: str,
    *,
    rgba: U8 | None = None,
    category: str = "",
    detail: str = "",
    extra: Sequence[str] = (),
    proper: bool = False,
) -> tuple[str, ...]:
    """Compose one to four varied captions, best first: a name, a phrase, a phrase with colours, a list of words.

    Args:
        subject: what the picture shows, in reading order, without article: "satyr", "potion of healing".
        rgba: uint8 [H, W, 4]; given, and where the subject names no colour, a caption names the measured colours.
        category: what kind of thing it is, without article ("horned monster"); skipped where the subject says it.
        detail: a tail for the longer captions ("seen from behind", "in autumn").
        extra: whole captions to add (a game's own description).
        proper: the subject is a name ("sigmund") and takes no article.
    """
    subject = clean_caption(subject)
    if not subject:
        return unique(extra)
    noun = subject if proper else with_article(subject)
    says = category and _stems(category).isdisjoint(_stems(subject))
    tail = f", {detail}" if detail else ""
    captions = [subject, (f"{noun}, {with_article(category)}" if says else noun) + tail]
    colors = [] if rgba is None or has_colour_word(subject) else dominant_color_words(rgba)
    accent = accent_color_word(rgba) if colors and rgba is not None else ""
    if colors:
        thing = f"{' and '.join(colors)} {(category or 'figure') if proper else subject}"
        captions.append(with_article(thing) + (f" named {subject}" if proper else "") + tail)
    told = [category] * bool(says) + [" and ".join(colors)] * bool(colors)
    told += [f"touches of {accent}"] * bool(accent) + [detail] * bool(detail)
    tags = [", ".join([subject, *told])] if len(told) > 1 else []
    return unique([*captions, *extra, *tags])


def _stems(phrase: str) -> set[str]:
    """First four letters of the words of a phrase: "cat-like animal" has nothing to add to "wild cat"."""
    return {w[:4] for w in re.findall(r"[a-z]{3,}", phrase)}
