"""`pixelmind serve` and `pixelmind studio`: the service behind an address, with the studio at its root."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.generate import Check
from pixelmind.cli.home import home
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.serving.config import Config

DEFAULT_PORT = 7878
Port = Annotated[int, typer.Option("--port", help="Port; 0 takes a free one.")]
Weights = Annotated[Path | None, typer.Option(help="Folder of other weights.")]
Online = Annotated[
    bool, typer.Option("--online/--no-online", help="Learn from what each person does, and draw with it.")
]
Threads = Annotated[int | None, typer.Option(help="CPU threads.")]


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; without --keys this machine only.")
    ] = "127.0.0.1",
    port: Port = DEFAULT_PORT,
    keys: Annotated[bool, typer.Option("--keys", help="Every call shows a key (see: keys create).")] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", metavar="URL", help="Another web page that may call; may be given several times."),
    ] = None,
    weights: Weights = None,
    threads: Threads = None,
    max_batch: Annotated[int, typer.Option(min=1, max=64, help="Pictures drawn together at most.")] = 16,
    max_queue: Annotated[int, typer.Option(min=1, max=100_000, help="Pictures that may wait.")] = 256,
    images_per_day: Annotated[int, typer.Option(min=1, help="Pictures of one user a day, with --keys.")] = 5_000,
    requests_per_minute: Annotated[int, typer.Option(min=1, help="Requests of one key, with --keys.")] = 600,
    check: Check = True,
    online: Online = True,
    log: Annotated[bool, typer.Option("--log/--no-log", help="One line of JSON a request, on stderr.")] = True,
    replicas: Annotated[
        str | None,
        typer.Option(
            metavar="N|MIN-MAX",
            help="So many services behind the one address, on Ray: 2, or 1-8 as the load asks. Nothing is learned online then.",
        ),
    ] = None,
) -> None:
    """Serve the API, its reference at /docs, and the studio. Without --keys for one person on this machine.

    The database is PIXELMIND_DATABASE_URL, else a file in PIXELMIND_HOME. To be reached from elsewhere, ask for keys and put a proxy with
    TLS in front.
    """
    from pixelmind.serving.config import Config

    for url in origin or []:
        if not url.startswith(("http://", "https://")) or url.count("/") != 2:
            raise BadInput(f"--origin {url} is no origin; write it as https://name or https://name:port")
    config = Config(
        home=home(),
        host=host,
        port=port,
        keys=keys,
        origins=tuple(origin or ()),
        weights=weights,
        threads=_checked(threads),
        check=check,
        online=online,
        max_batch=max_batch,
        max_queue=max_queue,
        images_per_day=images_per_day,
        requests_per_minute=requests_per_minute,
    )

    def opened(url: str) -> None:
        print(f"PixelMind: {url} (reference: {url}/docs)", flush=True)

    if replicas is None:
        _run(config, log, opened)
    else:
        _run_replicas(config, replicas, log, opened)


def studio(
    port: Port = DEFAULT_PORT,
    weights: Weights = None,
    threads: Threads = None,
    check: Check = True,
    online: Online = True,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Open the studio: a page on this machine to draw, talk, compare and export. Ctrl-C ends it."""
    from pixelmind.serving.config import Config

    config = Config(home=home(), port=port, weights=weights, threads=_checked(threads), check=check, online=online)

    def opened(url: str) -> None:
        print(f"PixelMind studio: {url}/  (Ctrl-C ends it)", flush=True)
        if browser:
            import webbrowser

            threading.Thread(target=webbrowser.open, args=(f"{url}/",), daemon=True).start()

    _run(config, False, opened)


def _checked(threads: int | None) -> int | None:
    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
    return threads


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for callers, taken before anything heavy is loaded.

    Raises:
        BadInput: the port is taken or may not be used, or there is no such address.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise BadInput(f"--host {host} is no address of this machine") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            another = port + 1 if port < 65535 else DEFAULT_PORT
            raise BadInput(
                f"port {port} is taken by another program; name another one, for example --port {another}"
            ) from error
        raise BadInput(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
    return listening


def _run_replicas(config: Config, asked: str, log: bool, opened: Callable[[str], None]) -> None:
    """Serve with replicas until stopped."""
    from pixelmind.training import cluster

    cluster.need("--replicas")
    try:
        from pixelmind.serving.replicas import Scale, until_stopped
        from pixelmind.storage import DatabaseDown
    except ImportError as error:
        raise BadInput(f"the service needs {error.name}; install it with: pip install 'pixelmind[serve]'") from error
    scale = Scale.parse(asked)
    with listen(config.host, config.port) as listening:  # free? Ray Serve binds it itself
        config = replace(config, port=listening.getsockname()[1])
    try:
        until_stopped(config, scale, log, opened)
    except DatabaseDown as error:
        raise BadInput(f"{error}; PIXELMIND_DATABASE_URL names another database") from error


def _run(config: Config, log: bool, opened: Callable[[str], None]) -> None:
    """Serve until stopped; `opened` is told the address once callers are answered."""
    listening = listen(config.host, config.port)
    try:
        import uvicorn

        from pixelmind.serving import tracing
        from pixelmind.serving.app import create_app
        from pixelmind.serving.logs import set_up
        from pixelmind.storage import DatabaseDown
    except ImportError as error:
        raise BadInput(f"the service needs {error.name}; install it with: pip install 'pixelmind[serve]'") from error
    set_up(requests=log)
    tracing.set_up()
    try:
        app = create_app(config)
    except DatabaseDown as error:
        raise BadInput(f"{error}; PIXELMIND_DATABASE_URL names another database") from error
    name = f"[{config.host}]" if ":" in config.host else config.host
    url = f"http://{name}:{listening.getsockname()[1]}"

    class Server(uvicorn.Server):
        """Tells when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            opened(url)
            threading.Thread(target=_tell_ready, daemon=True).start()

    def _tell_ready() -> None:
        engine = app.state.pixelmind.engine
        try:
            output.log(f"drawing with weights {engine.wait_ready().bundle.id}")
        except Exception as error:
            output.log(f"error: {error}")

    settings = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        proxy_headers=config.keys,  # of a proxy on this machine: whose wrong keys they are
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
    Server(settings).run(sockets=[listening])
