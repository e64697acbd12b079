"""The little language of the `templates_*.toml` files.

"(a|b|)" alternatives, "{name}" a rule or a filling, "{slot=list.key}" a labelled word of a list, "{=list.key}" an unlabelled one,
"<slot:words>" a labelled piece, "a~" the article that suits the next word. A parenthesis without "|" is a parenthesis.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from pixelmind.dialogue.schema import SLOTS

if TYPE_CHECKING:
    from pixelmind.dialogue.fillings import Speech

#: Says something into a speech.
Node = Callable[["Speech"], None]

_TAG = re.compile(r"<([a-z_]+):")
_CLOSE = {"(": ")", "{": "}", "<": ">"}


def _end(text: str, start: int) -> int:
    """The place of the bracket that closes the one at `start`; -1 where there is none."""
    opening, depth = text[start], 0
    closing = _CLOSE[opening]
    for i in range(start, len(text)):
        if text[i] == opening:
            depth += 1
        elif text[i] == closing:
            depth -= 1
            if depth == 0:
                return i
    return -1


def _split(text: str) -> list[str]:
    """Split at "|" outside inner brackets."""
    parts, depth, last = [], 0, 0
    for i, c in enumerate(text):
        if c in "({<":
            depth += 1
        elif c in ")}>":
            depth -= 1
        elif c == "|" and depth == 0:
            parts.append(text[last:i])
            last = i + 1
    return [*parts, text[last:]]


@cache
def compiled(text: str) -> Node:
    """The template as a function that says it."""
    nodes: list[Node] = []
    literal = ""
    i = 0
    while i < len(text):
        c = text[i]
        end = _end(text, i) if c in "({" or (c == "<" and _TAG.match(text, i)) else -1
        if end < 0:
            literal += c
            i += 1
            continue
        inner = text[i + 1 : end]
        if c == "(" and "|" not in inner:
            literal += c
            i += 1
            continue
        if literal:
            nodes.append(_say(literal))
            literal = ""
        if c == "(":
            nodes.append(_choice([compiled(part) for part in _split(inner)]))
        elif c == "{":
            nodes.append(_call(inner))
        else:
            slot, _, words = inner.partition(":")
            nodes.append(_label(slot, compiled(words)))
        i = end + 1
    if literal:
        nodes.append(_say(literal))
    return nodes[0] if len(nodes) == 1 else _row(nodes)


def _say(text: str) -> Node:
    return lambda s: s.out.append((text, ""))


def _row(nodes: list[Node]) -> Node:
    def run(s: Speech) -> None:
        for node in nodes:
            node(s)

    return run


def _choice(nodes: list[Node]) -> Node:
    return lambda s: s.rng.choice(nodes)(s)


def _label(slot: str, inner: Node) -> Node:
    if slot not in SLOTS:
        raise ValueError(f"unknown slot {slot!r} in a template")

    def run(s: Speech) -> None:
        outer, s.out = s.out, []
        inner(s)
        words = "".join(t for t, _ in s.out)
        s.out = outer
        s.label(slot, words)

    return run


def _call(inner: str) -> Node:
    if "=" in inner:
        slot, _, key = inner.partition("=")
        slot = {"console": "palette"}.get(slot, slot)
        return lambda s: s.word(key, slot)
    return lambda s: s.fill(inner)
