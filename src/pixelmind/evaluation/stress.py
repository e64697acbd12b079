"""`eval stress`: the hand-written prompts of `suite/`, through what `chat` and `generate` call, and what came of each.

    ambiguous    a question? relevant slot, answerable, not redundant; the default where nobody is asked: stated, sensible
    edge         hard checks of the sprite (`checks`)
    adversarial  the contradiction is named, both sides told, and what is drawn conforms all the same

Every share has a Wilson 95 % interval over the prompts. Fails when: expectations are one person's; words decide whether a default is
sensible or a contradiction named, so a good answer in other words counts as a miss (each miss is listed with what was said).
"""

from __future__ import annotations

import copy
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelmind.dialogue.policy import Policy, Question, load_policy
from pixelmind.dialogue.session import Reply, Session
from pixelmind.errors import BadInput
from pixelmind.evaluation import checks, suite
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.metrics.bootstrap import wilson
from pixelmind.files import write_bytes, write_json
from pixelmind.pixels import palettes
from pixelmind.pixels.png import encode_png
from pixelmind.records import Conditioning, GenerationRequest, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.parser import IntentParser
    from pixelmind.dialogue.results import Check
    from pixelmind.generator.pipeline import PixelPipeline

FORMAT = 1
YOU_DECIDE = "you decide"
MAX_ANSWERS = 3
#: An answer in own words to a question without options, by its slot.
OWN_WORDS = {"subject": "a red potion", "operation": "darker", "size": "32x32", "count": "three", "color": "blue"}
_DEFAULT = re.compile(r"\bI (?:took|drew)\b[^.]*?; say otherwise\.", re.I)
_DRAWN = re.compile(r"\bHere (?:is|are)\b.*$", re.S)
_VAGUE = "may exclude each other"
_REMARKS = (
    "I was taught English only and try my best with this.",
    "I am sorry that it annoys you; tell me what to change and I will.",
)


@dataclass
class Outcome:
    """What came of a case: what was answered, tests by name (None: does not apply), why any failed, and the last sprite."""

    case: suite.Case
    kind: suite.Kind
    said: list[str] = field(default_factory=list)
    tests: dict[str, bool] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)
    sprite: Sprite | None = None

    def test(self, name: str, passed: bool, why: str = "") -> bool:
        self.tests[name] = passed
        if not passed and why:
            self.why.append(f"{name}: {why}")
        return passed


#: Tests that must hold; the others are told and make no case fail.
MUST = {
    "ambiguous": (
        "handled",
        "question: relevant",
        "question: answerable",
        "question: not redundant",
        "kept",
        "no unneeded question",
    ),
    "edge": ("conforms",),
    "adversarial": ("named", "both sides told", "no false alarm", "answered as expected", "conforms"),
}


def failed(outcome: Outcome) -> bool:
    """Whether a test that must hold does not."""
    return any(outcome.tests.get(name) is False for name in MUST[outcome.kind])


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """The loaded parts that `chat` and `generate` work with; every case has a session of its own."""

    pipe: PixelPipeline
    parser: IntentParser
    policy: Policy
    check: Check | None

    def session(self, *, asks: bool = True) -> Session:
        """A new dialogue; with `asks` False the policy never asks about a wish."""
        policy = self.policy if asks else replace(self.policy, cost=math.inf)
        return Session(out=None, candidates=1, parser=self.parser, pipe=self.pipe, policy=policy, check=self.check)

    def twin(self, talk: Session) -> Session:
        """A dialogue that stands where another one does and goes on by itself."""
        twin = self.session()
        twin.restore(talk.state())
        twin.history = copy.deepcopy(talk.history)
        return twin


def _say(talk: Session, turns: Sequence[str], said: list[str], *, through: bool) -> Reply:
    """Say the turns; questions to all but the last (with `through`, to the last too) are left to the program."""
    for number, turn in enumerate(turns, 1):
        reply = talk.say(turn)
        said.append(reply.text)
        for _ in range(MAX_ANSWERS if through or number < len(turns) else 0):
            if reply.kind != "question":
                break
            reply = talk.say(YOU_DECIDE)
            said.append(reply.text)
    return reply


# ---- ambiguous -------------------------------------------------------------------------------------------------------
def _answers(question: Question) -> list[str]:
    """Answers a person would give: a number, an option's words, or own words where there are no options."""
    if question.options:
        return ["1", question.options[-1].label]
    return [OWN_WORDS.get(question.slot, "something blue")]


def _question(rooms: Rooms, outcome: Outcome, question: Question, talk: Session) -> None:
    case = outcome.case
    outcome.test(
        "question: relevant",
        question.slot in case.ask,
        f"it asks about {question.slot}, open is {' or '.join(case.ask)}",
    )
    labels = [o.label for o in question.options]
    good, again = len(labels) != 1 and len(set(labels)) == len(labels), False
    for answer in _answers(question):
        reply = rooms.twin(talk).say(answer)
        good = good and reply.kind in ("sprites", "edit", "question")
        asked = reply.question
        again = again or (asked is not None and (asked.slot, asked.word) == (question.slot, question.word))
    outcome.test("question: answerable", good, f"options {labels}; an answer led to no picture")
    told = {"size": "size", "palette": "style", "colors": "color"}
    known = [k for k in case.keep if told.get(k) == question.slot]
    outcome.test(
        "question: not redundant", not again and not known, "it is asked again after the answer, or was told already"
    )


