"""`pixelmind train` of every part and `pixelmind release`: the rooms' stages, with presets and overrides."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput

WHAT = (
    "encoder",
    "generator",
    "few-steps",
    "judge",
    "segmenter",
    "motion",
    "intent",
    "policy",
    "memory",
    "maml",
    "dpo",
    "dialogue",
    "parser",
    "critic",
    "refiner",
)
#: Parts that --init-from, and --feedback with --whose, are for.
STARTED = ("generator", "few-steps", "maml", "dpo", "dialogue", "parser", "critic")
TOLD = ("dpo", "maml", "dialogue", "parser", "critic")
T = TypeVar("T")
Preset = Annotated[str, typer.Option(help="nano, small, base, or a .toml file.")]
Data = Annotated[list[Path] | None, typer.Option("--data", help="Store to learn from; motion: folder of LPC art.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, such as generator.level16.loop.lr=1e-3."),
]
Minutes = Annotated[float | None, typer.Option(help="Wall-clock budget of this call, instead of the preset's.")]


def config_of(cls: type[T], what: str, preset: str, overrides: list[str] | None) -> T:
    """Build the `[what]` table of a preset with `KEY=VALUE` changes.

    Raises:
        BadInput: unknown preset, key or value.
    """
    from pixelmind.training.config import apply_overrides, build, load_preset

    table = load_preset(preset)
    table.setdefault(what, {})
    table = apply_overrides(table, overrides or [])
    return build(cls, table[what], what)


def train(
    what: Annotated[
        str,
        typer.Argument(
            metavar="encoder|generator|few-steps|judge|segmenter|motion|intent|policy|memory|maml|dpo|dialogue|parser|critic|refiner"
        ),
    ],
    preset: Preset = "small",
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Run folder; the same command again goes on from there.")
    ] = None,
    set_: Set = None,
    minutes: Minutes = None,
    level: Annotated[
        list[int] | None,
        typer.Option(help="Levels to train now: 16, 64, 256. Default: all the store has pictures for; few-steps: 16."),
    ] = None,
    init_from: Annotated[
        Path | None,
        typer.Option(
            "--init-from",
            "--weights",
            help="Bundle that a fresh run starts from; few-steps: the teacher; maml: adapted; critic: whose drawings are fakes.",
        ),
    ] = None,
    feedback: Annotated[
        str | None,
        typer.Option(
            help="Database to learn from, URL or file. dpo: its choices, or a .jsonl of preference export; maml: people's own sprites; "
            "dialogue, parser: its dialogues, or a .jsonl of data from-dialogues; critic: verdicts, ratings and choices."
        ),
    ] = None,
    whose: Annotated[
        str,
        typer.Option(help="dpo, maml, dialogue, parser, critic: of human, simulated or both, where both are there."),
    ] = "",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=4096, help="Train on Ray with so many workers, which share each step; see docs/cluster.md."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the resolved settings as TOML and stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Train a part. Ctrl-C saves and stops; the same command again goes on from there."""
    if what not in WHAT:
        raise BadInput(f"cannot train {what!r}; name one of {', '.join(WHAT)}")
    if minutes is not None and minutes <= 0:
        raise BadInput(f"--minutes must be above 0, got {minutes:g}")
    if what not in STARTED and (level or init_from):
        raise BadInput(f"--level and --init-from are for {_listed(STARTED)} only")
    if what == "critic" and level:
        raise BadInput("the critic has no levels; leave --level out")
    if what not in TOLD and (feedback or whose):
        raise BadInput(f"--feedback and --whose are for {_listed(TOLD)} only")
    config = _config(what, preset, set_)
    if workers is not None:
        from pixelmind.training import cluster
        from pixelmind.training.config import shared_out

        config = shared_out(config, workers)
        cluster.need("--workers")
    if dry_run:
        from pixelmind.training.config import resolved

        print(resolved({what.replace("-", "_"): _with_minutes(config, minutes)}), end="")
        return
    if out is None or not (data or what in ("intent", "policy", "memory", "dpo", "dialogue", "parser")):
        raise BadInput(
            "name the store and the run folder: --data STORE --out RUN (intent, policy and memory draw their own examples)"
        )
    if what == "dpo":
        from pixelmind.cli.train_dpo import train_dpo

        train_dpo(_with_minutes(config, minutes), feedback, whose, data or [], out, level, init_from, json)
        return
    if what == "maml":
        from pixelmind.cli.train_maml import train_maml

        train_maml(_with_minutes(config, minutes), feedback, whose, data or [], out, level, init_from, json)
        return
    if what in ("dialogue", "parser"):
        from pixelmind.cli.train_dialogue import train_from_dialogues

        config = _with_minutes(config, minutes)
        train_from_dialogues(what, config, feedback, whose, data or [], out, level, init_from, json)
        return
    if what in ("critic", "refiner"):
        from pixelmind.cli.train_quality import train_quality

        train_quality(what, _with_minutes(config, minutes), feedback, whose, data or [], out, init_from, json)
        return
    result, stopped = _run(what, config, data or [], out, minutes, level, init_from)
    if json:
        output.print_json(result)
    elif not stopped:
        print("\n".join(f"{key}: {value}" for key, value in result.items()))
    if stopped:
        raise KeyboardInterrupt


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _config(what: str, preset: str, overrides: list[str] | None) -> Any:
    if what == "encoder":
        from pixelmind.encoder.config import EncoderConfig

        return config_of(EncoderConfig, what, preset, overrides)
    if what == "judge":
        from pixelmind.evaluation.stage import JudgeStageConfig

        return config_of(JudgeStageConfig, what, preset, overrides)
    if what == "segmenter":
        from pixelmind.generator.segmenter_task import SegmenterStageConfig

        return config_of(SegmenterStageConfig, what, preset, overrides)
    if what == "few-steps":
        from pixelmind.generator.few_steps import FewStepsConfig

        return config_of(FewStepsConfig, "few_steps", preset, overrides)
    if what == "dpo":
        from pixelmind.preference.dpo_config import DpoConfig

        return config_of(DpoConfig, what, preset, overrides)
    if what == "maml":
        from pixelmind.adaptation.config import MamlConfig

        return config_of(MamlConfig, what, preset, overrides)
    if what == "motion":
        from pixelmind.generator.motion_task import MotionStageConfig

        return config_of(MotionStageConfig, what, preset, overrides)
    if what == "critic":
        from pixelmind.quality.critic_task import CriticStageConfig

        return config_of(CriticStageConfig, what, preset, overrides)
    if what == "refiner":
        from pixelmind.quality.refiner_task import RefinerStageConfig

        return config_of(RefinerStageConfig, what, preset, overrides)
    if what == "intent":
        from pixelmind.dialogue.intent_task import IntentConfig

        return config_of(IntentConfig, what, preset, overrides)
    if what == "memory":
        from pixelmind.dialogue.memory_stage import MemoryConfig

        return config_of(MemoryConfig, what, preset, overrides)
    if what == "dialogue":
        from pixelmind.dialogue.outcome_stage import DialogueConfig

        return config_of(DialogueConfig, what, preset, overrides)
    if what == "parser":
        from pixelmind.dialogue.parser_stage import ParserConfig

        return config_of(ParserConfig, what, preset, overrides)
    if what == "policy":
        from pixelmind.dialogue.policy_stage import PolicyConfig

        return config_of(PolicyConfig, what, preset, overrides)
    from pixelmind.generator.config import GeneratorConfig

    return config_of(GeneratorConfig, what, preset, overrides)


