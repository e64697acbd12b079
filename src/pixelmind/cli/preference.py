"""`pixelmind preference`: what people (and simulated ones) like; figures, records out of the database, and studies."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.cli.db import opened
from pixelmind.cli.generate import MAX_SEED, parse_size
from pixelmind.errors import BadInput

preference = typer.Typer(
    help="Preferences in the service's database (PIXELMIND_DATABASE_URL, else a file in PIXELMIND_HOME).",
    no_args_is_help=True,
)
HumanOnly = Annotated[bool, typer.Option("--human-only", help="Only what real people said.")]
SimulatedOnly = Annotated[bool, typer.Option("--simulated-only", help="Only what simulated people said.")]


def _whose(human_only: bool, simulated_only: bool) -> bool | None:
    if human_only and simulated_only:
        raise BadInput("--human-only and --simulated-only leave nothing; use one of them")
    return False if human_only else True if simulated_only else None


@preference.command()
def stats(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Counts, agreement and bias of the collected answers, real people's and simulated ones' apart."""
    with opened() as db:
        from pixelmind.preference.stats import summary

        found = summary(db)
    if json:
        output.print_json(found)
        return
    for name, figures in found.items():
        print(f"{name}: {_sentence(figures)}")
        for line in _lines(figures):
            print(f"  {line}")


def _sentence(figures: dict[str, Any]) -> str:
    ratings = sum(axis["n"] for axis in figures["ratings"].values())
    events = sum(figures["events"].values())
    return (
        f"{figures['annotators']} annotators, {figures['choices']} choices ({figures['ties']} ties, {figures['repeats']} repeats), "
        f"{ratings} ratings, {events} events, {sum(figures['verdicts'].values())} verdicts"
    )


def _lines(figures: dict[str, Any]) -> list[str]:
    lines = []
    if same := figures["self_consistency"]:
        lines.append(f"repeats answered the same: {_interval(same)} of {same['n']}")
    if alpha := figures["agreement"]:
        lines.append(
            f"agreement (Krippendorff's alpha): {_interval(alpha)}, {alpha['annotators']} annotators, {alpha['units']} shared pairs"
        )
    if sides := figures["side_bias"]:
        lines.append(
            f"left side chosen: {sides['left']:.2f} [{sides['low']:.2f}, {sides['high']:.2f}] of {sides['n']}, p = {sides['p']:.3f}"
        )
    for axis, about in figures["ratings"].items():
        if about["n"]:
            alpha = about["agreement"]
            shared = f", agreement {_interval(alpha)}" if alpha else ""
            lines.append(f"{axis}: mean {about['mean']:.2f} of {about['n']}{shared}")
    for person in figures["reliability"]:
        others, own = person["with_others"], person["with_self"]
        parts = [f"{person['answers']} answers"]
        parts += [f"as most others {_interval(others)}"] if others else []
        parts += [f"as before {_interval(own)}"] if own else []
        lines.append(f"{person['annotator']}: {', '.join(parts)}")
    return lines + _crowd_lines(figures["crowd"])


def _crowd_lines(crowd: dict[str, Any] | None) -> list[str]:
    """Strengths and trust (Bradley-Terry with ties, Crowd-BT)."""
    if crowd is None:
        return []
    if note := crowd.get("note"):
        return [f"strengths: {note}"]
    lines = [
        f"strengths of {crowd['pictures']} pictures in {crowd['parts']} groups from {crowd['choices']} choices and "
        f"{crowd['pairs_of_ratings']} pairs of ratings, tie parameter {crowd['ties']:.2f}; the first:"
    ]
    for s in crowd["strengths"][:3]:
        lines.append(
            f"  {s['name'][:16]}: {s['theta']:+.2f} [{s['low']:+.2f}, {s['high']:+.2f}] of {s['answers']} answers"
        )
    for t in crowd["trust"]:
        said = f"answers as meant {t['eta']:.2f} [{t['low']:.2f}, {t['high']:.2f}], counts {t['weight']:.2f}"
        said += f", {t['contradicted']} of {t['asked_again']} repeats contradict" if t["asked_again"] else ""
        lines.append(f"{t['annotator']}: {said}{', AGAINST THE OTHERS' if t['poisoned'] else ''}")
    return lines


def _interval(share: dict[str, Any]) -> str:
    return f"{share['value']:.2f} [{share['low']:.2f}, {share['high']:.2f}]"


