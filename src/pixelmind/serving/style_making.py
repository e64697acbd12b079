"""Styles of the callers' own: where they lie, what is being made, and the one process that makes them.

Each person has a folder: `home` itself where one person uses the machine, `home`/users/ID with keys. Styles are made one at a time in a
process of low priority, so that drawing goes on. What waits lies in `home`/styles-waiting, a folder each with its pictures and
`asked.json`, so that a style that was acknowledged is made after a restart, too (`resume`); a process that dies is started once more.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.serving.config import Config
from pixelmind.serving.errors import ApiError
from pixelmind.serving.jobs import QueueFull
from pixelmind.serving.uploads import check_picture

try:
    import fcntl
except ImportError:  # no such lock on Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pixelmind.adaptation.adapters import Kept
    from pixelmind.generator.pipeline import PixelPipeline

log = logging.getLogger("pixelmind.serving")
Status = Literal["waiting", "making", "failed", "ready", "unusable"]
MAX_SPRITES = 16
MAX_WAITING = 8
MAX_KEPT = 64  # styles of one person
SECONDS = 60.0  # of training
GRACE_SECONDS = 120.0  # beyond them, for loading
#: Names that mean something else in a request's `style`.
TAKEN = ("vivid", "natural")
ASKED = "asked.json"
HALF_WRITTEN_SECONDS = 600.0
TRIES = 2  # of a process that dies
LOST = "the process that made the style died twice; the service's log has the details"
_ODD = re.compile(r"[^A-Za-z0-9 _.-]+")


@dataclass(eq=False)
class Making:
    """A style that is asked for and not there yet."""

    user: str
    name: str
    home: Path
    weights: Path
    folder: Path
    images: list[Path]
    status: Status = "waiting"
    progress: float = 0.0
    error: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    process: subprocess.Popen[str] | None = None
    given_up: bool = False
    lock: IO[str] | None = None  # held while this service has it in hand

    def keep(self) -> None:
        """Write down what is asked, so that it can be resumed, and take it in hand."""
        told = {"user": self.user, "name": self.name, "home": str(self.home), "weights": str(self.weights)}
        images = [str(path.relative_to(self.folder)) for path in self.images]
        write_json(self.folder / ASKED, told | {"images": images, "created": self.created.isoformat()})
        self.lock = _taken(self.folder)

    @classmethod
    def kept(cls, folder: Path) -> Making | None:
        """What a folder asks for; None where another service has it in hand.

        Raises:
            OSError, ValueError, KeyError: it was never acknowledged, or is damaged.
        """
        asked = json.loads((folder / ASKED).read_text())
        lock = _taken(folder)
        if lock is None:
            return None
        images = [folder / name for name in asked["images"]]
        home, weights = Path(asked["home"]), Path(asked["weights"])
        created = datetime.fromisoformat(asked["created"])
        return cls(asked["user"], asked["name"], home, weights, folder, images, created=created, lock=lock)

    def discard(self) -> None:
        """Remove the folder, and let go of it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.lock is not None:
            self.lock.close()

    @property
    def open(self) -> bool:
        """Whether it waits or is being made."""
        return self.status in ("waiting", "making")


@dataclass(frozen=True)
class Style:
    """A style as its owner sees it."""

    name: str
    status: Status
    created: datetime
    pictures: int
    progress: float = 1.0
    bytes: int = 0
    weights: str = ""
    error: str | None = None


