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
ServerLr = Annotated[float, typer.Option(help="How far the server goes along the mean update.")]
Momentum = Annotated[float, typer.Option(help="Momentum of the server (FedAvgM).")]
Adam = Annotated[
    bool, typer.Option("--adam", help="FedAdam on the server; --server-lr is then a number's step, as 0.01.")
]
BasisFile = Annotated[
    Path | None,
    typer.Option("--basis", help="File of `basis`: learn and send coordinates in it only. For --dp among tens."),
]
Rank = Annotated[int, typer.Option(help="Rank of the adapter.")]
Level = Annotated[int, typer.Option(help="Level of the generator: 16 or 64.")]
Steps = Annotated[int, typer.Option(help="Local steps of a client in a round.")]
Rows = Annotated[int, typer.Option(help="Noisy views a step.")]
Prox = Annotated[float, typer.Option(help="FedProx: how strongly clients are held near the shared adapter.")]
Weights = Annotated[Path | None, typer.Option(help="Folder of other weights.")]
Threads = Annotated[int | None, typer.Option(help="CPU threads.")]
Delta = Annotated[float, typer.Option(help="Chance that it loses more.")]
AdaptiveClip = Annotated[bool, typer.Option("--adaptive-clip", help="Let the clip norm follow the median norm.")]
Out = Annotated[Path, typer.Option(help="Folder of the federation; one that is there goes on.")]


def _lacking(error: ModuleNotFoundError) -> BadInput:
    return BadInput(f"this needs {error.name}; install it with: pip install 'pixelmind[train,federated]'")


def _set_threads(threads: int | None) -> None:
    if threads is not None:
        if not 1 <= threads <= 256:
            raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
        import torch

        torch.set_num_threads(threads)


@federated.command()
def keys(
    out: Annotated[Path, typer.Option(help="Folder for the files; authority.pem is made where there is none.")],
    server: Annotated[
        list[str] | None, typer.Option("--server", help="Host name or address of the server; repeat it for more.")
    ] = None,
    client: Annotated[list[str] | None, typer.Option("--client", help="Name of a client; repeat it for more.")] = None,
) -> None:
    """Make the identities of a federation: server.pem, and NAME.pem for each client, to be handed over in private.

    Whoever has authority.pem can make clients up: keep it away from the server.
    """
    try:
        from pixelmind.adaptation.federated.identity import make_keys
    except ModuleNotFoundError as error:
        raise _lacking(error) from error
    if not server and not client:
        raise BadInput("say for whom: --server HOST, --client NAME, or both")
    for path in make_keys(out, server or [], client or []):
        print(path)


