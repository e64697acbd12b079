"""The one training loop: batches ahead, autocast, clipping, EMA, schedule, checkpoints, resume, figures.

A run killed and resumed is bit-equal to an unbroken one of the same `steps`: every random draw is a function of
(seed, number of the batch), and a checkpoint holds networks, EMAs and optimiser states. Budgets by `minutes` are per invocation: each
warms up again, trains on from where the run stands, and decays to its end, so that a run grows over many sessions.

A step is the mean gradient of `accumulate` batches. `workers` of Ray Train share them out; the sums are the same, so one
run may change its workers from session to session.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pixelmind.errors import BadInput
from pixelmind.training import bundle, checkpoint, seeds
from pixelmind.training import run_dir as contract
from pixelmind.training.backends.local import LocalBackend
from pixelmind.training.config import LoopConfig, plain
from pixelmind.training.diagnose import first_nonfinite
from pixelmind.training.ema import Ema
from pixelmind.training.interrupts import interrupts
from pixelmind.training.logging import NoLog, RunLog
from pixelmind.training.optim import Optimizers
from pixelmind.training.prefetch import Prefetcher
from pixelmind.training.schedule import learning_rate
from pixelmind.training.task import Task, TrainingError


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """Where a run stands after an invocation. `ema` holds one {name: module} per half-life, in eval mode."""

    run_dir: Path
    step: int
    samples: int
    seconds: float
    """Training time over all invocations."""
    finished: bool
    """The budget was used up (else it was interrupted, or `minutes` cut a run by `steps`)."""
    interrupted: bool
    skipped: int
    """Steps skipped for a non-finite loss or gradient, in all."""
    metrics: dict[str, float]
    modules: dict[str, nn.Module]
    ema: list[dict[str, nn.Module]]


def train(
    task: Task,
    config: LoopConfig,
    run_dir: Path | str,
    *,
    resolved_config: Mapping[str, Any],
    stop: Callable[[], bool] | None = None,
) -> TrainResult:
    """Train `task` in `run_dir`, from its newest checkpoint if there is one.

    `resolved_config` is all that decides the run; it is stored in config.toml (with `config` as its table `loop`) and
    must be the same at every resume, but for budgets and cadences. `stop()` is asked after each step.

    Raises:
        BadInput: another config, another process in the folder, weights that do not fit, no such GPU.
        CorruptFile: all checkpoints are damaged.
        TrainingError: diverged, or the disk is full.
    """
    run_dir = Path(run_dir)
    with (
        contract.locked(run_dir),
        interrupts() as interrupted,
    ):  # before the log says "begun": a signal then still saves
        try:
            contract.check_config(run_dir, plain({**resolved_config, "loop": config}))
            if not config.workers:
                backend = LocalBackend.choose(device=config.device, autocast=config.autocast, threads=config.threads)
                return Run(task, config, run_dir, backend).train(stop or (lambda: False), interrupted)
            from pixelmind.training.backends import ray_train

            ended = ray_train.fit(task, config, run_dir, stop or (lambda: False), interrupted)
            run = Run(task, replace(config, device="cpu"), run_dir, LocalBackend.choose(device="cpu"))
            run.at.finished = ended.finished
            return run.result(ended.figures, interrupted=interrupted.is_set())
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            kept = checkpoint.present(run_dir)
            stands = f"{kept[0].name} is whole" if kept else "there is no checkpoint yet"
            raise TrainingError(
                f"disk full while training in {run_dir} ({stands}): free some space and run the same command to resume"
            ) from error


@dataclass
class _Progress:
    """The scalars of a checkpoint."""

    step: int = 0
    samples: int = 0
    seconds: float = 0.0
    phase_start: int = 0  # step at which the current warm-up began
    finished: bool = False
    skipped: int = 0
    skipped_in_a_row: int = 0
    ema_samples: int = 0  # samples at the last EMA update


@dataclass
class _Window:
    """Sums since the last row of metrics."""

    began: float
    samples: int = 0
    steps: int = 0
    sums: dict[str, Any] = field(default_factory=dict)

    def add(self, terms: Mapping[str, Any], samples: int) -> None:
        self.steps += 1
        self.samples += samples
        for name, value in terms.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value

    def means(self) -> dict[str, float]:
        return {name: float(total) / self.steps for name, total in self.sums.items()}

    def speed(self) -> float:
        return self.samples / max(time.monotonic() - self.began, 1e-9)


class Run:
    """One process's part in a run, as it stands in `run_dir`; `train` goes on with it. `say` takes what the log says."""

    def __init__(
        self,
        task: Task,
        config: LoopConfig,
        run_dir: Path,
        backend: LocalBackend,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.task, self.config, self.dir, self.backend, self.say = task, config, run_dir, backend, say
        self.writes = backend.rank == 0
        self.batches = config.accumulate // backend.world  # of this process in a step
        self.modules = task.modules()
        for module in self.modules.values():
            module.to(backend.device).train()
        task.to(backend.device)
        self.at = _Progress()
        self.figures: dict[str, float] = {}
        self.notes: list[str] = []
        found = checkpoint.newest(run_dir, self.notes.append)
        if found is None and config.init_from:
            source = Path(config.init_from)
            states = checkpoint.run_weights(source) if source.is_dir() else bundle.load_weights(source)
            bundle.load_into(self.modules, states, f"the weights {source}")
        self.emas = [Ema(self.modules, halflife) for halflife in config.ema_halflife_samples]
        self.optimizers = Optimizers(self.modules, config)
        self.trained = list(self.optimizers.parameters.values())
        if not self.trained:
            raise BadInput("nothing to train: no parameter requires a gradient")
        if found is not None:
            self._restore(found)
        self.rng = torch.Generator(device=backend.device)
        self.notes.append(
            f"{'resumed' if found else 'begun'} at step {self.at.step} in {run_dir} on {backend.describe()}, "
            f"{sum(p.numel() for p in self.trained):,} parameters"
            + (f", from {config.init_from}" if found is None and config.init_from else "")
        )

    # ------------------------------------------------------------------------------------------------ checkpoints
    def _restore(self, found: checkpoint.Checkpoint) -> None:
        what = f"the networks of {found.path}"
        bundle.load_into(self.modules, found.modules(), what)
        for index, ema in enumerate(self.emas):
            bundle.load_into(ema.modules, found.modules(index), what)
        self.optimizers.load_state(found.tensors["optimizer"])
        self.at = _Progress(**found.state)
        if (self.at.finished and not self._over(0.0)) or not self.config.steps:
            self.at.phase_start = self.at.step  # a new budget: warm up and decay again
            self.at.finished = False

    def _save(self) -> None:
        for ema in self.emas:
            ema.copy_buffers()
        tensors = {
            "modules": bundle.flatten(self.modules),
            "optimizer": self.optimizers.state(),
            **{f"ema{i}": bundle.flatten(ema.modules) for i, ema in enumerate(self.emas)},
        }
        state = {k: v for k, v in vars(self._now()).items() if k != "step"}
        if self.writes:
            checkpoint.save(self.dir, self.at.step, tensors, state, self.config.keep_checkpoints)
        self.saved_step, self.saved_time = self.at.step, time.monotonic()

    def _now(self) -> _Progress:
        return _Progress(**{**vars(self.at), "seconds": round(self.before + time.monotonic() - self.began, 3)})

    # ------------------------------------------------------------------------------------------------------- steps
    def _over(self, elapsed: float) -> bool:
        c = self.config
        return bool((c.steps and self.at.step >= c.steps) or (c.minutes and elapsed >= c.minutes * 60))

    def _fraction(self, elapsed: float) -> float:
        """The share of the phase that has passed: by steps where they are given, else by time."""
        if self.config.steps:
            return (self.at.step - self.at.phase_start) / max(self.config.steps - self.at.phase_start, 1)
        return elapsed / (self.config.minutes * 60)

    def train(self, stop: Callable[[], bool], interrupted: threading.Event) -> TrainResult:
        """Run until the budget is used up, `stop()` says so, or a signal sets `interrupted`."""
        self.began = self.saved_time = time.monotonic()
        self.before, self.saved_step, self.elapsed = self.at.seconds, self.at.step, 0.0
        self.log = RunLog(self.dir, self.at.step, self.say) if self.writes else NoLog()
        with closing(self.log):
            for line in self.notes:
                self.log.line(line)
            if self.at.finished:
                self.log.line(f"already trained for {self.at.step} steps; raise the budget (steps, minutes) to go on")
                return self.result(self.figures, interrupted=False)
            device = self.backend.describe()
            if self.writes:
                for line in contract.write_environment(
                    self.dir, seed=self.config.seed, data_hash=self.task.data_hash, device=device, step=self.at.step
                ):
                    self.log.line(line)
            self.loss = self.backend.losses(self.task)
            batches = Prefetcher(
                lambda index: self.backend.pin(self.task.batch(self._number(index))),
                self.at.step * self.batches,
                self._prefetch_depth(),
            )
            self.log.start_bar()
            window = _Window(time.monotonic())
            try:
                while not self._over(self.elapsed):
                    self._step(batches, window)
                    window = self._cadences(window)
                    wish = interrupted.is_set() or stop()
                    self.elapsed, cut = self.backend.of_first(time.monotonic() - self.began, float(wish))
                    if cut:
                        interrupted.set()
                        break
            finally:
                batches.close()
            self._finish(window, cut=interrupted.is_set())
            return self.result(self.figures, interrupted=interrupted.is_set())

    def _prefetch_depth(self) -> int:
        if self.config.prefetch >= 0:
            return self.config.prefetch
        return 2 if self.backend.spare_core() else 0

    def _number(self, index: int) -> int:
        """Number of the batch that is this process's `index`-th: a step's batches are dealt out in turn."""
        step, place = divmod(index, self.batches)
        return step * self.config.accumulate + place * self.backend.world + self.backend.rank

    def _step(self, batches: Prefetcher, window: _Window) -> None:
        c, at = self.config, self.at
        lr = learning_rate(c, at.step - at.phase_start, self._fraction(self.elapsed))
        terms: dict[str, Any] = {}
        for place in range(self.batches):
            batch = self.backend.move(batches.next())
            last = place == self.batches - 1
            self._seed(self._number(at.step * self.batches + place), "loss")
            with nullcontext() if last else self.backend.alone(self.loss):
                with self.backend.autocast():
                    found = self.loss(batch, self.rng)
                (found["loss"] / self.batches if self.batches > 1 else found["loss"]).backward()
            for name, value in found.items():
                part = value.detach() / self.batches
                terms[name] = terms[name] + part if name in terms else part
        used = [p for p in self.trained if p.grad is not None]
        norm = torch.nn.utils.get_total_norm([p.grad for p in used if p.grad is not None], foreach=True)
        loss_value, norm_value = torch.stack([self.backend.mean(terms["loss"].float()), norm.float()]).tolist()
        at.step += 1
        samples = self.task.batch_samples * c.accumulate
        at.samples += samples
        if abs(loss_value) + norm_value < float("inf"):
            if 0 < c.grad_clip < norm_value:
                torch.nn.utils.clip_grads_with_norm_(used, c.grad_clip, norm, foreach=True)
            self.optimizers.step(lr)
            at.skipped_in_a_row = 0
            window.add(terms | {"grad_norm": norm_value}, samples)
        else:
            self._skip(loss_value, batch)
        self.optimizers.zero_grad()
        if at.step % c.ema_every == 0:
            for ema in self.emas:
                ema.update(at.samples, at.samples - at.ema_samples)
            at.ema_samples = at.samples
        self.figures["lr"] = lr
        if self.log.bar_is_due():
            self.log.progress(at.step, self._shown_fraction(), window.speed(), loss_value)

    def _skip(self, loss_value: float, batch: Any) -> None:
        at = self.at
        at.skipped += 1
        at.skipped_in_a_row += 1
        self.log.line(f"step {at.step} skipped, {at.skipped} so far: loss {loss_value:g} or its gradient not finite")
        if at.skipped_in_a_row >= self.config.max_nonfinite:
            where = first_nonfinite(self.modules, lambda: self._again(batch))
            raise TrainingError(
                f"diverged: {at.skipped_in_a_row} steps in a row without a finite loss and gradient at step {at.step}, first in {where}; "
                f"the checkpoints in {self.dir} are good and stay; lower lr (now {self.config.lr:g}) or grad_clip and train again"
            )

    def _again(self, batch: Any) -> None:
        """The loss of the step just taken and its gradients, once more."""
        self.optimizers.zero_grad()
        self._seed(self._number(self.at.step * self.batches - 1), "loss")
        with self.backend.autocast():
            loss = self.task.loss(batch, self.rng)["loss"]
        if loss.requires_grad:
            loss.backward()

    def _seed(self, step: int, purpose: str) -> None:
        seeds.seed_global(self.backend.device, seeds.derive(self.config.seed, step, f"{purpose}/global"))
        self.rng.manual_seed(seeds.derive(self.config.seed, step, purpose))

    def _shown_fraction(self) -> float:
        elapsed = time.monotonic() - self.began
        by_steps = self.at.step / self.config.steps if self.config.steps else 0.0
        return min(max(by_steps, elapsed / (self.config.minutes * 60) if self.config.minutes else 0.0), 1.0)

    # -------------------------------------------------------------------------------------------- what is due when
    def _cadences(self, window: _Window) -> _Window:
        c, step = self.config, self.at.step
        if step % c.log_every == 0:
            window = self._log_window(window)
        paused = time.monotonic()
        due = self._refresh_due()
        if due:
            if self.writes:
                with self._evaluating("refresh"):
                    self.task.refresh(due, self._averages()[0])
            self.backend.wait()
        if c.validate_every and step % c.validate_every == 0:
            self._validate()
        if c.sample_every and step % c.sample_every == 0:
            self._sample()
        by_time = c.checkpoint_every_seconds and time.monotonic() - self.saved_time >= c.checkpoint_every_seconds
        if by_time or (c.checkpoint_every_steps and step % c.checkpoint_every_steps == 0):
            self._save()
        window.began += time.monotonic() - paused  # samples/s is of training alone
        return window

    def _refresh_due(self) -> int:
        """The multiple of `refresh_every` batches that the last step reached; 0 for none."""
        every, done = self.task.refresh_every, self.at.step * self.config.accumulate
        return done // every * every if every and done % every < self.config.accumulate else 0

    def _log_window(self, window: _Window) -> _Window:
        if window.steps:
            means = self.backend.means(window.means())
            self.figures |= means | {"samples_per_second": window.speed()}
            now = self._now()
            row = {"samples": now.samples, "seconds": now.seconds, "lr": self.figures["lr"], **means}
            self.log.metrics(now.step, row | {"samples_per_second": window.speed(), "skipped": now.skipped})
        return _Window(time.monotonic())

    @contextmanager
    def _evaluating(self, purpose: str) -> Iterator[None]:
        """Without gradients, under autocast, with the same random numbers every time."""
        self._seed(0, purpose)
        for ema in self.emas:
            ema.copy_buffers()
        with torch.no_grad(), self.backend.autocast():
            if not self.emas:
                for module in self.modules.values():
                    module.eval()
            yield
        for module in self.modules.values():
            module.train()

    def _averages(self) -> list[dict[str, nn.Module]]:
        return [ema.modules for ema in self.emas] or [self.modules]

    def _validate(self, every_ema: bool = False) -> None:
        if not self.writes:
            return
        values: dict[str, float] = {}
        with self._evaluating("validate"):
            for index, modules in enumerate(self._averages()[: None if every_ema else 1]):
                found = self.task.validate(modules)
                values |= {f"val_{k}" + (f"_ema{index}" if index else ""): float(v) for k, v in found.items()}
        if values:
            self.figures |= values
            self.log.metrics(self.at.step, values)

    def _sample(self) -> None:
        if not self.writes:
            return
        with self._evaluating("sample"):
            picture = self.task.sample(self._averages()[0])
        if picture is not None:
            self.log.picture(self.at.step, picture)

    def _finish(self, window: _Window, *, cut: bool) -> None:
        c, at = self.config, self.at
        at.finished = not cut and (not c.steps or at.step >= c.steps)
        self._log_window(window)
        self._save()
        if at.finished:
            self._validate(every_ema=True)
            self._sample()
            self.log.line(f"done: step {at.step}, {at.samples:,} samples, {at.skipped} steps skipped, in {self.dir}")
        else:
            self.log.line(f"stopped at step {at.step}, saved in {self.dir}: run the same command to resume")

    def result(self, figures: dict[str, float], *, interrupted: bool) -> TrainResult:
        """The run as it stands, with the last of its figures."""
        for module in self.modules.values():
            module.eval()
        return TrainResult(
            run_dir=self.dir,
            step=self.at.step,
            samples=self.at.samples,
            seconds=self._now().seconds if hasattr(self, "began") else self.at.seconds,
            finished=self.at.finished,
            interrupted=interrupted,
            skipped=self.at.skipped,
            metrics=figures,
            modules=self.modules,
            ema=self._averages(),
        )