def ambiguous(rooms: Rooms, case: suite.Case) -> Outcome:
    """Say it as a person would; then again to a program that never asks."""
    outcome = Outcome(case, "ambiguous")
    talk = rooms.session()
    reply = _say(talk, case.said, outcome.said, through=False)
    question, outcome.sprite = reply.question, reply.sprites[0] if reply.sprites else None
    if not case.ask:
        outcome.test("no unneeded question", question is None, "nothing is open in it")
    else:
        outcome.test("asked", question is not None)
    if question is not None and case.ask:
        _question(rooms, outcome, question, talk)
    silent = rooms.session(asks=False)
    told: list[str] = []
    last = _say(silent, case.said, told, through=False)
    drawn = last.sprites[0] if last.kind in ("sprites", "edit") and last.sprites else None
    if drawn is not None:
        wrong = checks.faults(drawn, case.keep)
        outcome.test("kept", not wrong, "; ".join(wrong))
        outcome.sprite = drawn
    if case.ask and drawn is not None:
        stated = " ".join(_DEFAULT.findall(told[-1]))
        outcome.said.append(told[-1])
        outcome.test("default: stated", bool(stated), "drawn without a word on what was taken")
        if stated and case.default:
            sensible = any(word in stated.lower() for word in case.default)
            outcome.test("default: sensible", sensible, f"{stated!r} names none of {', '.join(case.default)}")
    if case.ask:
        asked_well = all(
            outcome.tests.get(f"question: {t}", False) for t in ("relevant", "answerable", "not redundant")
        )
        took_well = outcome.tests.get("default: stated", False) and outcome.tests.get("default: sensible", True)
        outcome.test(
            "handled",
            asked_well or (question is None and took_well),
            "neither a good question nor a good stated default",
        )
    return outcome


# ---- edge ------------------------------------------------------------------------------------------------------------
def _generated(rooms: Rooms, case: suite.Case) -> tuple[Sprite, ...]:
    """As `pixelmind generate` does with these flags."""
    options = dict(case.options or {})
    width, height = options.pop("size", (32, 32))
    palette, n, seed = options.pop("palette", None), options.pop("n", 1), options.pop("seed", 0)
    conditioning = Conditioning(
        prompt=case.turns[0], height=height, width=width, palette=palettes.resolve(palette) if palette else None,
        max_colors=options.pop("colors", None), **options,
    )  # fmt: skip
    request = GenerationRequest(conditioning=conditioning, num_images=n, seed=seed)
    result = rooms.pipe.generate_batch([request])[0]
    return (result if rooms.check is None else rooms.check.drawn(rooms.pipe, request, result)).sprites


def edge(rooms: Rooms, case: suite.Case) -> Outcome:
    """Draw it, by flags or by words, and count."""
    outcome = Outcome(case, "edge")
    if case.options is not None:
        sprites, wrong = _generated(rooms, case), list[str]()
    else:
        talk = rooms.session()
        first = _say(talk, case.said[:1], outcome.said, through=True)
        reply = first if len(case.said) == 1 else _say(talk, case.said[1:], outcome.said, through=True)
        sprites = reply.sprites if reply.kind in ("sprites", "edit", "history") else ()
        before, after = (r.sprites[0] if r.sprites else None for r in (first, reply))
        wrong = checks.edit_faults(case.check, reply.edit, before, after)
    outcome.sprite = sprites[0] if sprites else None
    wrong += sorted({f for s in sprites for f in checks.faults(s, case.check)}) if sprites else ["nothing was drawn"]
    outcome.test("conforms", not wrong, "; ".join(wrong))
    return outcome


# ---- adversarial -----------------------------------------------------------------------------------------------------
def naming(said: str) -> str:
    """What an answer says beside defaults, remarks and what is shown: the sentences that name a contradiction."""
    for remark in _REMARKS:
        said = said.replace(remark, "")
    return _DRAWN.sub("", _DEFAULT.sub("", said)).strip()


