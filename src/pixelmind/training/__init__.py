"""training: the one loop every network here is trained by.

In: a `Task` (networks, batches, a loss; `task.py`) and a `LoopConfig` from a TOML preset (`presets/`, `config.py`).
Out: a run directory that is a contract: config.toml, environment.json, metrics.jsonl, log.txt, checkpoints/, samples/,
tensorboard/.
One command: `pixelmind train … --preset nano --set generator.loop.lr=1e-3 --out RUN`; the same command again resumes.

This module imports no torch: `from pixelmind.training.loop import train` brings it.
"""

from pixelmind.training.config import LoopConfig, apply_overrides, build, load_preset, resolved

__all__ = ["LoopConfig", "apply_overrides", "build", "load_preset", "resolved"]