@preference.command()
def export(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="FILE.jsonl or FILE.parquet.")],
    human_only: HumanOnly = False,
    simulated_only: SimulatedOnly = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Write choices and ratings as PreferencePair and Feedback records, whole or not at all."""
    simulated = _whose(human_only, simulated_only)
    with opened() as db:
        from pixelmind.preference.export import export as write

        counts = write(db, out, simulated=simulated)
    if json:
        output.print_json({"path": str(out.expanduser().resolve()), **counts})
        return
    print(out.expanduser().resolve())
    output.log(f"{counts['pairs']} pairs, {counts['feedback']} ratings, events and verdicts")


@preference.command()
def simulate(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="PNG sprites to judge. Default: drawn anew.")
    ] = None,
    annotators: Annotated[int, typer.Option(help="How many simulated people.")] = 8,
    answers: Annotated[int, typer.Option(help="Pairs each one answers.")] = 30,
    prompt: Annotated[list[str] | None, typer.Option(help="What to draw; repeat it for several.")] = None,
    n: Annotated[int, typer.Option("-n", help="Sprites of each prompt, 2 to 24.")] = 6,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT in pixels.")] = "32x32",
    spread: Annotated[float, typer.Option(help="How far tastes differ; 0: all alike.")] = 0.3,
    temperature: Annotated[float, typer.Option(help="Noise of the answers.")] = 0.15,
    poisoned: Annotated[int, typer.Option(help="How many of them answer dishonestly.")] = 0,
    poison: Annotated[str, typer.Option(help="How: flip, random or left.")] = "flip",
    seed: Annotated[int, typer.Option(help="Same seed, same people, sprites and answers.")] = 0,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Let simulated people with hidden tastes judge sprites. All they say is stored as simulated.

    --json prints {"annotators", "sprites", "choices", "ties", "ratings", "poisoned": [names], "database"}.
    """
    if not 0 <= seed <= MAX_SEED:
        raise BadInput(f"--seed {seed} is out of range: use 0 to {MAX_SEED}")
    if not 1 <= annotators <= 1000:
        raise BadInput(f"--annotators {annotators} is out of range: use 1 to 1000")
    if folder is not None and prompt:
        raise BadInput("a folder's sprites have their prompts; leave --prompt out")
    if not 2 <= n <= 24:
        raise BadInput(f"-n {n} is out of range: compare 2 to 24 sprites of a prompt")
    width, height = parse_size(size)
    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")

    from pixelmind.preference import material
    from pixelmind.preference.annotators import POISONS, population
    from pixelmind.training.weights import Bundle

    if poison not in POISONS:
        raise BadInput(f"unknown --poison {poison!r}; use one of {', '.join(POISONS)}")
    people = population(
        annotators,
        seed,
        spread=spread,
        temperature=temperature,
        poisoned=poisoned,
        poison=poison,  # type: ignore[arg-type]
    )
    if folder is not None:
        groups = material.from_folder(folder)
    else:
        from pixelmind.generator.pipeline import load

        output.log("drawing")
        groups = material.drawn(
            load(weights, threads=threads), prompt or material.PROMPTS, n, (height, width), seed % 2**31
        )
    scorer = None
    if "encoder" in Bundle(weights):
        from pixelmind.preference.features.intent import released_scorer

        scorer = released_scorer(weights)
    with opened() as db:
        from pixelmind.preference.simulate import simulate as run

        done = run(
            db,
            groups,
            people,
            answers,
            seed,
            scorer=scorer,
            on_person=lambda i, of: output.log(f"annotator {i} of {of}"),
        )
        place = db.url
    if json:
        output.print_json({**asdict(done), "database": place})
        return
    print(f"simulated: {done.annotators} annotators, {done.choices} choices ({done.ties} ties), {done.ratings} ratings")
    print(place)


@preference.command("simulate-dialogues")
def simulate_dialogues(
    people: Annotated[int, typer.Option(help="How many simulated people.")] = 10,
    wishes: Annotated[int, typer.Option(help="Dialogues each one has.")] = 8,
    world: Annotated[int, typer.Option(help="Number of the population: which meanings of words are frequent.")] = 0,
    ask_all: Annotated[bool, typer.Option("--ask-all", help="Ask about every open point, two at most.")] = False,
    remember: Annotated[bool, typer.Option(help="Remember what each one meant.")] = True,
    own_words: Annotated[
        float,
        typer.Option(help="Chance that who took a candidate wants it changed, and says so in words of their own."),
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Same seed, same people and words.")] = 0,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Let simulated people talk to the service's dialogues. All they say and take is stored as simulated.

    --json prints {"dialogues", "turns", "questions", "errors", "taken", "database"}.
    """
    if not 0 <= seed <= MAX_SEED:
        raise BadInput(f"--seed {seed} is out of range: use 0 to {MAX_SEED}")
    if not (1 <= people <= 10_000 and 1 <= wishes <= 1000 and 0 <= own_words <= 1) or world < 0:
        raise BadInput("--people must be 1 to 10000, --wishes 1 to 1000, --own-words 0 to 1, --world 0 or more")
    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")

    from pixelmind.dialogue.policy import Policy
    from pixelmind.generator.pipeline import load
    from pixelmind.serving.simulated_talk import LocalNetworks, simulate

    networks = LocalNetworks(load(weights, threads=threads, best_of=1), Policy(cost=0.0) if ask_all else None)
    with opened() as db:
        done = simulate(
            db,
            networks,
            people,
            wishes,
            seed,
            world=world,
            remember=remember,
            own_words=own_words,
            on_person=lambda i, of: output.log(f"person {i} of {of}"),
        )
        place = db.url
    if json:
        output.print_json({**done, "database": place})
        return
    print("simulated: " + ", ".join(f"{count} {name}" for name, count in done.items()))
    print(place)
