"""`pixelmind chat`: sprites in a dialogue in the terminal, or played from a script."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.generate import MAX_SEED, Check, Style, tell_doubt
from pixelmind.cli.home import home
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.dialogue.session import Reply, Session

HELP = """Say what to draw and what to change, in plain English. Beside that:
  /show              the picture again            /history           all versions
  /go N              to version N                 /undo, /redo       one step
  /save [NAME]       write a PNG                  /export FORMAT     gif, aseprite, tiled, godot …
  /seed N            seed of the next drawing     /new               forget the wish and begin anew
  /style [NAME]      draw in a style, or in none
  /help              this list                    /quit              leave; --session NAME goes on later"""
SESSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def chat(
    script: Annotated[Path | None, typer.Option(help="Play the turns of a text file, one a line, and leave.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder of saved sprites. Default: PIXELMIND_HOME/outputs.")
    ] = None,
    session: Annotated[
        str | None, typer.Option(metavar="NAME", help="Keep the dialogue under a name and go on with it.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Remember what this person means by vague words (see: memory).")
    ] = None,
    style: Style = None,
    seed: Annotated[int, typer.Option(help="Same seed and words, same dialogue.")] = 0,
    candidates: Annotated[int, typer.Option(help="Sprites drawn for a wish, 1 to 8.")] = 2,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    check: Check = True,
    preview: Annotated[bool, typer.Option(help="Show the pictures in the terminal.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a turn instead.")] = False,
) -> None:
    """Draw and change sprites in a dialogue. /help lists commands; Ctrl-D leaves.

    --json prints for each turn {"said", "kind", "text", "images", "question", "edit", "paths"}. With PIXELMIND_CHAT_BASE_URL, _API_KEY and
    _MODEL set, a chat model reads and phrases the turns.
    """
    if not 0 <= seed <= MAX_SEED:
        raise BadInput(f"--seed {seed} is out of range: use 0 to {MAX_SEED}")
    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
    if session is not None and not SESSION_NAME.fullmatch(session):
        raise BadInput(f"--session {session!r} is no name; use up to 64 letters, digits, - and _")
    lines = None if script is None else _script(script)
    target = out or home() / "outputs"
    if target.exists() and not target.is_dir():
        raise BadInput(f"--out {target} is a file; name a folder")

    from pixelmind.adaptation.adapters import Kept
    from pixelmind.dialogue.chat_model import ChatModel
    from pixelmind.dialogue.session import Session
    from pixelmind.quality.after import load_check

    memory = None
    if user is not None:
        from pixelmind.dialogue.memory import load_memory

        memory = load_memory(weights)
        memory.restore(home() / "memory", user)
    folder = None if session is None else home() / "sessions" / session
    talk = Session(
        weights,
        folder=folder,
        out=target,
        seed=seed,
        candidates=candidates,
        threads=threads,
        chat=ChatModel.from_environment(),
        memory=memory,
        style=style,
        own_styles=Kept(home()),
        check=load_check(weights) if check else None,
    )
    if not json and lines is None:
        again = f" Going on with {session}: {len(talk.turns)} turns." if talk.turns else ""
        output.log(f"Say what to draw. /help lists commands, Ctrl-D leaves.{again}")
    for line in _turns() if lines is None else lines:
        if line.strip() in ("/quit", "/exit", "/q"):
            break
        if lines is not None and not json:
            print(f"> {line}")
        told = 0 if memory is None else memory.pairs
        reply = _command(talk, line) if line.startswith("/") else talk.say(line)
        if memory is not None and user is not None and memory.pairs > told:
            memory.save(home() / "memory", user)
        if json:
            output.print_json(as_dict(line, reply))
        else:
            _show(reply, preview)


def _script(path: Path) -> list[str]:
    """The turns of a script: lines that are not empty and do not begin with "#".

    Raises:
        BadInput: unreadable, no text, or no turn in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text; write one turn a line") from error
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise BadInput(f"{path} holds no turn; write one a line")
    return found


def _turns() -> Iterator[str]:
    """What is typed, until the end of input."""
    asks = "you: " if sys.stdin.isatty() else ""
    while True:
        try:
            line = input(asks)
        except EOFError:
            if asks:
                print()
            return
        if line.strip():
            yield line.strip()


def _command(talk: Session, line: str) -> Reply:
    """A slash command; what it cannot do is answered in words."""
    from pixelmind.dialogue.session import Reply
    from pixelmind.records import Intent

    name, _, rest = line[1:].partition(" ")
    rest = rest.strip()
    try:
        if name in ("undo", "redo"):
            return talk.turn(Intent(text=f"{name} {rest} times" if rest.isdigit() else name, act=name))
        if name in ("save", "export"):
            slots = {"format": (rest,)} if name == "export" and rest else {}
            text = f"save as {rest}" if name == "save" and rest else name
            return talk.turn(Intent(text=text, act="save", slots=slots))
        if name == "show":
            sprites = tuple(talk.candidates) if len(talk.candidates) > 1 else (talk.history.current.sprite,)
            return Reply(text="", kind="answer", sprites=sprites)
        if name == "history":
            current = talk.history.current.number
            rows = [
                f"{'*' if v.number == current else ' '} {v.number} {v.said} - {v.done}" for v in talk.history.versions
            ]
            return Reply(text="\n".join(rows), kind="answer")
        if name == "go":
            if not rest.isdigit():
                raise BadInput("name a version: /go 2 (/history lists them)")
            return Reply(text=f"Version {rest}.", kind="history", sprites=(talk.history.go(int(rest)).sprite,))
        if name == "seed":
            if not rest.isdigit() or int(rest) > MAX_SEED:
                raise BadInput(f"name a seed from 0 to {MAX_SEED}: /seed 7")
            talk.seed = int(rest)
            return Reply(text=f"The next drawing has seed {rest}.", kind="answer")
        if name == "style":
            talk.style = rest or None
            return Reply(text=f"I draw in the style {rest}." if rest else "I draw in no set style.", kind="answer")
        if name == "new":
            talk.forget()
            return Reply(text="The wish is forgotten; earlier versions stay in /history.", kind="answer")
        if name == "help":
            return Reply(text=HELP, kind="answer")
        raise BadInput(f"there is no command /{name}; /help lists them")
    except BadInput as error:
        return Reply(text=f"{error}.", kind="error")


def _show(reply: Reply, preview: bool) -> None:
    if preview and reply.sprites:
        output.print_previews(reply.sprites)
    if reply.text:
        print(reply.text)
    for path in reply.paths:
        print(path)
    for number, sprite in enumerate(reply.sprites, 1):
        tell_doubt(sprite, f"number {number}" if len(reply.sprites) > 1 else "the sprite")


def as_dict(said: str, reply: Reply) -> dict[str, object]:
    """A turn as plain JSON."""
    asks, done = reply.question, reply.edit
    return {
        "said": said,
        "kind": reply.kind,
        "text": reply.text,
        "images": [{"width": s.width, "height": s.height, "colors": s.num_colors} for s in reply.sprites],
        "question": None
        if asks is None
        else {"slot": asks.slot, "kind": asks.kind, "options": [o.label for o in asks.options]},
        "edit": None
        if done is None
        else {
            "region": done.place,
            "operation": done.operation,
            "changed_cells": done.changed_cells,
            "changed_outside": done.changed_outside,
        },
        "paths": [str(p) for p in reply.paths],
    }
