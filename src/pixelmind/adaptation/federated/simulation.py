"""A federation of simulated clients in one process, against each client alone and against one place that has everything.

    pixelmind adapt federated simulate --data STORE --clients 50 --rounds 10 --secure --dp --out OUT

Three ways to an adapter for clients whose pictures are not alike, with the same steps in all: the federation; each client on its own
pictures only ("local"); all pictures in one place ("central"). Measured by the level's loss on every client's held-out pictures, mean over
clients. The clients are simulated: pictures of a store dealt out by style. OUT/report.json is written anew after every round.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pixelmind.adaptation import adapters
from pixelmind.adaptation.federated.accounting import ORDERS, Accountant, Budget, BudgetSpent, Rdp, least_noise
from pixelmind.adaptation.federated.aggregation import AdaptiveClip, Rule, ServerOptimizer, aggregate
from pixelmind.adaptation.federated.clients import ClientData, partition
from pixelmind.adaptation.federated.codec import Codec
from pixelmind.adaptation.federated.local import LocalTrainer
from pixelmind.adaptation.federated.messages import Aborted
from pixelmind.adaptation.federated.noise import secret_rng
from pixelmind.adaptation.federated.plan import Plan
from pixelmind.adaptation.federated.quantization import F64, I64
from pixelmind.adaptation.federated.report import report
from pixelmind.adaptation.federated.rounds import Traffic, secure_sum
from pixelmind.adaptation.federated.subspace import Basis, fits
from pixelmind.adaptation.tasks import read_groups
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.training.lora import LoraConfig

Privacy = Literal["none", "distributed", "central"]
Tell = Callable[[str], None]
FLOAT_BYTES = 4
SPLITS = ("val", "test")  # new to the weights, as people's own art is


@dataclass(frozen=True, kw_only=True)
class SimulationConfig:
    """A simulated federation. `steps` and `rows` are a client's local steps a round and noisy views a step."""

    clients: int = 50
    rounds: int = 10
    per_round: int | None = None
    """Clients of a round, who take turns; None: all."""
    level: int = 16
    rank: int = 4
    steps: int = 5
    rows: int = 8
    lr: float = 1e-3
    prox: float = 0.0
    alpha: float = 0.1
    pictures: tuple[int, int] = (8, 32)
    overlap: bool = False
    """Clients may have the same pictures; see `clients.partition`."""
    unseen: bool = False
    """Deal out evaluation-only art, which no weights were trained on; else the store's `val` and `test` splits."""
    secure: bool = False
    dropouts: float = 0.0
    """Share of a round's clients lost, each at a step drawn at random."""
    privacy: Privacy = "none"
    epsilon: float = 8.0
    delta: float = 1e-5
    noise_multiplier: float | None = None
    """Noise over sensitivity; None: the least with which all rounds fit the budget."""
    clip: float = 1.0
    adaptive_clip: bool = False
    rule: Rule = "mean"
    server_lr: float = 1.0
    momentum: float = 0.0
    adam: bool = False
    baselines: bool = True
    every: int = 1
    """Rounds from one measurement to the next."""
    basis: Path | None = None
    """File of a `subspace.Basis`; None: all numbers of the adapter are learned and sent."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not 3 <= self.clients <= 10_000 or not 1 <= self.rounds <= 1000 or not 1 <= self.steps <= 1000:
            raise BadInput("a simulation has 3 to 10000 clients, 1 to 1000 rounds and 1 to 1000 local steps")
        if not 3 <= self.cohort <= self.clients:
            raise BadInput(f"a round has 3 to {self.clients} clients, not {self.cohort}")
        if not 4 <= self.pictures[0] <= self.pictures[1] or self.rows < 1:
            raise BadInput("a client has at least 4 pictures and a step one row")
        if not (self.lr > 0 and self.alpha > 0 and self.clip > 0) or self.prox < 0 or not 0 <= self.dropouts < 0.5:
            raise BadInput("lr, alpha and clip must be above 0, prox not negative, dropouts from 0 to below 0.5")
        if self.privacy == "distributed" and not self.secure:
            raise BadInput("noise in shares protects only sums: give --secure with --dp, or --central-dp")
        if self.secure and self.rule != "mean":
            raise BadInput(
                f"--rule {self.rule} needs to see single updates, which --secure hides; leave one of them out"
            )
        if self.privacy == "central" and (self.adaptive_clip or self.rule != "mean"):
            raise BadInput("--central-dp adds its noise to a mean of a fixed clip norm; leave the other rule out")
        if self.noise_multiplier is not None and not self.noise_multiplier > 0:
            raise BadInput(f"the noise multiplier must be above 0, got {self.noise_multiplier}")
        if self.adaptive_clip and not self.secure:
            raise BadInput("--adaptive-clip is for --secure")
        if self.every < 1:
            raise BadInput(f"--every counts rounds: 1 or more, not {self.every}")

    @property
    def cohort(self) -> int:
        """Clients of a round."""
        return self.clients if self.per_round is None else self.per_round

    @property
    def turns(self) -> int:
        """Rounds that the client who takes part in most does."""
        return math.ceil(self.rounds * self.cohort / self.clients)


class Simulation:
    """The state between rounds: vectors float64 [numbers of the adapter], counts, and what was sent."""

    def __init__(
        self, config: SimulationConfig, store: Store, bundle: Bundle, data: Path, tell: Tell = lambda line: None
    ) -> None:
        self.config, self.store, self.bundle, self.tell = config, store, bundle, tell
        cache = TextCache(data / "text")
        lora = LoraConfig(rank=config.rank, alpha=4.0 * config.rank)
        self.trainer = LocalTrainer(
            bundle,
            config.level,
            cache.get,
            lora,
            rows=config.rows,
            lr=config.lr,
            prox=config.prox,
            basis=None
            if config.basis is None
            else Basis.load(config.basis).check(fits(bundle, config.level, config.rank)),
        )
        patch = self.trainer.table.network.patch
        most = max(256, config.clients * config.pictures[1] // 8)  # of a style and kind
        splits = (*SPLITS, "train", "judge") if config.unseen else SPLITS
        groups = read_groups(
            store, config.level, patch, splits=splits, limit=most, seed=config.seed, evaluation_only=config.unseen
        )
        dealt = partition(
            groups,
            config.clients,
            alpha=config.alpha,
            pictures=config.pictures,
            seed=config.seed,
            overlap=config.overlap,
        )
        cache.ensure(p.caption for c in dealt for p in (*c.train, *c.test))
        self.clients: dict[str, ClientData] = {c.name: c for c in dealt}
        self.views = {c.name: self.trainer.views(c.test, i) for i, c in enumerate(dealt)}
        self.order = np.random.default_rng((config.seed, 79)).permutation(sorted(self.clients)).tolist()
        self.shared: F64 = np.zeros(self.trainer.length)
        self.central: F64 = np.zeros(self.trainer.length)
        self.alone = {name: np.zeros(self.trainer.length) for name in self.clients}
        self.traffic, self.plain = Traffic(), Traffic()
        self.took_part = dict.fromkeys(self.clients, 0)
        self.inexact = self.clipped = self.sent = 0
        self.server = ServerOptimizer(lr=config.server_lr, momentum=config.momentum, adam=config.adam)
        self.clip = AdaptiveClip(norm=config.clip) if config.adaptive_clip else None
        self.account = (
            None if config.privacy == "none" else Accountant(Budget(epsilon=config.epsilon, delta=config.delta))
        )
        self.multiplier = config.noise_multiplier or 0.0
        if self.account is not None and not self.multiplier:
            self.multiplier = least_noise(self._cost, config.turns, self.account.budget)

    def cohort(self, index: int) -> list[str]:
        """Whose turn it is: the next ones of an endless ring in random order."""
        n, m = len(self.order), self.config.cohort
        return [self.order[(index * m + k) % n] for k in range(m)]

    def _codec(self, plan: Plan | None, multiplier: float) -> Codec:
        shares = self.config.privacy == "distributed"
        return Codec.choose(
            self.trainer.length,
            self.config.clip,
            max_weight=1 if self.config.privacy == "central" else self.config.pictures[1],
            multiplier=multiplier if shares else 0.0,
            least=self._least(plan),
            adaptive=self.clip,
        )

    def _least(self, plan: Plan | None) -> int:
        return max(2, math.floor(2 / 3 * self.config.cohort)) if plan is None else plan.minimum

    def _cost(self, multiplier: float) -> Rdp:
        if self.config.privacy == "central":
            return np.asarray(ORDERS / (2 * multiplier**2))
        return self._codec(None, multiplier).cost()

    def run_round(self, index: int) -> dict[str, Any]:
        """One round of the federation; what it adds to the report.

        Raises:
            BudgetSpent: it would pass the privacy budget; nothing was done.
        """
        config, names = self.config, self.cohort(index)
        cost, counts = None, self._paying(names)
        if self.account is not None:
            cost = self._cost(self.multiplier)
            if counts:
                self.account.check(cost)
        lost = self.lost(names, index)
        try:
            if config.secure:
                mean, members = self._secure(names, lost, index)
            else:
                mean, members = self._plain(names, lost, index)
        except Aborted as error:
            self.tell(f"round {index + 1}: {error}")
            return {"clients": 0, "aborted": str(error)}
        if cost is not None and counts:
            assert self.account is not None
            self.account.spend(cost)
        if config.privacy == "central":
            sensitivity = self._codec(None, 0.0).quantizer
            size = sensitivity.l2 * sensitivity.step if config.secure else config.clip
            mean = mean + secret_rng().normal(0, self.multiplier * size / len(members), len(mean))
        self.shared = self.shared + self.server.step(mean)
        for name in names:
            self.took_part[name] += 1
        return {"clients": len(members), "update_norm": round(float(np.linalg.norm(mean)), 6)}

    def lost(self, names: Sequence[str], index: int) -> dict[str, int]:
        """Clients of a round that are lost, and from which step of it on."""
        rng = np.random.default_rng((self.config.seed, 83, index))
        gone = rng.permutation(len(names))[: int(self.config.dropouts * len(names))].tolist()
        return {names[i]: int(rng.integers(0, 4)) for i in sorted(gone)}

    def _paying(self, names: Sequence[str]) -> bool:
        """Whether somebody who has taken part in most rounds does so again."""
        return max(self.took_part[n] for n in names) + 1 > max(self.took_part.values())

    def _update(self, name: str, index: int) -> F64:
        config = self.config
        rng = np.random.default_rng((config.seed, 89, index, int(name.rpartition("-")[2])))
        update = self.trainer.train(self.shared, self.clients[name].train, config.steps, rng) - self.shared
        self.sent += 1
        self.clipped += int(np.linalg.norm(update) > (config.clip if self.clip is None else self.clip.norm))
        return update

    def _broadcast(self, names: Sequence[str]) -> None:
        size = FLOAT_BYTES * self.trainer.length * len(names)
        self.traffic.down += size
        self.plain.down += size

    def _plain(self, names: Sequence[str], lost: dict[str, int], index: int) -> tuple[F64, list[str]]:
        members = [n for n in names if lost.get(n, 3) > 2]
        clip = self.config.clip if self.config.privacy == "central" else math.inf
        weights = [1 if self.config.privacy == "central" else len(self.clients[n].train) for n in members]
        self._broadcast(names)
        mean = aggregate([self._update(n, index) for n in members], weights, self.config.rule, clip=clip)
        for traffic in (self.plain, self.traffic):
            traffic.up += FLOAT_BYTES * self.trainer.length * len(members)
        return mean, members

    def _secure(self, names: list[str], lost: dict[str, int], index: int) -> tuple[F64, list[str]]:
        plan = Plan.choose(len(names), 1, 16)
        codec = self._codec(plan, self.multiplier)
        plan = replace(plan, length=codec.length, bits=codec.bits(len(names)))
        exact: I64 = np.zeros(codec.length, np.int64)
        rng = secret_rng()

        def vector(name: str) -> I64:
            nonlocal exact
            values = codec.encode(self._update(name, index), len(self.clients[name].train), rng)
            exact = exact + values
            return values

        self._broadcast(names)
        total, members = secure_sum(plan, names, vector, lost, self.traffic)
        self.inexact += int((total != exact).sum())
        self.plain.up += FLOAT_BYTES * self.trainer.length * len(members)
        told = codec.decode(total, len(members))
        self.clip = told.clip
        return told.mean, members

    def baselines(self, index: int, ways: Sequence[str] = ("local", "central")) -> None:
        """The same steps for each client alone, and all of them in one place."""
        steps = self.config.steps
        turn = self.cohort(index)
        for name in turn if "local" in ways else ():
            rng = np.random.default_rng((self.config.seed, 97, index, int(name.rpartition("-")[2])))
            self.alone[name] = self.trainer.train(self.alone[name], self.clients[name].train, steps, rng)
        if "central" not in ways:
            return
        pool = [p for c in self.clients.values() for p in c.train]
        rng = np.random.default_rng((self.config.seed, 101, index))
        self.central = self.trainer.train(self.central, pool, steps * len(turn), rng)

    def losses(self) -> dict[str, list[float]]:
        """By way, the loss of every client's held-out pictures, in the order of the clients."""
        names = sorted(self.clients)
        ways: dict[str, Callable[[str], F64]] = {"federated": lambda name: self.shared}
        if self.config.baselines:
            ways |= {"local": lambda name: self.alone[name], "central": lambda name: self.central}
        return {way: [self.trainer.measure(of(n), self.views[n]) for n in names] for way, of in ways.items()}

    def adapter(self) -> adapters.Adapter:
        """The shared adapter, as a style that anybody with these weights can draw in."""
        about = {
            "weights": self.bundle.id,
            "base": adapters.level_ids(self.bundle, {self.config.level: None}),
            "pictures": sum(len(c.train) for c in self.clients.values()),
            "start": f"federation of {len(self.clients)} simulated clients",
            "licence": "made from a store's pictures; see the store's ledger",
        }
        levels = {self.config.level: self.trainer.params(self.shared)}
        return adapters.Adapter(name="shared", config=self.trainer.lora.config, levels=levels, about=about)


