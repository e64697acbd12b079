"""The two processes of a real federation: what the network parts are given of weights, sprites and styles.

pixelmind adapt federated serve --identity KEYS/server.pem --out OUT
pixelmind adapt federated join HOST:PORT --identity KEYS/anna.pem --images my_sprites
"""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from pixelmind.adaptation import adapters
from pixelmind.adaptation.federated.accounting import Budget, least_noise
from pixelmind.adaptation.federated.identity import Identity
from pixelmind.adaptation.federated.local import LocalTrainer
from pixelmind.adaptation.federated.member import Member
from pixelmind.adaptation.federated.quantization import F64
from pixelmind.adaptation.federated.server import FederationServer, new_name, open_federation
from pixelmind.adaptation.federated.settings import Settings
from pixelmind.adaptation.federated.subspace import Basis, fits
from pixelmind.adaptation.style import words_of
from pixelmind.adaptation.tasks import Picture
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.training.lora import LoraConfig

Tell = Callable[[str], None]


def weights_id(bundle: Bundle, level: int) -> str:
    """Which weights an adapter of this level is for.

    Raises:
        BadInput: the bundle has no such level.
    """
    if f"level{level}" not in bundle:
        raise BadInput(f"{bundle.folder} has no level {level}")
    return adapters.level_ids(bundle, {level: None})[str(level)]


def _no_words(captions: Sequence[str]) -> NoReturn:
    raise AssertionError("there are no pictures that words were asked for")


def trainer_of(
    bundle: Bundle, settings: Settings, basis: Basis | None, pictures: Sequence[Picture] = ()
) -> LocalTrainer:
    """What a machine learns with: the level with the shared adapter's shape, and the words of these pictures.

    Raises:
        BadInput: the basis is for another adapter.
    """
    return LocalTrainer(
        bundle,
        settings.level,
        words_of(pictures) if pictures else _no_words,
        LoraConfig(rank=settings.rank, alpha=4.0 * settings.rank),
        rows=settings.rows,
        lr=settings.lr,
        prox=settings.prox,
        seed=settings.seed,
        basis=None if basis is None else basis.check(fits(bundle, settings.level, settings.rank, settings.seed)),
    )


def save_style(
    trainer: LocalTrainer, bundle: Bundle, settings: Settings, shared: F64, index: int, home: Path, name: str
) -> None:
    """Keep a version as a style that this machine can draw in."""
    about = {
        "weights": bundle.id,
        "base": adapters.level_ids(bundle, {settings.level: None}),
        "pictures": 0,
        "start": f"federation {settings.federation}, {index} rounds",
        "federation": settings.federation,
        "licence": "learned together from pictures of its members",
    }
    levels = {settings.level: trainer.params(shared)}
    made = adapters.Adapter(name=name, config=trainer.lora.config, levels=levels, about=about)
    adapters.save(made, home, replace=True)


def check_style(home: Path, name: str, federation: str) -> None:
    """Refuse to overwrite a style that is not of this federation.

    Raises:
        BadInput: it is not.
    """
    folder = adapters.folder_of(home, adapters.check_name(name))
    if folder.exists() and adapters.manifest_of(folder).get("federation") != federation:
        raise BadInput(f"there is a style {name} already; name another for the shared one with --name")


class OwnSprites:
    """A client's learner: its sprites, and the shared adapter as a style in its home."""

    def __init__(
        self, settings: Settings, bundle: Bundle, basis: bytes, pictures: Sequence[Picture], home: Path, name: str
    ) -> None:
        own = weights_id(bundle, settings.level)
        if own != settings.weights:
            raise BadInput(
                f"this federation is for level {settings.level} of the weights {settings.weights}, yours are {own}; "
                "get its version of pixelmind, or name its weights with --weights"
            )
        check_style(home, name, settings.federation)
        self.settings, self.bundle, self.own, self.home, self.name = settings, bundle, list(pictures), home, name
        self.trainer = trainer_of(bundle, settings, Basis.read(basis) if basis else None, pictures)
        if self.trainer.length != settings.length:
            raise BadInput(
                f"this federation's adapter has {settings.length} numbers, here it has {self.trainer.length}"
            )
        self.rng = np.random.default_rng()

    @property
    def pictures(self) -> int:
        """How many sprites there are."""
        return len(self.own)

    def update(self, shared: F64) -> F64:
        """Some local steps."""
        return self.trainer.train(shared, self.own, self.settings.steps, self.rng) - shared

    def keep(self, shared: F64, index: int) -> None:
        """The style of this version."""
        save_style(self.trainer, self.bundle, self.settings, shared, index, self.home, self.name)


