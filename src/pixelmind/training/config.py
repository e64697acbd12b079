"""Configuration: TOML presets, per-run overrides, strict tables -> frozen dataclasses, and back to TOML. No torch here.

A preset has one table a room (`[encoder]`, `[generator]`, …), each with a sub-table `[<room>.loop]` for `LoopConfig`.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pixelmind.errors import BadInput

PRESETS = Path(__file__).parent / "presets"
T = TypeVar("T")


# ---------------------------------------------------------------------------------------------------- the loop's config
@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How long and how the one loop trains. Give `steps`, `minutes`, or both: steps shape the schedule, minutes cut."""

    steps: int = 0
    """Optimiser steps in all, over every resume (0: no limit by steps)."""
    minutes: float = 0.0
    """Wall-clock budget of this one invocation (0: no limit by time). Run again to continue for as long again."""
    batch_size: int = 64
    """Samples a batch; read by the task that makes the batches."""
    accumulate: int = 1
    """Batches a step: its gradient is their mean. What several workers share out among them."""
    workers: int = 0
    """Workers of Ray Train (0: this process trains by itself); `accumulate` must be a multiple of it."""
    lr: float = 1e-3
    """Peak learning rate, for AdamW and Muon alike (Muon's update is scaled to AdamW's RMS)."""
    warmup_steps: int = 100
    """Steps of linear warm-up at the start of a phase; a phase is a run by steps, or one invocation by minutes."""
    schedule: Literal["constant", "cosine", "linear", "wsd"] = "wsd"
    """After warm-up: constant, cosine or linear to 0, or wsd: stable, then to 0 over the last `decay_fraction`."""
    decay_fraction: float = 0.25
    """Share of the phase that wsd's decay tail takes."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """adamw (Loshchilov & Hutter 2019), or muon for hidden matrices (Jordan et al. 2024) with AdamW for the rest."""
    betas: tuple[float, float] = (0.9, 0.99)
    """AdamW's decay of first and second moments."""
    eps: float = 1e-8
    """AdamW's epsilon."""
    weight_decay: float = 0.01
    """Decoupled weight decay, on tensors of two or more dimensions only."""
    grad_clip: float = 1.0
    """Largest global gradient norm (0: no clipping)."""
    ema_halflife_samples: tuple[float, ...] = (50_000.0,)
    """One or two EMA half-lives in samples; the first is sampled from and validated. Empty: no EMA."""
    ema_every: int = 4
    """Steps between EMA updates; the decay is by samples passed, so this only saves time."""
    autocast: Literal["auto", "bf16", "none"] = "auto"
    """bf16 autocast; auto takes it on CUDA and on CPUs with AVX512-BF16 or AMX."""
    device: str = "auto"
    """auto (cuda if there is one), cpu, cuda, cuda:1 …"""
    threads: int = 0
    """CPU threads for torch (0: torch's own choice)."""
    seed: int = 0
    """Every random draw of the loop is a function of (seed, step)."""
    max_nonfinite: int = 20
    """Stop after this many non-finite losses or gradients in a row; single ones are skipped and counted."""
    checkpoint_every_seconds: float = 300.0
    """Seconds between checkpoints (0: not by time). There is always one at the end."""
    checkpoint_every_steps: int = 0
    """Steps between checkpoints (0: not by steps)."""
    keep_checkpoints: int = 2
    """Newest checkpoints kept."""
    log_every: int = 50
    """Steps between rows of metrics.jsonl (means over the window) and lines of log."""
    sample_every: int = 0
    """Steps between sample pictures (0: only at the end)."""
    validate_every: int = 0
    """Steps between validations (0: only at the end)."""
    prefetch: int = -1
    """Batches made ahead in a background thread (0: in the loop itself; -1: 2 on a GPU or where a core is to spare,
    else 0: a third thread on two busy cores was measured to slow the step by a fifth)."""
    init_from: str = ""
    """Weights (a bundle's .safetensors, or another run's folder) a fresh run starts from."""

    def __post_init__(self) -> None:
        if self.steps < 0 or self.minutes < 0 or (self.steps == 0 and self.minutes == 0):
            raise BadInput("loop: give a budget: steps=N or minutes=M, above 0")
        for name in ("batch_size", "accumulate", "ema_every", "keep_checkpoints", "log_every", "max_nonfinite"):
            if getattr(self, name) < 1:
                raise BadInput(f"loop.{name} must be at least 1, got {getattr(self, name)}")
        for name in ("workers", "warmup_steps", "weight_decay", "grad_clip", "threads", "checkpoint_every_seconds",
                     "checkpoint_every_steps", "sample_every", "validate_every"):  # fmt: skip
            if getattr(self, name) < 0:
                raise BadInput(f"loop.{name} must not be negative, got {getattr(self, name)}")
        if self.workers and self.accumulate % self.workers:
            raise BadInput(
                f"loop.accumulate={self.accumulate} batches a step cannot be shared by loop.workers={self.workers}; "
                "make it a multiple"
            )
        if self.prefetch < -1:
            raise BadInput(f"loop.prefetch must be -1 (auto), 0 or more, got {self.prefetch}")
        if not (self.lr > 0 and math.isfinite(self.lr)):
            raise BadInput(f"loop.lr must be above 0, got {self.lr}")
        if not 0 < self.decay_fraction <= 1:
            raise BadInput(f"loop.decay_fraction must lie in (0, 1], got {self.decay_fraction}")
        if len(self.ema_halflife_samples) > 2 or any(h <= 0 for h in self.ema_halflife_samples):
            raise BadInput("loop.ema_halflife_samples takes at most two lengths, each above 0")
        if self.device not in ("auto", "cpu") and not re.fullmatch(r"cuda(:\d+)?", self.device):
            raise BadInput(f"loop.device must be auto, cpu, cuda or cuda:N, got {self.device!r}")