def simulate(
    config: SimulationConfig,
    data: Path,
    out: Path,
    *,
    weights: Path | None = None,
    tell: Tell = lambda line: None,
) -> dict[str, Any]:
    """Run the rounds; the report, which also lies in OUT/report.json. OUT/adapters/shared is the shared adapter.

    Raises:
        BadInput: OUT holds a report of something else, too few pictures or styles, or no noise fits the budget.
    """
    if (out / "report.json").exists():
        raise BadInput(f"{out} holds a report already; choose another folder with --out")
    began = time.monotonic()
    store, bundle = Store.open(data), Bundle(weights)
    run = Simulation(config, store, bundle, data, tell)
    base = [run.trainer.measure(run.shared, run.views[n]) for n in sorted(run.clients)]
    curve: list[dict[str, Any]] = [{"round": 0, "base": float(np.mean(base))}]
    losses: dict[str, list[float]] = {"federated": base}
    stopped = ""
    for index in range(config.rounds):
        try:
            point: dict[str, Any] = {"round": index + 1, **run.run_round(index)}
        except BudgetSpent as error:
            tell(str(error))
            stopped = str(error)
            break
        if config.baselines:
            run.baselines(index)
        if (index + 1) % config.every == 0 or index + 1 == config.rounds:
            losses = run.losses()
            point |= {way: float(np.mean(values)) for way, values in losses.items()}
        point |= {"up": run.traffic.up, "down": run.traffic.down}
        if run.account is not None:
            point["epsilon"] = run.account.epsilon
        curve.append(point)
        write_json(out / "report.json", report(run, base, losses, curve, "", time.monotonic() - began))
        tell(", ".join(f"{k} {v:.5g}" if isinstance(v, float) else f"{k} {v}" for k, v in point.items()))
    if stopped and len(curve) > 1 and "federated" not in curve[-1]:  # between two measurements
        losses = run.losses()
        curve[-1] |= {way: float(np.mean(values)) for way, values in losses.items()}
    told = report(run, base, losses, curve, stopped, time.monotonic() - began)
    write_json(out / "report.json", told)
    adapters.save(run.adapter(), out)
    return told
