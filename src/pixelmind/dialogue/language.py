"""What is said about a turn before it is read: nothing in it, another language, rude words."""

from __future__ import annotations

import re
import unicodedata

from pixelmind.errors import BadInput

MAX_WORDS = 1000
#: Frequent words of other languages that English has not.
_OTHERS = frozenset(
    [
        "ein",
        "eine",
        "einen",
        "der",
        "das",
        "und",
        "mit",
        "nicht",
        "ist",
        "auf",
        "für",
        "mach",
        "bitte",
        "rotes",
        "roter",
        "den",
        "dunkler",
        "un",
        "une",
        "le",
        "les",
        "des",
        "et",
        "avec",
        "est",
        "dans",
        "pour",
        "fais",
        "dessine",
        "rouge",
        "château",
        "el",
        "los",
        "las",
        "una",
        "con",
        "por",
        "para",
        "dibuja",
        "rojo",
        "castillo",
        "y",
        "que",
        "il",
        "lo",
        "gli",
        "di",
        "per",
        "disegna",
        "rosso",
        "um",
        "uma",
        "não",
        "desenhe",
        "vermelho",
        "het",
        "een",
        "met",
        "van",
        "rood",
        "rysuj",
        "zamek",
        "czerwony",
        "ve",
        "bir",
        "kırmızı",
    ]
)
_RUDE = re.compile(
    r"\b(?:f+u+c+k\w*|shit\w*|crap|stupid|idiot|dumb|moron|suck\w*|bitch|asshole|bastard)\b", re.IGNORECASE
)


def nothing_said(text: str) -> None:
    """Refuse a turn that holds no words.

    Raises:
        BadInput: empty, emoji or signs alone, or too many words.
    """
    if not text.strip():
        raise BadInput("nothing was said; say what to draw or change, for example: draw a castle at night")
    if not any(unicodedata.category(c)[0] in "LN" for c in text):
        raise BadInput("there are no words in this; say in words what to draw or change")
    if len(text.split()) > MAX_WORDS:
        raise BadInput(f"{len(text.split())} words are too many for one turn; say it in at most {MAX_WORDS}")


def remark(text: str) -> str:
    """A sentence to put first: of another language or of rude words; "" where there is none to make."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    foreign = sum(w in _OTHERS for w in words)
    letters = [c for c in text if c.isalpha()]
    strange = sum("LATIN" not in unicodedata.name(c, "") for c in letters)
    if letters and (strange * 3 > len(letters) or (foreign >= 2 and foreign * 4 >= len(words))):
        return "I was taught English only and try my best with this."
    if _RUDE.search(text):
        return "I am sorry that it annoys you; tell me what to change and I will."
    return ""