#: Keys of a `loop` table that may change between a run and its resume: budgets, and what does not touch the weights.
FREE_LOOP_KEYS = frozenset({
    "steps", "minutes", "threads", "workers", "init_from", "checkpoint_every_seconds", "checkpoint_every_steps",
    "keep_checkpoints", "log_every", "sample_every", "validate_every", "prefetch", "max_nonfinite",
})  # fmt: skip
#: What a run did that was begun before the key was there.
FORMER_LOOP = {"accumulate": 1}


# ------------------------------------------------------------------------------------------------ presets and overrides
def load_preset(name_or_path: str | Path) -> dict[str, Any]:
    """Read a preset by name (`nano`, `small`, `base`) or a TOML file by path.

    Raises:
        BadInput: no such preset or file, or not TOML.
    """
    text = str(name_or_path)
    path = Path(text) if text.endswith(".toml") or "/" in text else PRESETS / f"{text}.toml"
    if not path.is_file():
        names = sorted(p.stem for p in PRESETS.glob("*.toml"))
        raise BadInput(f"no preset {text!r}{_near(text, names)}; presets are {', '.join(names)}, or give a .toml file")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML: {error}") from error


def apply_overrides(table: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Return `table` with `a.b.c=value` assignments applied. Values are TOML; a bare word is a string.

    Raises:
        BadInput: not of that form, or a first name that is no table of the preset (later names are checked by `build`).
    """
    result: dict[str, Any] = _copy(table)
    for item in overrides:
        key, equals, text = item.partition("=")
        parts = [p.strip() for p in key.split(".")]
        if not equals or not all(parts):
            raise BadInput(f"--set wants KEY=VALUE, such as generator.loop.lr=1e-3; got {item!r}")
        if parts[0] not in result:
            raise BadInput(f"--set {item}: the preset has no table {parts[0]!r}{_near(parts[0], result)}")
        here = result
        for depth, part in enumerate(parts[:-1], 1):
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                raise BadInput(f"--set {item}: {'.'.join(parts[:depth])} is a value, not a table")
        if isinstance(here.get(parts[-1]), dict):
            names = ", ".join(here[parts[-1]])
            raise BadInput(f"--set {item}: {key.strip()} is a table; name one of its keys: {names}")
        here[parts[-1]] = _parse_value(text.strip())
    return result


def _copy(value: Any) -> Any:
    return {k: _copy(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def _near(word: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(word, known, n=2, cutoff=0.5)
    near += [k for k in known if k not in near and k.split(".")[-1] == word.split(".")[-1]]
    return f" (did you mean {' or '.join(near)}?)" if near else ""


# --------------------------------------------------------------------------------------------------- table -> dataclass
def build(cls: type[T], table: Mapping[str, Any], where: str = "") -> T:
    """Turn a table into the dataclass `cls`, checking every key and type; sub-tables become nested dataclasses.

    Raises:
        BadInput: an unknown key (near ones are named), a missing one, a wrong type, or what `cls` itself refuses.
    """
    prefix = f"{where}." if where else ""
    hints, fields = typing.get_type_hints(cls), dataclasses.fields(cls)  # type: ignore[arg-type]
    unknown = [k for k in table if k not in {f.name for f in fields}]
    if unknown:
        raise BadInput(f"unknown key {prefix}{unknown[0]}{_near(prefix + unknown[0], _paths(cls, prefix))}")
    missing = [f.name for f in fields if f.name not in table and _required(f)]
    if missing:
        raise BadInput(f"missing key {prefix}{missing[0]}")
    return cls(**{k: _convert(hints[k], v, prefix + k) for k, v in table.items()})


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _paths(cls: Any, prefix: str) -> list[str]:
    """All dotted key names of a dataclass, nested ones included."""
    hints, found = typing.get_type_hints(cls), []
    for field in dataclasses.fields(cls):
        found.append(prefix + field.name)
        if dataclasses.is_dataclass(hints[field.name]):
            found += _paths(hints[field.name], f"{prefix}{field.name}.")
    return found


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        for option in args:
            try:
                return _convert(option, value, where)
            except BadInput as error:
                last = error
        if len([a for a in args if a is not type(None)]) == 1:
            raise last
    elif origin is Literal:
        if value in args:
            return value
        raise BadInput(f"{where} must be one of {', '.join(map(str, args))}, got {value!r}")
    elif dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return build(typing.cast(type[Any], hint), value, where)
    elif dataclasses.is_dataclass(hint) and isinstance(hint, type) and isinstance(value, hint):
        return value
    elif origin in (tuple, list) and isinstance(value, (list, tuple)):
        inner = args[:1] * len(value) if origin is list or args[1:] == (Ellipsis,) else args
        if len(inner) == len(value):
            return origin(_convert(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(zip(inner, value)))
    elif origin is dict and isinstance(value, Mapping):
        return {k: _convert(args[1], v, f"{where}.{k}") for k, v in value.items()}
    elif hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    elif hint is Path and isinstance(value, (str, Path)):
        return Path(value)
    elif hint is type(None) and value is None:
        return None
    elif isinstance(hint, type) and type(value) is hint:
        return value
    wanted = getattr(hint, "__name__", None) if origin is None else str(hint)
    raise BadInput(f"{where} must be {wanted or hint}, got {value!r}")


def shared_out(config: T, workers: int) -> T:
    """Return the config with every `LoopConfig` in it trained by so many workers of Ray Train, the samples a step as they were.

    Where the batches of a step cannot be dealt out evenly, a step's one batch is cut into as many.

    Raises:
        BadInput: that cannot be done evenly, or nothing in it is trained by the loop.
    """
    changed = _shared_out(config, workers)
    if changed is config:
        raise BadInput("this part is not trained by the one loop and takes no --workers")
    return changed


def _shared_out(value: Any, workers: int) -> Any:
    if isinstance(value, LoopConfig):
        size, batches = value.batch_size, value.accumulate
        if batches % workers:
            if batches > 1 or size % workers:
                raise BadInput(
                    f"{workers} workers cannot share a step of {batches} x {size} samples evenly; "
                    "set loop.batch_size or loop.accumulate to a multiple"
                )
            size, batches = size // workers, workers
        return dataclasses.replace(value, batch_size=size, accumulate=batches, workers=workers)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    held = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    parts = {name: changed for name, part in held.items() if (changed := _shared_out(part, workers)) is not part}
    return dataclasses.replace(value, **parts) if parts else value


# --------------------------------------------------------------------------------------------------- dataclass -> TOML
def plain(config: Any) -> Any:
    """Dataclasses, tuples and paths as dicts, lists and strings; `None` entries are left out (TOML has none)."""
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return plain({f.name: getattr(config, f.name) for f in dataclasses.fields(config)})
    if isinstance(config, Mapping):
        return {str(k): plain(v) for k, v in config.items() if v is not None}
    if isinstance(config, (list, tuple)):
        return [plain(v) for v in config]
    return str(config) if isinstance(config, Path) else config


def resolved(config: Any) -> str:
    """Return a dict or dataclass of configuration as TOML: what `--dry-run` prints and config.toml holds."""
    lines: list[str] = []
    _emit(plain(config), (), lines)
    return "\n".join(lines).strip() + "\n"


def _emit(table: Mapping[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    values = {k: v for k, v in table.items() if not isinstance(v, Mapping)}
    if path and (values or not table):
        lines += ["", f"[{'.'.join(map(_key, path))}]"]
    lines += [f"{_key(k)} = {_value(v)}" for k, v in values.items()]
    for key, value in table.items():
        if isinstance(value, Mapping):
            _emit(value, (*path, key), lines)


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _value(text)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    raise BadInput(f"a configuration cannot hold {value!r}")


def differences(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Say which keys differ between a run's config and the one given, but for `FREE_LOOP_KEYS` of any `loop` table."""
    old, new = _flat(plain(stored)), _flat(plain(wanted))
    found = []
    for key in old.keys() | new.keys():
        if len(key) > 1 and key[-2] == "loop" and key[-1] in FORMER_LOOP:
            old.setdefault(key, FORMER_LOOP[key[-1]])
    for key in sorted(old.keys() | new.keys()):
        if (len(key) > 1 and key[-2] == "loop" and key[-1] in FREE_LOOP_KEYS) or old.get(key) == new.get(key):
            continue
        then, now = (_value(side[key]) if key in side else "unset" for side in (old, new))
        found.append(f"{'.'.join(key)} was {then}, now {now}")
    return found


def _flat(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    flat: dict[tuple[str, ...], Any] = {}
    for key, value in table.items():
        flat |= _flat(value, (*path, key)) if isinstance(value, Mapping) else {(*path, key): value}
    return flat