@federated.command()
def serve(
    identity: Annotated[Path, typer.Option(help="server.pem of `keys`.")],
    out: Out,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 7979,
    clients: Annotated[int, typer.Option(help="Fewest clients that a round starts with.")] = 3,
    rounds: Annotated[int, typer.Option(help="Rounds.")] = 10,
    dp: Annotated[bool, typer.Option("--dp", help="Distributed differential privacy.")] = False,
    epsilon: Annotated[float, typer.Option(help="Most that a client may lose in all rounds, with --dp.")] = 8.0,
    delta: Delta = 1e-5,
    clip: Annotated[float, typer.Option(help="Most that an update's L2 norm can be.")] = 2.0,
    adaptive_clip: AdaptiveClip = False,
    plain: Annotated[bool, typer.Option("--plain", help="See single updates; clients must agree to it.")] = False,
    rule: Annotated[str, typer.Option(help="mean; with --plain also median or trimmed.")] = "mean",
    server_lr: ServerLr = 1.0,
    momentum: Momentum = 0.0,
    adam: Adam = False,
    steps: Steps = 5,
    rows: Rows = 8,
    lr: Annotated[float, typer.Option(help="Rate of the local steps.")] = 4e-3,
    prox: Prox = 0.0,
    rank: Rank = 4,
    level: Level = 16,
    basis_file: BasisFile = None,
    patience: Annotated[float, typer.Option(help="Seconds that a step waits for its slowest client.")] = 30.0,
    work: Annotated[float, typer.Option(help="The same for the step with local training.")] = 300.0,
    give_up: Annotated[float, typer.Option(help="Seconds without a round after which it stops.")] = 3600.0,
    weights: Weights = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Serve a federation over TLS until its rounds or its privacy budget are done; OUT/report.json is written after every round."""
    from pixelmind.cli.serve import listen

    listening = listen(host, port)
    with listening:
        try:
            from pixelmind.adaptation.federated.accounting import Budget
            from pixelmind.adaptation.federated.aggregation import Rule
            from pixelmind.adaptation.federated.deployment import serve as run
        except ModuleNotFoundError as error:
            raise _lacking(error) from error
        if rule not in get_args(Rule):
            raise BadInput(f"unknown --rule {rule!r}; use one of {', '.join(get_args(Rule))}")
        name = f"[{host}]" if ":" in host else host
        found = run(
            identity,
            out,
            listening,
            weights=weights,
            budget=Budget(epsilon=epsilon, delta=delta) if dp else None,
            basis=basis_file,
            give_up=give_up,
            tell=output.log,
            opened=lambda at: output.log(f"federation: {name}:{at}"),
            clients=clients,
            rounds=rounds,
            clip=clip,
            adaptive_clip=adaptive_clip,
            secure=not plain,
            rule=rule,
            server_lr=server_lr,
            momentum=momentum,
            adam=adam,
            steps=steps,
            rows=rows,
            lr=lr,
            prox=prox,
            rank=rank,
            level=level,
            patience=patience,
            work=work,
        )
    if json:
        output.print_json(found)
        return
    print(f"report: {out / 'report.json'}")
    epsilon_told = f", epsilon {found['privacy']['epsilon']:.3f}" if dp else ""
    print(f"{found['rounds']} rounds, version {found['version']}{epsilon_told}; {found['finished'] or 'stopped'}")


@federated.command()
def join(
    address: Annotated[str, typer.Argument(metavar="HOST:PORT", help="The server, as its certificate names it.")],
    identity: Annotated[Path, typer.Option(help="NAME.pem of `keys`.")],
    images: Annotated[
        list[Path] | None,
        typer.Option("--images", help="Sprite, or folder of sprites; repeat it. Without any you only receive."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the style that the shared adapter becomes here.")] = "shared",
    epsilon: Annotated[
        float | None, typer.Option(help="Leave before the rounds have cost you more; without noise do not join.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Take part though the server sees single updates.")] = False,
    give_up: Annotated[float, typer.Option(help="Seconds without a word from the server.")] = 120.0,
    weights: Weights = None,
    threads: Threads = None,
) -> None:
    """Take part in a federation: your sprites stay here, the shared adapter becomes a style of yours."""
    try:
        from pixelmind.adaptation.federated.deployment import join as run
    except ModuleNotFoundError as error:
        raise _lacking(error) from error
    from pixelmind.adaptation.sprites import ENDINGS, find_images, read_pictures
    from pixelmind.cli.home import home

    _set_threads(threads)
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadInput(f"{address!r} is no address; write it as HOST:PORT")
    for path in images or []:
        if not path.exists():
            raise BadInput(f"there is nothing at {path}; name sprites or a folder of them")
    there = [p for p in images or [] if p.is_file() or any(f.suffix.lower() in ENDINGS for f in p.iterdir())]
    pictures = read_pictures(find_images(there, output.log)) if there else []
    if not pictures:
        output.log("no sprites here: you receive the shared adapter and send nothing")
    member = run(
        address,
        identity,
        pictures,
        home(),
        name=name,
        weights=weights,
        tell=output.log,
        epsilon=epsilon,
        plain=plain,
        give_up=give_up,
    )
    print(f"{member.rounds} rounds: {member.ended}")
    if member.account is not None:
        print(f"epsilon {member.account.epsilon:.3f} at delta {member.account.budget.delta:g} was spent from here")
    output.log(f'draw with it: pixelmind generate "..." --style {name}')


@federated.command()
def basis(
    data: Annotated[Path, typer.Option(help="Store; its training pictures show in which directions styles differ.")],
    out: Annotated[Path, typer.Option(help="File to write, as basis.safetensors.")],
    size: Annotated[int, typer.Option(help="Directions; so many numbers a member sends.")] = 64,
    clients: Annotated[int, typer.Option(help="Clients that the public pictures are dealt out to.")] = 200,
    steps: Annotated[int, typer.Option(help="Steps that each of them learns.")] = 40,
    rank: Rank = 4,
    level: Level = 16,
    seed: Annotated[int, typer.Option(help="Of the clients' pictures.")] = 0,
    weights: Weights = None,
    threads: Threads = None,
) -> None:
    """Find the few directions that styles differ in, from public pictures: with it --dp leaves something to learn among tens of members."""
    try:
        from pixelmind.adaptation.federated.subspace import make
    except ModuleNotFoundError as error:
        raise _lacking(error) from error
    _set_threads(threads)
    made = make(
        data,
        weights=weights,
        level=level,
        rank=rank,
        size=size,
        clients=clients,
        steps=steps,
        seed=seed,
        tell=output.log,
    )
    print(made.save(out))
    output.log(f"basis {made.id}: {size} directions of {made.vectors.shape[1]} numbers, {len(made.data):,} bytes")


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
    delta: Delta = 1e-5,
    noise: Annotated[
        float | None,
        typer.Option(help="Noise over sensitivity. Default: the least that fits --epsilon for all rounds."),
    ] = None,
    clip: Annotated[float, typer.Option(help="Most that an update's L2 norm can be with --secure or noise.")] = 1.0,
    adaptive_clip: AdaptiveClip = False,
    dropouts: Annotated[float, typer.Option(help="Share of a round's clients that are lost on the way.")] = 0.0,
    rule: Annotated[str, typer.Option(help="mean, median or trimmed; the last two without --secure.")] = "mean",
    prox: Prox = 0.0,
    steps: Steps = 5,
    rows: Rows = 8,
    lr: Annotated[float, typer.Option(help="Rate of the local steps.")] = 1e-3,
    server_lr: ServerLr = 1.0,
    momentum: Momentum = 0.0,
    adam: Adam = False,
    rank: Rank = 4,
    alpha: Annotated[float, typer.Option(help="How mixed a client's styles are; near 0: one style each.")] = 0.1,
    pictures: Annotated[tuple[int, int], typer.Option(help="Fewest and most pictures of a client.")] = (8, 32),
    overlap: Annotated[
        bool,
        typer.Option("--overlap", help="Clients may have the same pictures: for more clients than pictures allow."),
    ] = False,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Evaluation-only art. Default: the store's val and test splits.")
    ] = False,
    level: Level = 16,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Also train each client alone, and all in one place.")
    ] = True,
    every: Annotated[int, typer.Option(help="Rounds from one measurement to the next.")] = 1,
    basis_file: BasisFile = None,
    seed: Annotated[int, typer.Option(help="Same seed, same clients and, without noise, same result.")] = 0,
    weights: Weights = None,
    threads: Threads = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Simulate a federation in one process, beside each client alone and everything in one place; writes OUT/report.json."""
    try:
        from pixelmind.adaptation.federated.aggregation import Rule
        from pixelmind.adaptation.federated.simulation import SimulationConfig
        from pixelmind.adaptation.federated.simulation import simulate as run
    except ModuleNotFoundError as error:
        raise _lacking(error) from error
    if dp and central_dp:
        raise BadInput("--dp and --central-dp exclude each other; give one of them")
    if rule not in get_args(Rule):
        raise BadInput(f"unknown --rule {rule!r}; use one of {', '.join(get_args(Rule))}")
    _set_threads(threads)
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
        overlap=overlap,
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
        server_lr=server_lr,
        momentum=momentum,
        adam=adam,
        baselines=baselines,
        every=every,
        basis=basis_file,
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