def _with_minutes(config: Any, minutes: float | None) -> Any:
    """The config with `--minutes` in its loop; the generator's levels share them as the preset does."""
    if minutes is None:
        return config
    if not hasattr(config, "loop") and not hasattr(config, "level16"):
        raise BadInput("this part is trained by steps and takes no --minutes")
    if hasattr(config, "loop"):
        return dataclasses.replace(config, loop=dataclasses.replace(config.loop, minutes=minutes))
    levels = {}
    for number, part in shares(config, minutes).items():
        table = config.level(number)
        levels[f"level{number}"] = dataclasses.replace(table, loop=dataclasses.replace(table.loop, minutes=part))
    return dataclasses.replace(config, **levels)


def shares(config: Any, minutes: float, levels: tuple[int, ...] = (16, 64, 256)) -> dict[int, float]:
    """Divide minutes among generator levels in the proportion of their own budgets; evenly where one has none."""
    own = {n: config.level(n).loop.minutes for n in levels}
    if not all(own.values()):
        own = dict.fromkeys(own, 1.0)
    return {n: minutes * share / sum(own.values()) for n, share in own.items()}


def _run(
    what: str,
    config: Any,
    data: list[Path],
    out: Path,
    minutes: float | None,
    level: list[int] | None,
    init_from: Path | None,
) -> tuple[dict[str, Any], bool]:
    """Call the room's stage; return what to print and whether it was stopped."""
    if what == "judge":
        from pixelmind.evaluation.stage import train_judge

        judge = train_judge(_with_minutes(config, minutes), data, out)
        return {"folder": judge.folder, "validation": judge.validation, "test": judge.test}, judge.interrupted
    if what == "encoder":
        from pixelmind.encoder.stage import run as train_encoder

        encoder = train_encoder(_with_minutes(config, minutes), data, out)
        figures = {f.metric: f.value for f in encoder.figures}
        told = {"weights": encoder.weights, "report": encoder.report, "samples": encoder.samples, **figures}
        return told, encoder.interrupted
    if what == "intent":
        from pixelmind.dialogue.intent_task import run as train_intent

        trained, shares_right = train_intent(_with_minutes(config, minutes), out)
        return {"bundle": out, **shares_right}, trained.interrupted
    if what == "memory":
        from pixelmind.dialogue.memory_stage import run as train_memory

        return {"bundle": out, **train_memory(_with_minutes(config, minutes), out)}, False
    if what == "policy":
        from pixelmind.dialogue.policy_stage import run as train_policy

        return {"bundle": out, **train_policy(_with_minutes(config, minutes), out)}, False
    if len(data) != 1:
        raise BadInput(f"the {what} learns from one store; import everything into the same one")
    if what == "segmenter":
        from pixelmind.generator.segmenter_task import run as train_segmenter

        trained, measured = train_segmenter(_with_minutes(config, minutes), data[0], out)
        told = {f"{f.metric} ({f.note.partition(':')[0]})": f.value for f in measured}
        return {"bundle": out, "samples": trained.samples, **told}, trained.interrupted
    if what == "motion":
        from pixelmind.generator.motion_task import run as train_motion

        trained, measured = train_motion(_with_minutes(config, minutes), data[0], out)
        told = {f"{f.metric} ({f.note})": f.value for f in measured}
        return {"bundle": out, "samples": trained.samples, **told}, trained.interrupted
    if what == "few-steps":
        from pixelmind.generator.few_steps_task import run as tune

        if init_from is None:
            raise BadInput("name the weights to tune: --init-from BUNDLE")
        bundle, runs = tune(_with_minutes(config, minutes), data[0], out, weights=init_from, levels=level or (16,))
        told = {f"level{n} samples": r.samples for n, r in runs.items()}
        return {"bundle": bundle.folder, **told}, any(r.interrupted for r in runs.values())
    from pixelmind.data.store import Store
    from pixelmind.generator.config import LEVELS
    from pixelmind.generator.stage import run as train_generator
    from pixelmind.generator.stage import trainable

    levels = tuple(level) if level else trainable(Store.open(data[0]))
    if not set(levels) <= set(LEVELS):
        raise BadInput(f"--level must be one of {', '.join(map(str, LEVELS))}")
    budget = None if minutes is None else shares(config, minutes, levels)
    generator = train_generator(config, data[0], out, levels=levels, minutes=budget, init_from=init_from)
    samples = {f"level{n} samples": r.samples for n, r in generator.levels.items()}
    return {"bundle": generator.bundle, **samples}, any(r.interrupted for r in generator.levels.values())


