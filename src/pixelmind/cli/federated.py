"""`pixelmind adapt federated`: adapters learned together, without anybody's sprites or updates being seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput

federated = typer.Typer(
    help="Learn an adapter together: federated, with secure sums and privacy.", no_args_is_help=True
)


@federated.command()
def simulate(
    data: Annotated[Path, typer.Option(help="Store; its pictures are dealt out to the clients by style.")],
    out: Annotated[Path, typer.Option(help="New folder for report.json and the shared adapter.")],
    clients: Annotated[int, typer.Option(help="Simulated clients.")] = 50,
    rounds: Annotated[int, typer.Option(help="Rounds.")] = 10,
    per_round: Annotated[int | None, typer.Option(help="Clients of a round, who take turns. Default: all.")] = None,
    secure: Annotated[bool, typer.Option("--secure", help="Secure aggregation: the server sees sums only.")] = False,
    dp: Annotated[
        bool, typer.Option("--dp", help="Distributed differential privacy: each client adds noise before masking.")
    ] = False,
    central_dp: Annotated[
        bool, typer.Option("--central-dp", help="Central differential privacy: the server, trusted, adds the noise.")
    ] = False,
    epsilon: Annotated[float, typer.Option(help="Most that a client may lose in all rounds.")] = 8.0,
    delta: Annotated[float, typer.Option(help="Chance that it loses more.")] = 1e-5,
    noise: Annotated[
        float | None,
        typer.Option(help="Noise over sensitivity. Default: the least that fits --epsilon for all rounds."),
    ] = None,
    clip: Annotated[float, typer.Option(help="Most that an update's L2 norm can be with --secure or noise.")] = 1.0,
    adaptive_clip: Annotated[
        bool, typer.Option("--adaptive-clip", help="Let the clip norm follow the median norm.")
    ] = False,
    dropouts: Annotated[float, typer.Option(help="Share of a round's clients that are lost on the way.")] = 0.0,
    rule: Annotated[str, typer.Option(help="mean, median or trimmed; the last two without --secure.")] = "mean",
    prox: Annotated[float, typer.Option(help="FedProx: how strongly clients are held near the shared adapter.")] = 0.0,
    steps: Annotated[int, typer.Option(help="Local steps of a client in a round.")] = 5,
    rows: Annotated[int, typer.Option(help="Noisy views a step.")] = 8,
    lr: Annotated[float, typer.Option(help="Rate of the local steps.")] = 1e-3,
    rank: Annotated[int, typer.Option(help="Rank of the adapter.")] = 4,
    alpha: Annotated[float, typer.Option(help="How mixed a client's styles are; near 0: one style each.")] = 0.1,
    pictures: Annotated[tuple[int, int], typer.Option(help="Fewest and most pictures of a client.")] = (8, 32),
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Evaluation-only art. Default: the store's val and test splits.")
    ] = False,
    level: Annotated[int, typer.Option(help="Level of the generator: 16 or 64.")] = 16,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Also train each client alone, and all in one place.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Same seed, same clients and, without noise, same result.")] = 0,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Simulate a federation in one process, beside each client alone and everything in one place; writes OUT/report.json."""
    try:
        from pixelmind.adaptation.federated.aggregation import Rule
        from pixelmind.adaptation.federated.simulation import SimulationConfig
        from pixelmind.adaptation.federated.simulation import simulate as run
    except ModuleNotFoundError as error:
        raise BadInput(f"this needs {error.name}; install it with: pip install 'pixelmind[train,federated]'") from error
    if dp and central_dp:
        raise BadInput("--dp and --central-dp exclude each other; give one of them")
    if rule not in get_args(Rule):
        raise BadInput(f"unknown --rule {rule!r}; use one of {', '.join(get_args(Rule))}")
    if threads is not None:
        if not 1 <= threads <= 256:
            raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
        import torch

        torch.set_num_threads(threads)
    config = SimulationConfig(
        clients=clients,
        rounds=rounds,
        per_round=per_round,
        level=level,
        rank=rank,
        steps=steps,
        rows=rows,
        lr=lr,
        prox=prox,
        alpha=alpha,
        pictures=pictures,
        unseen=unseen,
        secure=secure,
        dropouts=dropouts,
        privacy="distributed" if dp else "central" if central_dp else "none",
        epsilon=epsilon,
        delta=delta,
        noise_multiplier=noise,
        clip=clip,
        adaptive_clip=adaptive_clip,
        rule=rule,  # type: ignore[arg-type]
        baselines=baselines,
        seed=seed,
    )
    found = run(config, data, out, weights=weights, tell=output.log)
    if json:
        output.print_json(found)
        return
    quality, privacy, traffic = found["quality"], found["privacy"], found["traffic"]
    print(f"report: {out / 'report.json'}")
    print("loss: " + ", ".join(f"{way} {value:.5f}" for way, value in quality["loss"].items()))
    if "epsilon" in privacy:
        print(
            f"privacy ({privacy['mechanism']}): epsilon {privacy['epsilon']:.3f} of {privacy['budget']:g} at delta "
            f"{privacy['delta']:g}, {privacy['clients']} clients, sampling rate {privacy['sampling_rate']:g}"
        )
    if traffic["ratio_up"] is not None:
        print(f"traffic: up {traffic['up']:,} bytes, {traffic['ratio_up']:.2f} times plain")