class StyleMaker:
    """The styles of all callers; safe to call from several threads.

    Args:
        seconds: time limit of a style's training.
    """

    def __init__(self, config: Config, seconds: float = SECONDS) -> None:
        self.config, self.seconds = config, seconds
        self._changed = threading.Condition()
        self._all: list[Making] = []
        self._thread: threading.Thread | None = None
        self._closing = False

    # ---- what is there -----------------------------------------------------------------------------------------------
    def home(self, user: str) -> Path:
        """The folder that holds a person's adapters/."""
        return self.config.home / "users" / user if self.config.keys else self.config.home

    def kept(self, user: str) -> Kept:
        """A person's styles that can be drawn in, by name."""
        from pixelmind.adaptation.adapters import Kept

        return Kept(self.home(user))

    def list(self, user: str, pipe: PixelPipeline) -> list[Style]:
        """A person's styles by name, with those that are being made or could not be."""
        from pixelmind.adaptation import adapters

        found = {name: self._style(user, name, pipe) for name in adapters.names(self.home(user))}
        with self._changed:
            for m in self._all:
                if m.user == user and m.name not in found:
                    count, error = len(m.images), m.error or None
                    found[m.name] = Style(m.name, m.status, m.created, count, round(m.progress, 3), error=error)
        return [found[name] for name in sorted(found)]

    def _style(self, user: str, name: str, pipe: PixelPipeline) -> Style:
        from pixelmind.adaptation import adapters

        folder = adapters.folder_of(self.home(user), name)
        try:
            created = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            about = adapters.manifest_of(folder)
            count, size, weights = int(about["pictures"]), int(about["bytes"]), str(about["weights"])
        except (BadInput, OSError, KeyError, TypeError, ValueError):
            return Style(name, "unusable", datetime.now(UTC), 0, error=f"the style {name} is damaged; delete it")
        fits = about.get("base") == adapters.level_ids(pipe.bundle, dict.fromkeys(about.get("levels", ())))
        told = f"{name} was made for the weights {weights}, these are {pipe.bundle.id}; delete it and make it anew"
        status: Status = "ready" if fits else "unusable"
        return Style(name, status, created, count, bytes=size, weights=weights, error=None if fits else told)

    def files(self, user: str) -> Iterator[tuple[str, bytes]]:
        """File names and bytes of a person's styles, for their export."""
        from pixelmind.adaptation import adapters

        for name in adapters.names(self.home(user)):
            for path in sorted(adapters.folder_of(self.home(user), name).iterdir()):
                with suppress(OSError):  # deleted meanwhile
                    yield f"styles/{name}/{path.name}", path.read_bytes()

    # ---- asking ------------------------------------------------------------------------------------------------------
    def submit(self, user: str, name: str, files: Sequence[tuple[str, bytes]], pipe: PixelPipeline) -> None:
        """Have a style made from pictures, (file name, bytes) of each.

        Raises:
            BadInput: no fit name, or unfit pictures. ApiError: 409 the name is taken. QueueFull: too much waits.
        """
        from pixelmind.adaptation import adapters

        home = self.home(user)
        adapters.check_name(name)
        if name in pipe.vocabulary.styles or name in TAKEN:
            raise ApiError(400, f"{name!r} has a meaning of its own already; choose another name", param="name")
        if not 1 <= len(files) <= MAX_SPRITES:
            raise ApiError(400, f"{len(files)} pictures; a style is made from 1 to {MAX_SPRITES}", param="images")
        self._room(user, name)
        self._place.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._place))
        try:
            making = Making(user, name, home, pipe.bundle.folder, folder, _checked(files, folder))
            with self._changed:
                self._room(user, name)
                making.keep()
                self._all = [m for m in self._all if m.open or (m.user, m.name) != (user, name)]
                self._enter(making)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def resume(self) -> None:
        """Go on with what a service before this one acknowledged and did not end."""
        from pixelmind.adaptation import adapters

        for folder in sorted(self._place.glob("*")):
            try:
                making = Making.kept(folder)
            except (OSError, ValueError, KeyError):  # not acknowledged; it may be just being written
                if time.time() - folder.stat().st_mtime > HALF_WRITTEN_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            if making is None:
                continue
            with self._changed:
                if making.name in adapters.names(making.home):
                    making.discard()
                else:
                    self._enter(making)

    @property
    def _place(self) -> Path:
        return self.config.home / "styles-waiting"

    def _enter(self, making: Making) -> None:
        self._all.append(making)
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="pixelmind-styles", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _room(self, user: str, name: str) -> None:
        """Refuse what is one too many."""
        from pixelmind.adaptation import adapters

        with self._changed:
            waiting = [m for m in self._all if m.open]
            there = adapters.names(self.home(user))
            if name in there or any((m.user, m.name) == (user, name) for m in waiting):
                raise ApiError(409, f"there is a style {name} already; choose another name, or delete it", param="name")
            if any(m.user == user for m in waiting):
                raise QueueFull("a style of yours is being made; wait until it is done", retry_after=30)
            if len(waiting) >= MAX_WAITING:
                raise QueueFull(f"{len(waiting)} styles wait already; try again later", self.seconds)
            if len(there) >= MAX_KEPT:
                raise ApiError(400, f"you have {len(there)} styles, at most {MAX_KEPT} are kept; delete one")

    def remove(self, user: str, name: str) -> None:
        """Delete a style, or give it up.

        Raises:
            ApiError: 404 none of that name.
        """
        from pixelmind.adaptation import adapters

        given_up = self._give_up(user, name)
        try:
            adapters.remove(self.home(user), name)
        except (BadInput, FileNotFoundError) as error:
            if not given_up:
                raise ApiError(404, f"you have no style {name[:40]!r}") from error

    def forget(self, user: str) -> None:
        """Delete all styles of a person who leaves."""
        self._give_up(user)
        for path in self._place.glob(f"*/{ASKED}"):  # of another service on this home
            with suppress(OSError, ValueError):
                if json.loads(path.read_text())["user"] == user:
                    shutil.rmtree(path.parent, ignore_errors=True)
        shutil.rmtree(self.home(user) / "adapters", ignore_errors=True)
        if self.config.keys:
            shutil.rmtree(self.home(user), ignore_errors=True)

    def _give_up(self, user: str, name: str | None = None) -> bool:
        """Drop what is being made, waiting until its process is gone; whether there was any."""
        with self._changed:
            dropped = [m for m in self._all if m.user == user and name in (None, m.name)]
            self._all = [m for m in self._all if m not in dropped]
            for making in dropped:
                making.given_up = True
                if making.process is not None:
                    making.process.kill()
        for making in dropped:
            if making.process is not None:
                making.process.wait()
            making.discard()
        return bool(dropped)

    def close(self) -> None:
        """End the process; what waits and is made goes on after the next start."""
        with self._changed:
            self._closing = True
            for making in self._all:
                if making.process is not None:
                    making.process.kill()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(10)
        for making in self._all:
            if making.lock is not None:
                making.lock.close()

    # ---- making ------------------------------------------------------------------------------------------------------
    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._closing and not any(m.status == "waiting" for m in self._all):
                    self._changed.wait()
                if self._closing:
                    return
                making = next(m for m in self._all if m.status == "waiting")
                making.status = "making"
            try:
                for _ in range(TRIES):
                    making.error = self._make(making)
                    if making.error != LOST or making.given_up or self._closing:
                        break
                    log.warning("the process that made a style died; it is started anew")
            except Exception:
                log.exception("a style could not be made")
                making.error = "the style could not be made; the service's log has the details"
            if making.error and self._closing and not making.given_up:
                return  # the next service goes on with it
            making.discard()
            with self._changed:
                making.status = "failed" if making.error else "ready"
                if not making.error and making in self._all:
                    self._all.remove(making)

    def _make(self, making: Making) -> str:
        """Run the process; returns what went wrong in one line, "" where nothing did."""
        with self._changed:
            if making.given_up:
                return "given up"
            command = [sys.executable, "-m", "pixelmind.adaptation.worker"]
            pipe: Any = subprocess.PIPE
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
            making.process = process
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        killer = threading.Timer(self.seconds + GRACE_SECONDS, stop)
        killer.start()
        asked = {
            "images": [str(path) for path in making.images],
            "name": making.name,
            "home": str(making.home),
            "weights": str(making.weights),
            "seconds": self.seconds,
        }
        told: dict[str, Any] = {}
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(asked) + "\n")
                process.stdin.flush()
            for line in process.stdout:
                told = json.loads(line)
                if "step" in told:
                    half = told["step"] / max(1, told["steps"]) / 2
                    making.progress = max(making.progress, min(0.99, half if told["level"] == 16 else 0.5 + half))
        finally:
            killer.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
            with suppress(BrokenPipeError):  # it died before it read what was asked, which is still to be flushed
                process.stdin.close()
        if told.get("done"):
            return ""
        for aside in (making.home / "adapters").glob(f".{making.name}-*"):  # of a process that was ended while it wrote
            shutil.rmtree(aside, ignore_errors=True)
        if told.get("error"):
            return _short(str(told["error"]), making.folder)
        return "the style took too long; try again with fewer pictures" if late.is_set() else LOST


def _taken(folder: Path) -> IO[str] | None:
    """The lock on a waiting style; None where another service holds it. It ends with its process."""
    lock = open(folder / ASKED)  # noqa: SIM115  (held until the style is made)
    if fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return None
    return lock


def _checked(files: Sequence[tuple[str, bytes]], folder: Path) -> list[Path]:
    """The pictures as files, each in a folder of its own so that it keeps the name that says what it shows.

    Raises:
        BadInput: one is no sprite, is animated, or shows no style.
    """
    from pixelmind.adaptation.sprites import read_sprite

    paths = []
    for index, (name, data) in enumerate(files):
        told = _ODD.sub("_", name.replace("\\", "/").rpartition("/")[2])[-60:].lstrip(".") or "sprite.png"
        path = folder / f"{index:02}" / told
        path.parent.mkdir()
        try:
            check_picture(data)
            path.write_bytes(data)
            read_sprite(path)
        except BadInput as error:
            line = _short(str(error), folder)
            raise BadInput(line if told in line else f"{told}: {line}") from error
        paths.append(path)
    return paths


def _short(text: str, folder: Path) -> str:
    """A message without the folder that nobody knows."""
    return re.sub(re.escape(str(folder)) + r"/\d\d/", "", " ".join(text.split()))