def release(
    minutes: Annotated[float, typer.Option(help="Minutes of training, over all levels.")] = 60,
    data: Annotated[list[Path] | None, typer.Option("--data", help="Store. Default: the run's own, RUN/store.")] = None,
    run: Annotated[Path | None, typer.Option("--run", help="Run folder. Default: PIXELMIND_HOME/release.")] = None,
    preset: Preset = "small",
    set_: Set = None,
    weights: Annotated[Path | None, typer.Option(help="Bundle to better. Default: the released weights.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Train the released weights further, evaluate, and replace them only if the result is better."""
    from pixelmind import files
    from pixelmind.cli.home import home
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.generator.config import GeneratorConfig
    from pixelmind.lifecycle import release as stage
    from pixelmind.training.config import resolved

    if minutes < 0:
        raise BadInput(f"--minutes must not be negative, got {minutes:g}")
    if data and len(data) != 1:
        raise BadInput("name one store: --data STORE")
    folder = run or home() / "release"
    generator = config_of(GeneratorConfig, "generator", preset, [s for s in set_ or [] if s.startswith("generator.")])
    others = [s for s in set_ or [] if not s.startswith("generator.")]
    config = stage.ReleaseConfig(
        generator=generator,
        evaluation=config_of(EvaluationConfig, "evaluation", preset, others),
        preset=str(files.write_bytes(folder / "release.toml", resolved({"generator": generator}).encode())),
        minutes=shares(generator, minutes),
    )
    result = stage.run(config, data[0] if data else folder / "store", folder, weights=weights, progress=output.log)
    if json:
        output.print_json(dataclasses.asdict(result))
    else:
        print(f"{'released' if result.released else 'kept the old weights'}: {'; '.join(result.reasons)}")
        print(result.report)
    if result.stopped:
        raise KeyboardInterrupt
