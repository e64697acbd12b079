"""Region classes: the canonical names that part names of procedural scenes and of real art are gathered under.

A mask keeps the names of its parts ("knight/great helm"); the class ("helmet") is derived from the name where it is needed.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
#: Class: the words that mean it in a part name. A name is of the class of its last word that is known ("flag pole" is a handle).
CLASSES: dict[str, str] = _TABLE["classes"]
#: Part names whose words would mislead.
WHOLE: dict[str, str] = _TABLE["names"]
UNKNOWN = "object"
REGIONS: tuple[str, ...] = (*CLASSES, UNKNOWN)


@lru_cache(maxsize=1)
def region_words() -> dict[str, str]:
    """Every word of the table with its class."""
    return {word: name for name, words in CLASSES.items() for word in (name, *words.split())}


@lru_cache(maxsize=8192)
def region_class(part_name: str) -> str:
    """The class of a part: one of REGIONS. "knight/great helm" is a "helmet"; a name with no known word is an "object"."""
    name = part_name.lower().rpartition("/")[2].strip()
    if name in WHOLE:
        return WHOLE[name]
    words = region_words()
    tokens = re.split(r"[\s_-]+", name)
    for joined in ("-".join(tokens), "".join(tokens)):
        if joined in words:
            return words[joined]
    for token in reversed(tokens):
        for form in (token, token.removesuffix("s"), token.removesuffix("es"), token + "s"):
            if form in words:
                return words[form]
    for token in reversed(tokens):  # "helmetlike", "stonework"
        known = [w for w in words if len(w) > 3 and (token.startswith(w) or token.endswith(w))]
        if known:
            return words[max(known, key=len)]
    return UNKNOWN
