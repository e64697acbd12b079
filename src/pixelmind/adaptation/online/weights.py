"""First-order steps on a person's adapter of the first level, and the guard that takes them back.

Choices teach by Diffusion-DPO (`preference.dpo`), liked and own sprites by the level's own loss on noisy views (`adaptation.views`); both
are drawn from the replay buffer by priority and weighed by their importance weights. The reference is the level as it came.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from pixelmind.adaptation import starts
from pixelmind.adaptation.online.guard import ANCHORS, MAX_ANCHORS, OWN_RISE
from pixelmind.adaptation.online.replay import Entry
from pixelmind.adaptation.online.state import State
from pixelmind.adaptation.tasks import Picture
from pixelmind.adaptation.views import Views, level_config, make_views, view_loss
from pixelmind.encoder.text_tower import TextFeatures, TextTower
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import ConditionPrior, make_condition
from pixelmind.generator.denoiser import Condition, Denoiser
from pixelmind.generator.losses import velocity_loss
from pixelmind.generator.sampler import sample, seeded_noise
from pixelmind.generator.schedule import add_noise
from pixelmind.preference.dpo import bound_penalty, dpo_loss, even_timesteps, path_kl
from pixelmind.preference.dpo_config import DpoConfig
from pixelmind.preference.dpo_data import Pairs, torch_rng
from pixelmind.preference.dpo_task import DpoTask, prior_conditions
from pixelmind.preference.reliability import Crowd
from pixelmind.records import PreferencePair, Sprite
from pixelmind.storage import Database
from pixelmind.training.backends.local import LocalBackend
from pixelmind.training.config import LoopConfig
from pixelmind.training.lora import LoraConfig, LowRank, Params

RESERVE = 0.35  # share of a step's time that is left for the guard
VIEWS = 2  # noisy views of a liked sprite a step
OWN = 8  # sprites set aside that are measured on
ANCHOR_LEVELS = 2
ANCHOR_STEPS = 6
_NOBODY = Crowd(strengths=(), trust=(), nu=0.0, rounds=0)


class Words:
    """Text features of prompts, as a text cache gives them."""

    def __init__(self, tower: TextTower) -> None:
        self.tower = tower

    def get(self, captions: Sequence[str]) -> TextFeatures:
        """Features of captions, in their order."""
        return self.tower.encode(list(captions))


class AdapterLearner:
    """The first level, its reference and its anchors; for one person after the other.

    Args:
        lora: shape of adapters where the weights have no meta-learned start.
    """

    def __init__(self, bundle: Bundle, tower: TextTower, lora: LoraConfig, beta: float, lr: float) -> None:
        modules, self.vocabulary = bundle.get_level(16)
        denoiser, prior = modules["denoiser"], modules["prior"]
        assert isinstance(denoiser, Denoiser)
        assert isinstance(prior, ConditionPrior)
        self.denoiser, self.prior, self.words, self.lr = denoiser, prior, Words(tower), lr
        start = starts.find(bundle)
        meta = start is not None and 16 in start.levels
        self.lora = start.config if start is not None and meta else lora
        self.policy = LowRank(denoiser, self.lora, torch_rng(0))
        self.start: Params = dict(start.levels[16]) if start is not None and meta else self.params()
        self.config = DpoConfig(beta=beta, tune="lora", lora=self.lora, max_kl=MAX_ANCHORS, loop=LoopConfig(steps=1))
        self.backend = LocalBackend.choose(device="cpu")
        self._task: DpoTask | None = None
        self._anchors: dict[str, Tensor | Condition] | None = None

    def warm(self) -> None:
        """Do beforehand what would take long in the first step."""
        self._anchored()

    # ---- tensors -----------------------------------------------------------------------------------------------------
    def params(self) -> Params:
        """The policy's adapter."""
        return {n: p.detach().clone() for n, p in zip(self.policy.names, self.policy.tensors)}

    def put(self, params: Params) -> None:
        """Let the policy have an adapter."""
        with torch.no_grad():
            for name, tensor in zip(self.policy.names, self.policy.tensors):
                tensor.copy_(params[name])
        torch.clear_autocast_cache()  # inside one autocast it would go on with bf16 copies of the adapter before

    # ---- a step ------------------------------------------------------------------------------------------------------
    def step(self, db: Database, kept: State, rows: int, steps: int, end: float) -> tuple[int, str]:
        """Up to `steps` steps until the monotonic time `end`; how many were done, and why they were taken back ("" where they were not)."""
        entries = [e for e in kept.replay.entries if not e.aside and not e.tie and e.trust > 0]
        pairs, liked = ([e for e in entries if e.kind == kind] for kind in ("pair", "liked"))
        if not pairs and not liked:
            return 0, ""
        sprites = Loaded(db, kept.user)
        began = time.monotonic()
        self.put(kept.adapter or self.start)
        rng = np.random.default_rng((kept.replay.turn, kept.number))
        optimizer = torch.optim.AdamW(self.policy.parameters(), lr=self.lr, betas=(0.9, 0.99), weight_decay=0.0)
        errors: dict[str, float] = {}
        done, longest = 0, 0.0
        last = end - RESERVE * max(0.0, end - began)
        while done < steps and time.monotonic() + longest < last:
            now = time.monotonic()
            optimizer.zero_grad()
            with self.backend.autocast():
                for among, loss in ((pairs, self._pairs), (liked, self._liked)):
                    if among:
                        picks, weights = kept.replay.sample(among, rows, rng)
                        loss([among[i] for i in picks], weights, sprites, rng, errors).backward()
            torch.nn.utils.clip_grad_norm_(self.policy.parameters(), 1.0)
            optimizer.step()
            torch.clear_autocast_cache()
            done, longest = done + 1, max(longest, time.monotonic() - now)
        kept.replay.learned(errors)
        if not done:
            return 0, ""
        why = self._guarded(kept, sprites)
        if why:
            kept.replay.learned(dict.fromkeys(errors, 0.0))  # what led there is drawn last from now on
        return done, why

    def _pairs(
        self,
        among: Sequence[Entry],
        weights: np.ndarray,
        sprites: Loaded,
        rng: np.random.Generator,
        errors: dict[str, float],
    ) -> Tensor:
        """The DPO loss of drawn pairs; `errors` are told the chance that each pair was ordered wrongly."""
        chosen = _pairs_of(among, weights, sprites)
        task = self._on(chosen)
        batch = task.assemble(chosen, rng)
        told = task.ratios(self.policy, batch, torch_rng(int(rng.integers(1 << 31))), 1)
        wrong = torch.sigmoid(-self.config.beta * (told["chosen"] - told["rejected"])).detach()
        errors |= {e.key: float(x) for e, x in zip(among, wrong)}
        loss = dpo_loss(told["chosen"], told["rejected"], self.config.beta, batch["weight"])
        return loss + bound_penalty(told["kl"], self.config.max_kl)

    def _liked(
        self,
        among: Sequence[Entry],
        weights: np.ndarray,
        sprites: Loaded,
        rng: np.random.Generator,
        errors: dict[str, float],
    ) -> Tensor:
        """The level's loss of noisy views of drawn sprites."""
        views = self._views([_picture(e, sprites) for e in among], rng, augment=True)
        predicted = self.policy(views["inputs"], views["t"], Condition(**views["cond"]))
        each = [
            velocity_loss(predicted[i :: len(among)], views["target"][i :: len(among)], views["t"][i :: len(among)],
                          views["valid"][i :: len(among)])
            for i in range(len(among))
        ]  # fmt: skip
        errors |= {e.key: float(x.detach()) for e, x in zip(among, each)}
        weight = torch.from_numpy(weights).float()
        return (torch.stack(each) * weight).sum() / weight.sum()

    def _views(self, pictures: Sequence[Picture], rng: np.random.Generator, augment: bool) -> Views:
        level = level_config(self.denoiser, 16)
        rows = VIEWS * len(pictures)
        return make_views(pictures, rows, level, self.words.get, self.vocabulary, rng, augment=augment)

    def _on(self, pairs: Pairs) -> DpoTask:
        """The task of DPO, made with the first pairs."""
        if self._task is None:
            words: object = self.words
            self._task = DpoTask(self.config, 16, self.denoiser, self.prior, self.vocabulary, pairs, pairs, words)  # type: ignore[arg-type]
        return self._task

    # ---- the guard ---------------------------------------------------------------------------------------------------
    @torch.no_grad()
    def _guarded(self, kept: State, sprites: Loaded) -> str:
        """Keep the policy's adapter where it does no harm, else the best one so far; why it was not kept."""
        own = self._own(kept, sprites)
        with self.backend.autocast():
            made = self.params()
            drift, loss = self._drift(), own()
            self.put(self.start)
            base = own()
            best = base
            if kept.best is not None:
                self.put(kept.best)
                best = own()
        if drift <= MAX_ANCHORS and not loss > min(best, base) * (1 + OWN_RISE) and _finite(made):
            kept.adapter = made
            if not loss > best:
                kept.best, kept.best_loss = made, None if math.isnan(loss) else loss
            return ""
        kept.adapter = kept.best if kept.best is not None and not best > base * (1 + OWN_RISE) else None
        if not _finite(made):
            return "weights: a step led to values that are no numbers"
        if not drift <= MAX_ANCHORS:
            return f"weights: anchors drifted by {drift:.1f} nats, at most {MAX_ANCHORS:g} are allowed"
        return f"weights: the loss of sprites set aside rose from {min(best, base):.4f} to {loss:.4f}"

    def _own(self, kept: State, sprites: Loaded) -> Callable[[], float]:
        """The loss of fixed views of the liked sprites that are set aside; not a number where there are none."""
        aside = [e for e in kept.replay.entries if e.kind == "liked" and e.aside][-OWN:]
        if not aside:
            return lambda: math.nan
        pictures = [_picture(e, sprites) for e in aside] * max(1, OWN // len(aside))
        views = self._views(pictures, np.random.default_rng(7), augment=False)

        def measured() -> float:
            params = dict(zip(self.policy.names, self.policy.tensors))
            return float(view_loss(self.policy.lora)(params, views))

        return measured

    def _drift(self) -> float:
        """Divergence of the policy from the level as it came, nats a picture, on the anchors."""
        a = self._anchored()
        cond, noisy, t, valid = a["cond"], a["noisy"], a["t"], a["valid"]
        assert isinstance(cond, Condition)
        assert isinstance(noisy, Tensor)
        assert isinstance(t, Tensor)
        assert isinstance(valid, Tensor)
        assert isinstance(a["reference"], Tensor)
        return float(path_kl(self.policy(noisy, t, cond), a["reference"], t, valid).mean())

    @torch.no_grad()
    def _anchored(self) -> dict[str, Tensor | Condition]:
        """Noised pictures of fixed prompts, drawn once by the level as it came, and what that makes of them."""
        if self._anchors is None:
            text = self.words.get(ANCHORS)
            seeds = list(range(len(ANCHORS)))
            kinds, styles = prior_conditions(self.prior, self.vocabulary, text.pooled, seeds, np.random.default_rng(0))
            cond = make_condition(text, [(16, 16)] * len(ANCHORS), styles, kinds, [None] * len(ANCHORS))
            noise = seeded_noise(seeds, 4, 16, 16)
            with self.backend.autocast():
                drawn, _ = sample(self.denoiser.predict, noise, cond, num_inference_steps=ANCHOR_STEPS)
            t = even_timesteps(len(ANCHORS) * ANCHOR_LEVELS, torch_rng(1))
            again = seeded_noise(list(range(len(t))), 4, 16, 16, stream=1)
            noisy = add_noise(drawn.repeat(ANCHOR_LEVELS, 1, 1, 1), again, t)
            told = cond.rows(torch.arange(len(ANCHORS)).repeat(ANCHOR_LEVELS))
            with self.backend.autocast():
                reference = self.denoiser(noisy, t, told)
            valid = torch.ones(len(t), 1, 16, 16)
            self._anchors = {"cond": told, "noisy": noisy, "t": t, "valid": valid, "reference": reference}
        return self._anchors


def _finite(params: Params) -> bool:
    return all(bool(torch.isfinite(v).all()) for v in params.values())


class Loaded:
    """A person's sprites by id, each read when it is first needed."""

    def __init__(self, db: Database, user: str) -> None:
        self.db, self.user = db, user
        self._kept: dict[str, Sprite] = {}

    def __getitem__(self, identity: str) -> Sprite:
        if identity not in self._kept:
            self._kept[identity] = self.db.sprites.get(self.user, identity).sprite
        return self._kept[identity]


def _picture(entry: Entry, sprites: Loaded) -> Picture:
    return Picture(rgba=sprites[entry.one].rgba(), caption=entry.prompt or " ")


def _pairs_of(among: Sequence[Entry], weights: np.ndarray, sprites: Loaded) -> Pairs:
    """Entries as pairs of DPO, each with its importance weight times the trust in it."""
    pairs = [
        PreferencePair(prompt=e.prompt, chosen=sprites[e.one], rejected=sprites[e.other], user="", simulated=True)
        for e in among
    ]
    trust = np.array([e.trust for e in among])
    return Pairs(pairs=[replace(p) for p in pairs], weights=(weights * trust).astype(np.float32), crowd=_NOBODY)