def serve(
    identity: Path,
    out: Path,
    listening: socket.socket,
    *,
    weights: Path | None,
    budget: Budget | None,
    basis: Path | None,
    give_up: float,
    tell: Tell,
    opened: Callable[[int], None],
    **options: Any,
) -> dict[str, Any]:
    """Run a federation to its end; its report, which also lies in OUT/report.json. OUT/adapters/shared is the shared adapter.

    Args:
        listening: the socket that clients call.
        basis: file of a `subspace.Basis`, which clients fetch; None: all numbers of the adapter are learned.
        budget: None: no differential privacy. Else the noise is the least with which all rounds fit.
        options: of `Settings`.

    Raises:
        BadInput: see `Settings` and `open_federation`; or nobody came for `give_up` seconds.
    """
    bundle, who = Bundle(weights), Identity.load(identity, "server")
    known = None if basis is None else Basis.load(basis)
    level = options.get("level", Settings.level)
    base = {
        "federation": new_name(),
        "weights": weights_id(bundle, level),
        "length": 1,
        "basis": known.id if known else "",
        **options,
    }
    trainer = trainer_of(bundle, Settings(**base), known)
    base["length"] = trainer.length
    settings = Settings(**base)
    if budget is not None:
        cost = lambda z: Settings(**base | {"multiplier": z}).codec(settings.clip, settings.clients).cost()  # noqa: E731
        multiplier = least_noise(cost, settings.rounds, budget)
        settings = Settings(**base | {"multiplier": multiplier, "epsilon": budget.epsilon, "delta": budget.delta})
        noise = multiplier * settings.clip * math.sqrt(settings.length) / settings.clients
        tell(
            f"noise: its norm in the mean of {settings.clients} clients is about {noise:.3g}, a client's update has at most "
            f"{settings.clip:g}"
            + ("; too few clients to learn much: see --basis in docs/federated.md" if noise > settings.clip else "")
        )

    def changed(shared: F64) -> None:
        save_style(trainer, bundle, coordinator.settings, shared, coordinator.done, out, "shared")

    data = known.data if known else b""
    coordinator = open_federation(settings, out, who, tell=tell, changed=changed, basis=data)
    server = FederationServer(coordinator, give_up=give_up, opened=opened)
    server.run(sockets=[listening])
    coordinator.save()
    if server.gave_up:
        raise BadInput(
            f"no round for {give_up:g} s: too few clients came; {coordinator.done} rounds are done and kept, "
            "the same command goes on from there"
        )
    return coordinator.report()


def join(
    address: str,
    identity: Path,
    pictures: Sequence[Picture],
    home: Path,
    *,
    name: str = "shared",
    weights: Path | None = None,
    tell: Tell = lambda line: None,
    **options: Any,
) -> Member:
    """Take part in a federation until its end; the member, whose `ended` says why there are no more rounds.

    Args:
        options: of `Member`.

    Raises:
        BadInput: see `Member.run`; or the weights are others, or the style's name is taken.
    """
    bundle, who = Bundle(weights), Identity.load(identity, "client")

    def prepare(settings: Settings, basis: bytes) -> OwnSprites:
        return OwnSprites(settings, bundle, basis, pictures, home, name)

    member = Member(address, who, prepare, home / "federations", sends=bool(pictures), tell=tell, **options)
    member.ended = member.run()
    return member
