"""Count the captions of a store that do not read as a person's words, per source.

    .venv/bin/python benchmarks/captions.py STORE [--examples 5] [--json FILE]

A caption has a fault where it holds a word that is neither whole in the text tower's vocabulary (MiniLM, 30,522 pieces)
nor a plain form of one that is, nor in `caption_words.txt` (rarer words that were read and found to be English or the
known name of a thing); a number or a letter by itself; a word twice in a row; a word of files and layers; the wrong
article; or an adjective as its last word. The words list is for this count alone: no importer reads it.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pixelmind.data.store import Store


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FILE_WORDS = _set(
    "png gif jpg spritesheet overlay layer unconnected fg bg var misc tmp img tex anim mon unused dngn urand unrand spwpn"
)
LETTERS = frozenset(("a", "i"))
#: Numbers and letters that belong to a name people use.
NAMES = re.compile(r"^(?:\d+-headed|[tv]-\w+|x-ray|t|ak-\d\d|ar-15|m16|m4|mp5|m1911|e-\w+)$")
#: Words that stand before a noun: as the last word of a name they show an id left in its own order ("bowl wooden").
BEFORE_NOUN = _set(
    "wooden generic mature harvested homemade frozen cooked rotten experimental left right east west artificial small large "
    "tiny used dry wet broken closed advanced simple heavy rotting shady medical plastic metal pewter romantic domestic demonic"
)
ENDINGS = (
    "s",
    "es",
    "ed",
    "d",
    "ing",
    "r",
    "er",
    "ers",
    "y",
    "ly",
    "n",
    "en",
    "less",
    "like",
    "able",
    "ness",
    "'s",
    "ish",
    "est",
    "ies",
    "ful",
)


def known_words() -> Callable[[str], bool]:
    """Return whether a lower-case word is English enough."""
    from tokenizers import Tokenizer

    from pixelmind.encoder.text_tower import model_folder

    vocabulary = set(Tokenizer.from_file(str(model_folder() / "tokenizer.json")).get_vocab())
    vocabulary |= set((Path(__file__).parent / "caption_words.txt").read_text(encoding="utf-8").split())

    def known(word: str) -> bool:
        if word in vocabulary:
            return True
        for end in ENDINGS:
            stem = word.removesuffix(end)
            if stem != word and len(stem) > 2 and ({stem, stem + "e", stem + "y", stem[:-1]} & vocabulary):
                return True
        return False

    return known


def faults(caption: str, known: Callable[[str], bool]) -> list[str]:
    """What is wrong with a caption, as "fault: word"."""
    out = []
    words = re.findall(r"[^\W_]+(?:['\-&][^\W_]+)*", caption)
    for before, word in zip(["", *words], words):
        if NAMES.match(word):
            continue
        if word in FILE_WORDS:
            out.append(f"file word: {word}")
        elif word.isdigit() or (len(word) == 1 and word not in LETTERS):
            out.append(f"lone sign: {word}")
        elif word == before:
            out.append(f"twice: {word}")
        else:
            out += [f"unknown word: {part}" for part in re.split(r"['\-&]", word) if len(part) > 2 and not known(part)]
    if re.search(r"\ba (?:[ai]|e(?!u)|o(?!ne\b|nce\b))|\ban (?![aeiou8hfhlmnrsx])", caption):
        out.append("article")
    if len(words) > 1 and words[-1] in BEFORE_NOUN and words[-2] not in ("facing", "to", "the") and "," not in caption:
        out.append(f"adjective last: {words[-1]}")
    if "_" in caption:
        out.append("underscore")
    return out


def count_faults(
    store: Store, known: Callable[[str], bool]
) -> tuple[dict[str, dict[str, int]], dict[str, Counter[str]]]:
    """Per source: pictures, captions, faulty captions, pictures with one; and the faults themselves, once a picture.

    Procedural scenes are left out: their grammar is tested by itself.
    """
    rows: dict[str, dict[str, int]] = {}
    words: dict[str, Counter[str]] = {}
    for row in store.scan(["source", "captions"], filter="source != 'procedural'"):
        counts = rows.setdefault(
            row["source"], dict.fromkeys(("pictures", "captions", "faulty_captions", "faulty_pictures"), 0)
        )
        found = [faults(caption, known) for caption in row["captions"]]
        counts["pictures"] += 1
        counts["captions"] += len(found)
        counts["faulty_captions"] += sum(map(bool, found))
        counts["faulty_pictures"] += any(found)
        words.setdefault(row["source"], Counter()).update({w for f in found for w in f})
    return rows, words


def main() -> None:
    """Print a table and, with --json, write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--examples", type=int, default=0, help="commonest faulty words to name, per source")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows, words = count_faults(Store.open(args.store), known_words())
    print("| source | pictures | captions | faulty captions | share | pictures with one |\n|---|--:|--:|--:|--:|--:|")
    for name, c in sorted(rows.items()):
        share = c["faulty_captions"] / c["captions"]
        print(
            f"| {name} | {c['pictures']:,} | {c['captions']:,} | {c['faulty_captions']:,} | {share:.2%} | {c['faulty_pictures']:,} |"
        )
        for word, n in words[name].most_common(args.examples):
            print(f"    {n} {word}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
