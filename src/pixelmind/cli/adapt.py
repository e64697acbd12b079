"""`pixelmind adapt`: styles of one's own, made from a few sprites and kept under PIXELMIND_HOME."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.federated import federated
from pixelmind.cli.home import home
from pixelmind.cli.online import online
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.adaptation.tasks import Picture

adapt = typer.Typer(
    help="Styles of your own, from 1 to 16 sprites; what is learned from use; and learned together.",
    no_args_is_help=True,
)
adapt.add_typer(federated, name="federated")
adapt.add_typer(online, name="online")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]


@adapt.command()
def style(
    name: Annotated[str, typer.Option(help="Name of the style, for: generate --style NAME.")],
    images: Annotated[
        list[Path] | None, typer.Option("--images", help="Sprite, or folder of sprites; repeat it for more.")
    ] = None,
    feedback: Annotated[
        str | None,
        typer.Option(
            help="Instead of --images: the service's database; the newest sprites that somebody uploaded or liked."
        ),
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="Whose sprites; needed where --feedback knows several people.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a style of that name.")] = False,
    seconds: Annotated[float, typer.Option(help="Time limit of the training.")] = 60.0,
    steps: Annotated[
        int | None, typer.Option(help="Most training steps a level. Default: 40; the sprites decide.")
    ] = None,
    rank: Annotated[int, typer.Option(help="Rank of the change, where the weights have no start for adapters.")] = 4,
    seed: Annotated[int, typer.Option(help="Same sprites and seed, same style.")] = 0,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    start: Annotated[
        Path | None, typer.Option(help="Bundle with a start from `train maml`. Default: the weights' own.")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    json: Json = False,
) -> None:
    """Make a style of your own from 1 to 16 sprites; their file names, or the words they were drawn for, say what they show.

    --json prints {"name", "path", "pictures", "bytes", "seconds", "steps", "loss_before", "loss_after", "weights"}.
    """
    from pixelmind.adaptation.style import StyleConfig, adapt_style
    from pixelmind.training.lora import LoraConfig

    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
    if not 1 <= seconds <= 3600:
        raise BadInput(f"--seconds {seconds:g} is out of range: use 1 to 3600")
    if steps is not None and not 0 <= steps <= 10_000:
        raise BadInput(f"--steps {steps} is out of range: use 0 to 10000")
    if not 0 <= seed < 2**53:
        raise BadInput(f"--seed {seed} is out of range: use 0 to {2**53 - 1}")
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    if bool(images) == (feedback is not None):
        raise BadInput("name the sprites, --images DIR, or the database they are in, --feedback FILE")
    if user is not None and feedback is None:
        raise BadInput("--user goes with --feedback")
    config = StyleConfig(seconds=seconds, seed=seed, lora=LoraConfig(rank=rank, alpha=4.0 * rank))
    if steps is not None:
        config = dataclasses.replace(config, steps=steps, steps_unwatched=steps)
    shown = sys.stderr.isatty() and not json

    def progress(level: int, step: int, of: int) -> None:
        if shown and (step == of or step % 5 == 0):
            print(f"\rlevel {level}: {step}/{of}", end="\n" if step == of else "", file=sys.stderr, flush=True)

    path, made = adapt_style(
        (images or []) if feedback is None else liked(feedback, user),
        name,
        home(),
        weights=weights,
        start=start,
        config=config,
        replace=replace,
        tell=output.log,
        progress=progress,
    )
    about = made.adapter.about
    if json:
        result = {
            "name": name,
            "path": str(path.resolve()),
            "pictures": about["pictures"],
            "bytes": about["bytes"],
            "seconds": round(made.seconds, 2),
            "steps": made.steps,
            "loss_before": made.before,
            "loss_after": made.after,
            "weights": about["weights"],
        }
        output.print_json(result)
        return
    print(path.resolve())
    output.log(
        f"{about['pictures']} sprites, {about['bytes'] / 1000:.0f} kB, {made.seconds:.1f} s; "
        f'draw with it: pixelmind generate "..." --style {name}'
    )


def liked(feedback: str, user: str | None) -> list[Picture]:
    """The newest sprites that one person uploaded or liked, as many as a style takes."""
    from pixelmind.adaptation.config import MAX_SPRITES
    from pixelmind.adaptation.feedback import people

    found = people(feedback, "both", user, MAX_SPRITES)
    if len(found) > 1:
        raise BadInput(f"{feedback} holds sprites of {', '.join(p.name for p in found[:8])}; say whose: --user NAME")
    told = " (a simulated person)" if found[0].simulated else ""
    output.log(f"{len(found[0].pictures)} sprites of {found[0].name}{told}")
    return list(found[0].pictures)


@adapt.command("list")
def list_(json: Json = False) -> None:
    """List your styles. --json prints {"styles": [{"name", "path", "pictures", "weights", "rank", "bytes"}]}."""
    from pixelmind.adaptation import adapters

    found = []
    for name in adapters.names(home()):
        folder = adapters.folder_of(home(), name)
        about = adapters.manifest_of(folder)
        kept = {key: about.get(key) for key in ("pictures", "weights", "rank", "bytes")}
        found.append({"name": name, "path": str(folder.resolve()), **kept})
    if json:
        output.print_json({"styles": found})
        return
    for entry in found:
        print(f"{entry['name']}: {entry['pictures']} sprites, weights {entry['weights']}, {entry['bytes']} bytes")
    if not found:
        output.log("no styles yet; make one with: pixelmind adapt style --images DIR --name mine")


@adapt.command()
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help="Style to delete.")]) -> None:
    """Delete a style of yours, for good."""
    from pixelmind.adaptation import adapters

    adapters.remove(home(), name)
    print(f"removed the style {name}")
