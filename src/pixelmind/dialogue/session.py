"""A dialogue: each turn is read, grounded in the wish so far, and answered by a question, sprites, an edit, or words.

A session is kept after every turn (session.json, and the history of the sprite) and goes on from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pixelmind import files
from pixelmind.dialogue import contradictions, edits, keeping
from pixelmind.dialogue.answers import left_open, option_taken, turns_back
from pixelmind.dialogue.chat_model import ChatModel
from pixelmind.dialogue.clicks import Pointing
from pixelmind.dialogue.defaults import close, entry, fill, open_points
from pixelmind.dialogue.focus import thing_at_hand
from pixelmind.dialogue.grounding import Wish, describe, ground, update
from pixelmind.dialogue.history import History
from pixelmind.dialogue.instruction import edits_request, read_instruction
from pixelmind.dialogue.language import nothing_said, remark
from pixelmind.dialogue.policy import Policy, Question, load_policy
from pixelmind.dialogue.results import changed_cells
from pixelmind.dialogue.schema import UNCLEAR
from pixelmind.dialogue.values import file_format, reference
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.generator.own_styles import named
from pixelmind.records import GenerationRequest, Intent, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.memory import Memory
    from pixelmind.dialogue.parser import IntentParser
    from pixelmind.dialogue.results import Check, EditResult
    from pixelmind.generator.own_styles import OwnStyle
    from pixelmind.generator.pipeline import PixelPipeline

FILE, HISTORY = "session.json", "history"
MAX_CANDIDATES = 8
SKETCH = (32, 32)  # the options of a question are drawn no larger
#: From this chance on, what the memory foretells is taken without a question.
SURE = 0.6
VARIED = 0.7  # how far a variation of a candidate may go
_ALIKE = re.compile(
    r"\b(?:more|other|others|similar|variations?|variants?|versions) (?:\w+ )?(?:like|to|of)\b", re.IGNORECASE
)
_FILE = re.compile(r"\b(?:as|to|named|called)\s+([\w-]+(?:\.[a-z]+)?)\s*$", re.IGNORECASE)
_HELP = (
    "I draw pixel art from words and change it as you say: draw a castle at night; make the sky darker; add a red flag; undo; "
    "another one; use the game boy palette; save it as castle."
)
Kind = Literal["question", "sprites", "edit", "history", "answer", "saved", "error"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reply:
    """An answer: its text, sprites to show (numbered from 1 where there are several), what it is, and what belongs to it.

    Where a sprite was asked for as a file: the `paths` written, or `file`, the name and format it is to be handed over in. `chosen` is
    the number, from 1, of the candidate or option that the person took; None where none was taken, or we were left to decide. `varied` is
    the candidate of which variations are shown. `intent` is how the turn was read, `expected` what it could answer, one of QUESTIONS or "".
    """

    text: str
    kind: Kind
    sprites: tuple[Sprite, ...] = ()
    question: Question | None = None
    edit: EditResult | None = None
    paths: tuple[Path, ...] = ()
    file: tuple[str, str] | None = None
    chosen: int | None = None
    varied: int | None = None
    intent: Intent | None = None
    expected: str = ""


class Session:
    """One dialogue. Networks are loaded when a turn first needs them.

    Args:
        weights: folder of a bundle (default: the released one).
        folder: where the session is kept and goes on from; None keeps nothing.
        out: folder that saved sprites go to; None writes no file and tells its name and format instead.
        seed: of the first drawing; each further one counts up.
        candidates: sprites drawn for a wish, 1 to 8.
        parser, pipe: loaded ones, else from the weights.
        chat: a chat model that reads and phrases turns.
        memory: what the person meant before; it takes the place of questions and defaults where it is sure.
        policy: when to ask, else from the weights.
        style: name of the style that is drawn in where the words name none.
        own_styles: styles of the person's own, which the words can name; `pipe`, where it is given, has them already.
        check: looks at what is drawn before it is shown, but for the sketches of a question.

    Raises:
        BadInput: candidates out of range, or no weights. CorruptFile: the kept session is damaged.
    """

    def __init__(
        self,
        weights: Path | str | None = None,
        *,
        folder: Path | None = None,
        out: Path | None = Path("."),
        seed: int = 0,
        candidates: int = 2,
        threads: int | None = None,
        parser: IntentParser | None = None,
        pipe: PixelPipeline | None = None,
        chat: ChatModel | None = None,
        memory: Memory | None = None,
        policy: Policy | None = None,
        style: str | None = None,
        own_styles: Mapping[str, OwnStyle] | None = None,
        check: Check | None = None,
    ) -> None:
        if not 1 <= candidates <= MAX_CANDIDATES:
            raise BadInput(f"{candidates} candidates are out of range; use 1 to {MAX_CANDIDATES}")
        self.weights, self.folder, self.out, self.threads = weights, folder, out, threads
        self.seed, self.count, self._pipe, self._parser = seed, candidates, pipe, parser
        self.chat, self.chat_failures, self.memory = chat, 0, memory
        self.policy = policy or load_policy(weights)
        self.style, self.own_styles, self.check = style, own_styles or {}, check
        self.wish, self.history, self.turns = Wish(), History(), list[str]()
        self.candidates: list[Sprite] = []
        self.asked: Question | None = None
        self.questions = 0
        self.waiting: Intent | None = None  # the edit that a question is about,
        self.pointing = Pointing()  # and what was pointed at
        if folder is not None and (folder / FILE).is_file():
            self._load(folder)
            self.style = style or self.style

    # ---- networks ----------------------------------------------------------------------------------------------------
    @property
    def pipe(self) -> PixelPipeline:
        """The generator."""
        if self._pipe is None:
            from pixelmind.generator.pipeline import load

            self._pipe = load(self.weights, threads=self.threads)
            self._pipe.adapters = self.own_styles
        return self._pipe

    @property
    def parser(self) -> IntentParser:
        """The intent parser; it shares the generator's text tower where that is loaded."""
        if self._parser is None:
            from pixelmind.dialogue.parser import load_parser

            self._parser = load_parser(self.weights)
        return self._parser

    @property
    def expected(self) -> str:
        """What the next turn may answer, one of QUESTIONS or ""."""
        return self.asked.slot if self.asked is not None else "candidates" if len(self.candidates) > 1 else ""

    def read(self, text: str) -> Intent:
        """A turn in the light of the turns before it: by the chat model where there is one and it answers, else by the parser."""
        if self.chat is not None and self.chat_failures < 2:
            intent = self.chat.read(text, self.turns, self.expected)
            self.chat_failures = 0 if intent is not None else self.chat_failures + 1
            if intent is not None:
                return intent
        return self.parser.parse(text, self.turns, self.expected)

    # ---- a turn --------------------------------------------------------------------------------------------------------
    def say(self, text: str, pointing: Pointing | None = None) -> Reply:
        """Answer a turn, said while `pointing` at a place of the picture in view. A turn that cannot be done is answered in words and
        changes nothing."""
        text = " ".join(text.split())
        kept = (self.wish, self.asked, self.questions, list(self.candidates), self.waiting, self.seed, self.pointing)
        try:
            nothing_said(text)
            text, style = named(text, self.own_styles)
            if style is not None:
                self.style = style
                if not text:
                    return self._done(Reply(text=f"From now on I draw in your style {style}.", kind="answer"))
            intent, expected = self.read(text), self.expected
            if self.asked is None or pointing:
                self.pointing = pointing or Pointing()
            reply = self._answer(text, intent)
            if self.asked is None:
                self.pointing = Pointing()
            self.turns.append(text)
            note = remark(text)
            reply = replace(
                reply, text=f"{note} {reply.text}" if note else reply.text, intent=intent, expected=expected
            )
        except BadInput as error:
            self.wish, self.asked, self.questions, self.candidates, self.waiting, self.seed, self.pointing = kept
            message = str(error)
            return Reply(
                text=message[0].upper() + message[1:] + ("" if message.endswith((".", "?")) else "."), kind="error"
            )
        return self._done(reply)

    def _done(self, reply: Reply) -> Reply:
        if self.folder is not None:
            self.save_state(self.folder)
        return self._phrased(reply)

    def turn(self, intent: Intent) -> Reply:
        """Do a turn that is understood already, as of a button or a command.

        Raises:
            BadInput: it cannot be done.
        """
        reply = self._answer(intent.text, intent)
        self.turns.append(intent.text)
        if self.folder is not None:
            self.save_state(self.folder)
        return reply

    def forget(self) -> None:
        """Begin a new wish; the versions drawn so far stay."""
        self.wish, self.asked, self.questions, self.candidates, self.waiting = Wish(), None, 0, [], None
        self.turns.clear()
        if self.folder is not None:
            self.save_state(self.folder)

    def _phrased(self, reply: Reply) -> Reply:
        if self.chat is None or self.chat_failures or reply.kind not in ("question", "answer"):
            return reply
        said = self.chat.phrase(reply.text)
        self.chat_failures = 0 if said is not None else self.chat_failures + 1
        return reply if said is None else replace(reply, text=said)

    def _answer(self, text: str, intent: Intent) -> Reply:
        aside = {
            "undo": self._undo,
            "redo": self._redo,
            "save": self._save,
            "ask": self._tell,
            "compare": self._compare,
        }
        if intent.act in aside and not (self.asked and intent.confidence.get("act", 1.0) < 0.6):
            return aside[intent.act](intent)
        if self.asked is not None:
            return self._answered(text, intent)
        number = self._number(text, intent)
        if number is not None and _ALIKE.search(text):
            return self._vary(number, text)
        if number is not None and intent.act in ("answer", "approve", "generate", "refine", "reject", "edit"):
            if intent.act in ("answer", "approve") or (
                intent.act in ("generate", "edit")
                and not intent.slots.get("subject")
                and intent.operation in ("none", UNCLEAR)
            ):
                return self._choose(number, text)
            if intent.act == "refine":
                return self._vary(number, text)
        if len(self.candidates) > 1 and left_open(text):
            return replace(self._choose(1, text), chosen=None)
        if self.pointing and len(self.history):
            return self._edit(text, intent)
        if intent.act == "approve":
            return Reply(text="Good. Say save or export to write it to a file.", kind="answer")
        if intent.act == "reject":
            return Reply(
                text="Understood, it stays unsaved. Say what shall be different, or: another one.", kind="answer"
            )
        if intent.act == "edit" and len(self.history):
            return self._edit(text, intent)
        if intent.act == "refine" and len(self.history) and not intent.slots.get("subject"):
            self.wish = update(self.wish, intent)
            return self._draw(intent)
        before, self.wish = (
            self.wish,
            update(self.wish, intent if intent.act != "edit" else replace(intent, act="generate")),
        )
        if intent.act == "answer" and self.wish == before:
            raise BadInput("no question is open; say what to draw or what to change")
        if not before.subject or before.subject != self.wish.subject:
            self.questions = 0
        return self._ask_or_draw(intent)

    # ---- questions -----------------------------------------------------------------------------------------------------
    def _ask_or_draw(self, intent: Intent) -> Reply:
        self.wish, recalled = self._recalled(self.wish)
        asks = self.policy.next_question(self.wish, intent, self.questions)
        if asks is None:
            reply = self._draw(intent)
            return replace(reply, text=" ".join((*recalled, reply.text)))
        self.asked, self.questions = asks, self.questions + 1
        sprites: tuple[Sprite, ...] = ()
        if asks.kind == "reference":
            requests = [self._request(fill(o.wish)[0], 1, sketch=True) for o in asks.options]
            sprites = tuple(result.sprites[0] for result in self.pipe.generate_batch(requests))
        return Reply(text=asks.text, kind="question", sprites=sprites, question=asks)

    def _recalled(self, wish: Wish) -> tuple[Wish, tuple[str, ...]]:
        """The wish with those open points closed of which the memory is sure, and the sentences that say so."""
        said = []
        for point in open_points(wish) if self.memory is not None and self.memory.pairs else ():
            _, readings = entry(point.slot, point.word)
            if self.memory is None or not point.word or len(readings) < 2:
                continue
            chances = self.memory.recall(point.word, [r.label for r in readings])
            best = max(range(len(chances)), key=chances.__getitem__)
            if chances[best] >= SURE:
                wish = close(wish, point, readings[best])
                said.append(f"I took {point.word} as {readings[best].label}, as you did before; say otherwise.")
        return wish, tuple(said)

    def _answered(self, text: str, intent: Intent) -> Reply:
        asks, self.asked = self.asked, None
        assert asks is not None
        if asks.slot == "operation":
            waiting, self.waiting = self.waiting, None
            place = "" if asks.word == "it" else f"the {asks.word}"
            told = text if intent.act == "edit" and intent.operation != UNCLEAR else f"make {place or 'it'} {text}"
            again = intent if told == text else self.parser.parse(told, self.turns, "operation")
            if waiting is not None and again.region in ("none", "whole") and waiting.region != "none":
                again = replace(
                    again, region=waiting.region, slots={"region": waiting.slots.get("region", ()), **again.slots}
                )
            return self._edit(told, again)
        picked = option_taken(asks, text, intent)
        if picked is not None:
            self.wish = asks.options[picked].wish
            if self.memory is not None and asks.word:
                self.memory.remember(asks.word, asks.options[picked].label)
        elif intent.act == "generate" and intent.slots.get("subject") and asks.slot != "subject":
            self.wish = update(self.wish, intent)  # a new request instead of an answer
        else:
            self.wish = update(self.wish, replace(intent, act="answer"), asks.open)
        chosen = None if picked is None or left_open(text) else picked + 1
        return replace(self._ask_or_draw(intent), chosen=chosen)

    # ---- pictures ------------------------------------------------------------------------------------------------------
    def _request(self, wish: Wish, count: int, sketch: bool = False, **extra: Any) -> GenerationRequest:
        conditioning = ground(wish, self.pipe.styles)
        most = max(self.pipe.denoisers)
        height, width = (min(v, most) for v in (conditioning.height, conditioning.width))
        if sketch:
            scale = min(1.0, max(SKETCH) / max(height, width))
            height, width = (max(8, round(v * scale)) for v in (height, width))
        conditioning = replace(conditioning, height=height, width=width, style=conditioning.style or self._style())
        return GenerationRequest(conditioning=conditioning, num_images=count, seed=self.seed, **extra)

    def _style(self) -> str | None:
        """The style to draw in.

        Raises:
            BadInput: it is no longer there; the next turn goes without.
        """
        style = self.style
        if style is not None and style not in self.pipe.styles:
            self.style = None
            raise BadInput(f"there is no style {style!r}; say it again to draw without it")
        return style

    def _draw(self, intent: Intent) -> Reply:
        wish, given = contradictions.resolve(self.wish, intent)
        filled, stated = fill(wish)
        self.wish = wish
        sprites = self._generated(self._request(filled, self.count))
        self._shown(sprites, intent.text, f"drew {describe(filled)}")
        what = describe(filled)
        size = f"{sprites[0].width}x{sprites[0].height}"
        said = (
            f"Here is {what}, {size} px."
            if self.count == 1
            else f"Here are {self.count} of {what}, {size} px. Which one do you take?"
        )
        return Reply(text=" ".join((*(c.sentence for c in given), *stated, said)), kind="sprites", sprites=sprites)

    def _generated(self, request: GenerationRequest) -> tuple[Sprite, ...]:
        result = self.pipe.generate_batch([request])[0]
        self.seed += request.num_images
        return (result if self.check is None else self.check.drawn(self.pipe, request, result)).sprites

    def _shown(self, sprites: Sequence[Sprite], said: str, done: str) -> None:
        self.candidates = list(sprites)
        self.history.add(sprites[0], said, done, new=True)

    def _number(self, text: str, intent: Intent) -> int | None:
        """The candidate that a turn names, from 1."""
        if len(self.candidates) < 2:
            return None
        told = [reference(piece) for piece in intent.slots.get("reference", ())]
        number = next((n for n in (*told, reference(text.rstrip(".!")), intent.number) if n), None)
        if number is None:
            return None
        if number < 0:
            number = len(self.candidates) + 1 + number
        if not 1 <= number <= len(self.candidates):
            raise BadInput(f"there is no number {number}; {len(self.candidates)} are shown")
        return number

    def _choose(self, number: int, text: str) -> Reply:
        sprite = self.candidates[number - 1]
        if self.history.current.sprite is not sprite:
            self.history.add(sprite, text, f"took number {number}", new=True)
        self.candidates = [sprite]
        return Reply(
            text=f"Number {number} it is. Say what to change, or save it.",
            kind="sprites",
            sprites=(sprite,),
            chosen=number,
        )

    def _vary(self, number: int, text: str) -> Reply:
        source = self.candidates[number - 1]
        wish = replace(fill(self.wish)[0], size=(source.height, source.width))
        sprites = self._generated(self._request(wish, self.count, source=source, strength=VARIED))
        self._shown(sprites, text, f"drew variations of number {number}")
        return Reply(
            text=f"Here are {self.count} more like number {number}.",
            kind="sprites",
            sprites=sprites,
            varied=number,
        )

    def _edit(self, text: str, intent: Intent) -> Reply:
        asks = self.policy.next_question(self.wish, intent, self.questions)
        sprite = self.history.current.sprite
        if asks is not None:
            try:  # what the plain rules read needs no question
                request = read_instruction(text, self.seed)
            except BadInput:
                self.asked, self.waiting, self.questions = asks, intent, self.questions + 1
                return Reply(text=asks.text, kind="question", question=asks)
        elif intent.act == "edit":
            request = edits_request(text, intent, sprite, self.seed)
        else:
            request = read_instruction(text, self.seed)
        if not request.place and request.region not in ("", "none", "whole") and not self.pointing:
            request = self._of_thing(request, sprite)
        request = self.pointing.applied(request, sprite)
        if edits.needs_drawing(request):
            request = replace(request, style=self._style())
        pipe = (
            self.pipe if edits.needs_drawing(request) or (sprite.mask is None and edits.needs_parts(request)) else None
        )
        try:
            result = edits.apply(sprite, request, pipe)
        except BadInput:
            if self.pointing or request.place or request.region in ("", "none", "whole"):
                raise
            result = edits.apply(sprite, replace(request, region="whole"), pipe)  # a part that nobody named was guessed
        if self.check is not None:
            result = self.check.edited(sprite, request, result)
        self.questions = 0
        self.seed += int(edits.needs_drawing(request))
        self.wish = update(self.wish, intent)
        self.history.add(result.sprite, text, result.sentence)
        self.candidates = []
        return Reply(text=result.sentence, kind="edit", sprites=(result.sprite,), edit=result)

    def _of_thing(self, request: edits.EditRequest, sprite: Sprite) -> edits.EditRequest:
        """A change by a pronoun, of the very thing that was put in last where the mask still has it."""
        thing = thing_at_hand(self.parser.read_before(self.turns))
        known = bool(thing) and any(name.lower().startswith(thing.lower()) for name in sprite.mask_names)
        return replace(request, place=thing, region="") if known else request

    # ---- beside the picture --------------------------------------------------------------------------------------------
    def _undo(self, intent: Intent) -> Reply:
        first = re.search(r"\b(?:first|original|start|beginning)\b", intent.text, re.IGNORECASE)
        undone = self.history.current
        version = (
            self.history.first() if first and undone.parent is not None else self.history.undo(turns_back(intent.text))
        )
        said = f'I took back "{undone.said}"' if undone.said else "I went back"
        return Reply(text=f'{said}; this is "{version.said}" again.', kind="history", sprites=(version.sprite,))

    def _redo(self, intent: Intent) -> Reply:
        version = self.history.redo(turns_back(intent.text))
        return Reply(text=f'Again: "{version.said}".', kind="history", sprites=(version.sprite,))

    def _save(self, intent: Intent) -> Reply:
        from pixelmind.pixels import export

        number = self._number(intent.text, intent) if intent.slots.get("reference") else None
        sprite = self.candidates[number - 1] if number else self.history.current.sprite
        named = _FILE.search(intent.text)
        told = intent.slots.get("format", ())
        wanted = next((f for f in map(file_format, (*told, intent.text)) if f), None)
        if wanted is None and told and not (named and told[0] in named[1]):
            raise BadInput(f"{told[0]} is no format that I write; use one of {', '.join(export.FORMATS)}")
        wanted = wanted or "png"
        given = named[1] if named and file_format(named[1]) is None else ""
        stem = (
            Path(given).stem
            if given
            else "-".join(re.findall(r"[a-z0-9]+", describe(self.wish).lower())[:6]) or "sprite"
        )
        if self.out is None:
            name = f"{stem}{export.SUFFIX[wanted]}"
            return Reply(text=f"{name} is ready.", kind="saved", sprites=(sprite,), file=(name, wanted))
        paths = export.save([sprite], _free(self.out, stem, export.SUFFIX[wanted]), wanted)
        return Reply(
            text=f"Saved as {', '.join(p.name for p in paths)}.", kind="saved", paths=tuple(p.resolve() for p in paths)
        )

    def _compare(self, intent: Intent) -> Reply:
        current = self.history.current
        if len(self.candidates) > 1:
            return Reply(
                text=f"These {len(self.candidates)} are shown; say which one.",
                kind="answer",
                sprites=tuple(self.candidates),
            )
        if current.parent is None:
            return Reply(
                text="There is one picture so far, and nothing to compare it with.",
                kind="answer",
                sprites=(current.sprite,),
            )
        before = self.history.versions[current.parent].sprite
        count = int(changed_cells(before, current.sprite).sum())
        return Reply(
            text=f"Before and now: {count} cells differ. {current.done}",
            kind="answer",
            sprites=(before, current.sprite),
        )

    def _tell(self, intent: Intent) -> Reply:
        low = intent.text.lower()
        if not len(self.history) or re.search(r"\b(?:you|help|how do i|commands?)\b", low):
            return Reply(text=_HELP, kind="answer")
        sprite = self.history.current.sprite
        parts = [n for n in sprite.mask_names if n != "background"]
        said = f"It is {sprite.width}x{sprite.height} px in {sprite.num_colors} colours"
        if re.search(r"\bcolou?rs?|palette\b", low):
            said += ": " + " ".join(f"#{bytes(c[:3]).hex()}" for c in sprite.palette if c[3])
        said += f"; I see {', '.join(parts)}." if parts else "."
        return Reply(text=f"{said} The wish so far: {describe(self.wish)}.", kind="answer", sprites=(sprite,))

    # ---- keeping -------------------------------------------------------------------------------------------------------
    def state(self, name: Callable[[Sprite], Any] = Sprite.to_dict) -> dict[str, Any]:
        """The session as plain JSON, its candidates told by `name`; the history has a state of its own."""
        return keeping.state(self, name)

    def restore(self, kept: Mapping[str, Any], sprite: Callable[[Any], Sprite] = Sprite.from_dict) -> None:
        """Take up a `state`; `sprite` finds a candidate by its name.

        Raises:
            BadInput: of a newer format. CorruptFile: it does not hold together.
        """
        keeping.restore(self, kept, sprite)

    def save_state(self, folder: Path) -> Path:
        """Write the session whole or not at all.

        Raises:
            BadInput: the folder cannot be written.
        """
        self.history.save(folder / HISTORY)
        try:
            return files.write_json(folder / FILE, self.state())
        except OSError as error:
            raise BadInput(f"cannot write the session to {folder}: {error.strerror or error}") from error

    def _load(self, folder: Path) -> None:
        try:
            self.restore(json.loads((folder / FILE).read_text(encoding="utf-8")))
            self.history = History.load(folder / HISTORY) if (folder / HISTORY).is_dir() else History()
        except CorruptFile as error:
            raise CorruptFile(f"{folder}: {error}") from error
        except (OSError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            raise CorruptFile(
                f"the session at {folder} is damaged ({type(error).__name__}); name another one"
            ) from error


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A path in the folder that no file has."""
    names = (stem, *(f"{stem}-{i}" for i in range(2, 10_000)))
    return folder / next(f"{n}{suffix}" for n in names if not (folder / f"{n}{suffix}").exists())
