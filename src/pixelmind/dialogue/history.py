"""The history of a sprite as a tree: every version is kept, undo and redo walk on it, and an edit after an undo begins a branch.

At rest: FOLDER/history.json names the versions in order with their parents, and FOLDER/versions/HASH.json holds each sprite (the
record, so mask and provenance too). Versions are written once and first, the index last and atomically: a reader sees the
history before a save or after it, never half of one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelmind import files
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.records import Sprite

FORMAT = 1
INDEX, VERSIONS = "history.json", "versions"


@dataclass(frozen=True, eq=False)
class Version:
    """One version of a sprite: its number, the version it was made from (None: the first of a drawing), what the person said and
    what was done. `held` is the sprite, or what fetches it when it is looked at."""

    number: int
    parent: int | None
    held: Sprite | Callable[[], Sprite]
    said: str = ""
    done: str = ""

    @property
    def sprite(self) -> Sprite:
        """The sprite of this version.

        Raises:
            BadInput: it is kept elsewhere and cannot be fetched.
        """
        return self.held if isinstance(self.held, Sprite) else self.held()


class History:
    """Versions by number, 0, 1, …; `current` is the one in view."""

    def __init__(self) -> None:
        self.versions: list[Version] = []
        self._current: int | None = None
        self._next: dict[int, int] = {}  # version -> the child that redo goes to

    def __len__(self) -> int:
        return len(self.versions)

    @property
    def current(self) -> Version:
        """The version in view.

        Raises:
            BadInput: there is none yet.
        """
        if self._current is None:
            raise BadInput("there is no picture yet; say what to draw")
        return self.versions[self._current]

    def add(self, sprite: Sprite, said: str = "", done: str = "", *, new: bool = False) -> Version:
        """Put a version after the one in view, or at a root of its own where it is a `new` drawing, and view it."""
        parent = None if new else self._current
        version = Version(len(self.versions), parent, sprite, said, done)
        self.versions.append(version)
        if parent is not None:
            self._next[parent] = version.number
        self._current = version.number
        return version

    def undo(self, turns: int = 1) -> Version:
        """Go back this many versions, at most to the first one of this drawing.

        Raises:
            BadInput: it is the first already, or no number of turns.
        """
        _check(turns)
        if self.current.parent is None:
            raise BadInput("there is nothing to undo: this is the first picture")
        for _ in range(turns):
            parent = self.current.parent
            if parent is None:
                break
            self._next[parent] = self.current.number
            self._current = parent
        return self.current

    def redo(self, turns: int = 1) -> Version:
        """Go forward again on the branch that was left last.

        Raises:
            BadInput: nothing was undone here.
        """
        _check(turns)
        if self.current.number not in self._next:
            raise BadInput("there is nothing to redo: this is the latest version")
        for _ in range(turns):
            if self.current.number in self._next:
                self._current = self._next[self.current.number]
        return self.current

    def go(self, number: int) -> Version:
        """View any version; redo leads along the way to it from its first.

        Raises:
            BadInput: no such version.
        """
        if not 0 <= number < len(self.versions):
            raise BadInput(f"there is no version {number}; there are 0 to {len(self.versions) - 1}")
        self._current = number
        for child, parent in zip(self.path()[1:], self.path()):
            self._next[parent.number] = child.number
        return self.current

    def first(self) -> Version:
        """View the first version of the drawing in view."""
        return self.go(self.path()[0].number)

    def path(self) -> list[Version]:
        """The versions from the first one to the one in view."""
        out = [self.current]
        while (parent := out[-1].parent) is not None:
            out.append(self.versions[parent])
        return out[::-1]

    def children(self, number: int) -> list[Version]:
        """The versions made from one."""
        return [version for version in self.versions if version.parent == number]

    def state(self, name: Callable[[Version], Mapping[str, Any]]) -> dict[str, Any]:
        """The history as plain JSON. `name` tells a version's sprite by what finds it again, such as {"sha256": …}."""
        rows = [{"parent": v.parent, "said": v.said, "done": v.done, **name(v)} for v in self.versions]
        following = [[a, b] for a, b in sorted(self._next.items())]
        return {"format": FORMAT, "current": self._current, "next": following, "versions": rows}

    @classmethod
    def restored(
        cls, state: Mapping[str, Any], held: Callable[[Mapping[str, Any]], Sprite | Callable[[], Sprite]]
    ) -> History:
        """The history of a `state`; `held` gives a version's sprite, or what fetches it, from its row.

        Raises:
            BadInput: of a newer format. CorruptFile: it does not hold together.
        """
        try:
            if state["format"] > FORMAT:
                raise BadInput(
                    f"the history is of format {state['format']}, this program reads up to {FORMAT}; update pixelmind"
                )
            found = cls()
            for number, row in enumerate(state["versions"]):
                if row["parent"] is not None and not 0 <= row["parent"] < number:
                    raise CorruptFile(f"version {number} of the history has no parent")
                found.versions.append(Version(number, row["parent"], held(row), row["said"], row["done"]))
            found._next = {int(a): int(b) for a, b in state["next"]}
            found._current = state["current"]
            known: list[Any] = [
                *found._next,
                *found._next.values(),
                *([] if found._current is None else [found._current]),
            ]
            if any(not 0 <= n < len(found.versions) for n in known):
                raise CorruptFile("the history points to versions it has not")
        except BadInput:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorruptFile(f"the history is damaged ({type(error).__name__}); it cannot be read") from error
        return found

    def save(self, folder: Path | str) -> Path:
        """Write the history whole or not at all; versions that are there already are not written again.

        Raises:
            BadInput: the folder cannot be written.
        """
        folder = Path(folder)

        def written(version: Version) -> dict[str, str]:
            data = json.dumps(version.sprite.to_dict(), sort_keys=True, ensure_ascii=False).encode()
            digest = hashlib.sha256(data).hexdigest()
            path = folder / VERSIONS / f"{digest[:24]}.json"
            if not path.is_file():
                files.write_bytes(path, data)
            return {"sha256": digest}

        try:
            return files.write_json(folder / INDEX, self.state(written))
        except OSError as error:
            raise BadInput(f"cannot write the history to {folder}: {error.strerror or error}") from error

    @classmethod
    def load(cls, folder: Path | str) -> History:
        """Read a saved history.

        Raises:
            BadInput: none there, or of a newer format. CorruptFile: a file is damaged or missing.
        """
        folder = Path(folder)
        if not (folder / INDEX).is_file():
            raise BadInput(f"no history at {folder}; name a folder that a session was saved to")

        def read(row: Mapping[str, Any]) -> Sprite:
            data = (folder / VERSIONS / f"{row['sha256'][:24]}.json").read_bytes()
            if hashlib.sha256(data).hexdigest() != row["sha256"]:
                raise CorruptFile(f"version {row['sha256'][:24]} of the history is damaged")
            return Sprite.from_dict(json.loads(data))

        try:
            return cls.restored(json.loads((folder / INDEX).read_text(encoding="utf-8")), read)
        except CorruptFile as error:
            raise CorruptFile(f"{folder}: {error}") from error
        except (OSError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            raise CorruptFile(
                f"the history at {folder} is damaged ({type(error).__name__}); it cannot be read"
            ) from error


def _check(turns: int) -> None:
    if turns < 1:
        raise BadInput(f"{turns} turns cannot be gone back or forward; use 1 or more")