def adversarial(rooms: Rooms, case: suite.Case) -> Outcome:
    """Say it, leave open questions to the program, and read what it says before it shows."""
    outcome = Outcome(case, "adversarial")
    reply = _say(rooms.session(), case.said, outcome.said, through=case.expect != "asked")
    text = " ".join(outcome.said)
    named = " ".join(naming(s) for s in outcome.said if not s.startswith(("What ", "Which ", "How ")))
    outcome.sprite = reply.sprites[0] if reply.sprites else None
    if case.expect == "named":
        told = named.lower()
        outcome.test("named", bool(named), "nothing is said about what cannot both be")
        if named:
            missed = [" / ".join(side) for side in case.sides if any(side) and not any(w and w in told for w in side)]
            vague = _VAGUE in named
            outcome.test(
                "both sides told",
                not missed and not vague,
                f"{named!r} tells not of {'; '.join(missed) or 'what excludes what'}",
            )
    elif case.expect == "clear":
        outcome.test("no false alarm", not named, f"{named!r}, though nothing contradicts")
    else:
        right = {
            "safe": True,
            "refused": reply.kind == "error" and len(reply.text) > 0,
            "asked": reply.kind in ("question", "error"),
            "english": _REMARKS[0] in text,
            "rude": _REMARKS[1] in text,
        }[case.expect] and not any(w.lower() in text.lower() for w in case.never)
        outcome.test(
            "answered as expected",
            right,
            f"{case.expect} was expected, the answer is of kind {reply.kind}: {text[:200]}",
        )
    if reply.sprites and reply.kind == "sprites":
        wrong = sorted({f for s in reply.sprites for f in checks.faults(s, case.check)})
        outcome.test("conforms", not wrong, "; ".join(wrong))
    elif case.expect in ("named", "clear") and reply.kind != "error":
        outcome.test("conforms", False, f"no sprite came, the answer is of kind {reply.kind}")
    return outcome


RUNNERS: dict[suite.Kind, Callable[[Rooms, suite.Case], Outcome]] = {
    "ambiguous": ambiguous,
    "edge": edge,
    "adversarial": adversarial,
}


def figures_of(outcomes: Sequence[Outcome]) -> list[Figure]:
    """A share a test and kind, and of each kind the share of cases that failed nowhere."""
    out = []
    for kind in suite.KINDS:
        mine = [o for o in outcomes if o.kind == kind]
        names = list(dict.fromkeys(n for o in mine for n in o.tests))
        rows = {name: [o.tests[name] for o in mine if name in o.tests] for name in names}
        for name, passed in {"cases without a failure": [not failed(o) for o in mine], **rows}.items():
            if not passed:
                continue
            low, high = wilson(sum(passed), len(passed))
            note = f"95 % Wilson interval {low:.3f} to {high:.3f}"
            out.append(
                Figure(
                    section=kind, metric=name, value=sum(passed) / len(passed), n=len(passed), spread=(high - low) / 2, note=note,
                    ceiling=None if name == "asked" else 1.0,
                )
            )  # fmt: skip
    return out


def measure(rooms: Rooms, cases: dict[suite.Kind, list[suite.Case]], progress: Callable[[str], None]) -> list[Outcome]:
    """Run all cases, one after the other."""
    outcomes = []
    for kind, mine in cases.items():
        progress(f"{kind}: {len(mine)} prompts")
        for number, case in enumerate(mine, 1):
            if number % 20 == 0:
                progress(f"{kind}: {number} of {len(mine)}")
            try:
                outcomes.append(RUNNERS[kind](rooms, case))
            except BadInput as error:  # a refusal is an answer, if a wrong one
                outcome = Outcome(case, kind, said=[str(error)])
                outcome.test(MUST[kind][-1], False, f"refused: {error}")
                outcomes.append(outcome)
    return outcomes


def run(
    weights: Path | str | None,
    out: Path,
    *,
    folder: Path | str = suite.FOLDER,
    threads: int | None = None,
    rooms: Rooms | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Figure]:
    """Run the suite with a bundle and write OUT/report.json, OUT/report.html and the pictures of the failures.

    Raises:
        BadInput: no weights, or the suite cannot be read.
    """
    from pixelmind.evaluation.stress_page import render

    cases = suite.read(folder)
    if rooms is None:
        from pixelmind.dialogue.parser import load_parser
        from pixelmind.generator.pipeline import load
        from pixelmind.quality.after import load_check

        parts: dict[str, Any] = {"pipe": load(weights, threads=threads), "parser": load_parser(weights)}
        rooms = Rooms(**parts, policy=load_policy(weights), check=load_check(weights))
    begun = time.perf_counter()
    outcomes = measure(rooms, cases, progress)
    figures = figures_of(outcomes)
    rows = []
    for o in outcomes:
        bad = failed(o)
        if bad and o.sprite is not None:
            write_bytes(out / "pictures" / f"{o.case.id}.png", encode_png(o.sprite))
        rows.append(
            {
                "id": o.case.id, "kind": o.kind, "turns": list(o.case.turns), "options": o.case.options, "origin": o.case.origin,
                "said": [s[:2000] for s in o.said], "tests": o.tests, "failed": bad, "why": o.why, "cannot": list(o.case.cannot),
                "picture": f"{o.case.id}.png" if bad and o.sprite is not None else None,
            }
        )  # fmt: skip
    report = {
        "format": FORMAT, "kind": "stress", "weights": rooms.pipe.bundle.id, "environment": environment(),
        "suite": suite.fingerprint(folder), "seconds": round(time.perf_counter() - begun, 1),
        "figures": [f.to_dict() for f in figures], "cases": rows,
    }  # fmt: skip
    write_json(out / "report.json", report)
    render(out)
    return figures
