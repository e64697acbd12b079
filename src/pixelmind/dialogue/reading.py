"""From words to what the intent network reads: word pieces of the last turns, through some layers of the frozen tower; and slots as tags.

Shapes: N different texts of a batch, B turns, P pieces read, T pieces of the longest text, H earlier turns, L tower layers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from tokenizers import Encoding
from torch import Tensor

from pixelmind.dialogue.intent_network import HISTORY, LAYERS, TAGS, TURNS_READ, Turns
from pixelmind.dialogue.schema import QUESTIONS
from pixelmind.encoder.text_tower import TEXT_DIM, TextTower, mean_pool, read_tokenizer

MAX_PIECES = 64  # of the turn itself; more words are cut off
EARLIER_PIECES = 24  # of each of the two turns before it
F64 = NDArray[np.float64]
_JOINED = re.compile(r"[-.#]?\w+(?:[-']\w+)*")
_TAG = {tag: i for i, tag in enumerate(TAGS)}


@dataclass(frozen=True)
class Reading:
    """A batch as indices: `ids` [N, T] and `text_mask` of its texts; which text and piece each place is (`text`, `piece` [B, P],
    `mask`), of which turn (`turn`), the texts of earlier turns (`earlier` [B, H], `earlier_mask`), the question asked, the memory read."""

    ids: Tensor
    text_mask: Tensor
    text: Tensor
    piece: Tensor
    mask: Tensor
    turn: Tensor
    earlier: Tensor
    earlier_mask: Tensor
    asked: Tensor
    memory: Tensor

    def to(self, device: torch.device | str) -> Reading:
        """The same on another device."""
        return Reading(*(getattr(self, f.name).to(device) for f in fields(self)))


@dataclass(frozen=True)
class Word:
    """A word of a turn: its characters text[start:end], and the place of its first piece."""

    start: int
    end: int
    piece: int


class Reader:
    """The tokenizer with what it needs to say where words stand."""

    def __init__(self) -> None:
        self.tokenizer = read_tokenizer(MAX_PIECES)

    def vocabulary(self) -> frozenset[str]:
        """Words that are one piece."""
        return frozenset(self.tokenizer.get_vocab())

    def encodings(self, texts: Sequence[str]) -> list[Encoding]:
        """Word pieces of texts with their places."""
        found: list[Encoding] = self.tokenizer.encode_batch(list(texts))
        return found

    def words(self, encoding: Encoding) -> list[Word]:
        """The words of a text (runs of letters and digits, or one sign) in order."""
        found: dict[int, Word] = {}
        for place, (word, (start, end)) in enumerate(zip(encoding.word_ids, encoding.offsets)):
            if word is not None:
                known = found.get(word)
                found[word] = Word(start, end, place) if known is None else Word(known.start, end, known.piece)
        return list(found.values())

    def read(
        self,
        texts: Sequence[str],
        histories: Sequence[Sequence[str]],
        asked: Sequence[str],
        memory: Tensor | None = None,
    ) -> tuple[Reading, list[Encoding]]:
        """A batch of turns with the turns before them (oldest first); also the encodings of the turns themselves."""
        row_of: dict[str, int] = {}
        rows: list[list[int]] = []
        for text, history in zip(texts, histories):
            rows.append([row_of.setdefault(t, len(row_of)) for t in (text, *reversed(history[-HISTORY:]))])
        encodings = self.encodings(list(row_of))
        ids = [e.ids for e in encodings]
        places: list[list[tuple[int, int, int]]] = []
        for row in rows:
            mine = [(row[0], p, 0) for p in range(len(ids[row[0]]))]
            for back, n in enumerate(row[1:TURNS_READ], 1):
                mine += [(n, p, back) for p in range(min(len(ids[n]), EARLIER_PIECES))]
            places.append(mine)
        table = np.zeros((len(rows), max(map(len, places), default=1), 4), np.int64)
        for i, mine in enumerate(places):
            table[i, : len(mine), :3], table[i, : len(mine), 3] = mine, 1
        most = max((len(row) - 1 for row in rows), default=0)
        earlier = np.zeros((len(rows), most, 2), np.int64)
        for i, row in enumerate(rows):
            earlier[i, : len(row) - 1, 0], earlier[i, : len(row) - 1, 1] = row[1:], 1
        longest = max(map(len, ids), default=1)
        padded = np.array([[*x, *[0] * (longest - len(x))] for x in ids], np.int64).reshape(len(ids), longest)
        lengths = np.array([len(x) for x in ids])
        where, before = torch.from_numpy(table), torch.from_numpy(earlier)
        reading = Reading(
            ids=torch.from_numpy(padded),
            text_mask=torch.from_numpy(np.arange(longest) < lengths[:, None]),
            text=where[..., 0],
            piece=where[..., 1],
            mask=where[..., 3] > 0,
            turn=where[..., 2],
            earlier=before[..., 0],
            earlier_mask=before[..., 1] > 0,
            asked=torch.tensor([1 + QUESTIONS.index(a) if a else 0 for a in asked]),
            memory=torch.zeros(len(rows), 0) if memory is None else memory,
        )
        return reading, [encodings[row[0]] for row in rows]


#: What the tower said of texts by their word pieces: layers [T, L, D] and pooled [D].
Kept = dict[tuple[int, ...], tuple[Tensor, Tensor]]
MOST_KEPT = 256


@torch.no_grad()
def text_layers(
    tower: TextTower, reading: Reading, together: int = 32, kept: Kept | None = None
) -> tuple[Tensor, Tensor]:
    """Run the texts of a batch through the frozen tower, `together` of like length at a time: their layers [N, T, L, D], each of unit
    variance, and pooled [N, D]. Texts that are `kept` from before are not run again; new ones are put there, the oldest go."""
    count, longest = reading.ids.shape
    lengths = reading.text_mask.sum(1)
    layers = torch.zeros(count, longest, len(LAYERS), TEXT_DIM, device=reading.ids.device)
    pooled = torch.zeros(count, TEXT_DIM, device=reading.ids.device)
    keys = [tuple(row[:n]) for row, n in zip(reading.ids.tolist(), lengths.tolist())] if kept is not None else []
    known = {i: kept[key] for i, key in enumerate(keys) if key in kept} if kept is not None else {}
    for i, (held, mean) in known.items():
        layers[i, : len(held)], pooled[i] = held, mean
    order = lengths.argsort()
    if known:
        order = order[[int(i) not in known for i in order]]
    for rows in order.split(together) if len(order) else ():
        most = int(lengths[rows].max())
        mask = reading.text_mask[rows, :most]
        found = tower.hidden_states(reading.ids[rows, :most], mask)
        layers[rows, :most] = F.layer_norm(torch.stack([found[i] for i in LAYERS], 2).float(), (TEXT_DIM,))
        pooled[rows] = mean_pool(found[-1].float(), mask)
    if kept is not None:
        kept |= {keys[i]: (layers[i, : len(keys[i])].clone(), pooled[i].clone()) for i in order.tolist()}
        for key in list(kept)[: max(0, len(kept) - MOST_KEPT)]:
            del kept[key]
    return layers, pooled


def laid_out(layers: Tensor, pooled: Tensor, reading: Reading, rows: Tensor | None = None) -> Turns:
    """Pieces laid out as the network reads them; `rows` long [R]: of these turns only, without the padding of the others."""
    text, piece, mask, turn = reading.text, reading.piece, reading.mask, reading.turn
    earlier, earlier_mask, asked, memory = reading.earlier, reading.earlier_mask, reading.asked, reading.memory
    if rows is not None:
        most, back = int(mask[rows].sum(1).max()), int(earlier_mask[rows].sum(1).max()) if earlier_mask.shape[1] else 0
        text, piece, mask, turn = (x[rows, :most] for x in (text, piece, mask, turn))
        earlier, earlier_mask = earlier[rows, :back], earlier_mask[rows, :back]
        asked, memory = asked[rows], memory[rows]
    return Turns(
        pieces=layers[text, piece],
        mask=mask,
        turn=turn,
        history=pooled[earlier],
        history_mask=earlier_mask,
        asked=asked,
        memory=memory,
    )


def through_tower(tower: TextTower, reading: Reading, kept: Kept | None = None) -> Turns:
    """The turns of a batch as the network reads them; `kept` as of `text_layers`."""
    return laid_out(*text_layers(tower, reading, kept=kept), reading)


def spans_of(text: str, slots: Mapping[str, Sequence[str]]) -> list[tuple[str, int, int]]:
    """Where the pieces of slots stand: (slot, start, end) in order, each piece at its first place that is still free. Whole words go before
    parts of words. Longer pieces choose first; a piece with no free place is left out."""
    taken = np.zeros(len(text), bool)
    found = []
    asked = [(slot, piece, i) for slot, pieces in slots.items() for i, piece in enumerate(pieces)]
    for slot, piece, _ in sorted(asked, key=lambda x: (-len(x[1]), x[2])):
        starts = [i for i in range(len(text) - len(piece) + 1) if text.startswith(piece, i)] if piece else []
        free = [i for i in starts if not taken[i : i + len(piece)].any()]
        if free:
            start = min(free, key=lambda i: (not _whole(text, i, i + len(piece)), i))
            taken[start : start + len(piece)] = True
            found.append((slot, start, start + len(piece)))
    return sorted(found, key=lambda x: x[1])


def _whole(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum() and text[start].isalnum()) and not (
        end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    )


def tags_of(text: str, slots: Mapping[str, Sequence[str]], words: Sequence[Word]) -> list[int]:
    """The BIO tag of each word; a word is of a slot where they share a character."""
    tags = [0] * len(words)
    for slot, start, end in spans_of(text, slots):
        begun = False
        for i, word in enumerate(words):
            if word.start < end and start < word.end and not tags[i]:
                tags[i] = _TAG[f"{'I' if begun else 'B'}-{slot}"]
                begun = True
    return tags


@lru_cache(maxsize=2)
def _steps(inside: bool) -> F64:
    """What may follow what, [tags, tags] of 0 or -inf: an I only its own B or I; `inside` a word nothing else."""
    marks = [tag.partition("-")[::2] for tag in TAGS]
    free = [
        [(slot == before and (mark == "I" or kept == "O")) or (not inside and mark != "I") for mark, slot in marks]
        for kept, before in marks
    ]
    return np.where(free, 0.0, -np.inf)


def best_tags(text: str, scores: F64, words: Sequence[Word]) -> list[int]:
    """The most probable row of tags (Viterbi 1967) that is well formed; `scores` [W, tags] log-probabilities of each word's tag.

    Signs inside a word ("sci-fi", "-16x32", ".png") go with it: such a run of words without a space between is of one slot, scored by
    the mean of its words, or the best of them where the sign stands in front.
    """
    if not words:
        return []
    scores, inside, start = scores.copy(), np.zeros(len(words), bool), 0
    for i in range(1, len(words) + 1):
        if i < len(words) and words[i].start == words[i - 1].end:
            continue
        run = text[words[start].start : words[i - 1].end]
        if i - start > 1 and _JOINED.fullmatch(run):
            scores[start] = scores[start:i].mean(0) if "-" in run[1:-1] else scores[start:i].max(0)
            scores[start + 1 : i], inside[start + 1 : i] = 0.0, True
        start = i
    best = np.where([tag[0] != "I" for tag in TAGS], scores[0], -np.inf)
    back = []
    for row in range(1, len(words)):
        found = best[:, None] + _steps(bool(inside[row]))
        back.append(found.argmax(0))
        best = found.max(0) + scores[row]
    out = [int(best.argmax())]
    for came in reversed(back):
        out.append(int(came[out[-1]]))
    return out[::-1]


def slots_of(text: str, tags: Sequence[int], words: Sequence[Word]) -> dict[str, tuple[str, ...]]:
    """The pieces of slots that tags name; an I without its B begins a piece."""
    found: dict[str, list[tuple[int, int]]] = {}
    last = ""
    for tag, word in zip(tags, words):
        mark, _, slot = TAGS[tag].partition("-")
        if slot and mark == "I" and slot == last:
            start, _ = found[slot][-1]
            found[slot][-1] = (start, word.end)
        elif slot:
            found.setdefault(slot, []).append((word.start, word.end))
        last = slot
    return {slot: tuple(text[a:b] for a, b in places) for slot, places in found.items()}
