"""The same service several times behind one address, by Ray Serve: as many replicas as the load asks, each with its own engine.

A replica is the whole app of `create_app`, so the API is the same. What people own lies in the database and in PIXELMIND_HOME, which all
replicas share; counts in memory (requests a minute, /metrics) are each replica's own.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from pixelmind.errors import BadInput
from pixelmind.serving.app import create_app, open_database
from pixelmind.serving.config import Config
from pixelmind.serving.logs import set_up
from pixelmind.training import cluster

#: Requests a replica is given at a time: they wait in its engine, which draws them in batches.
ONGOING = 32
#: Requests that wait for a replica before more are refused with 503.
QUEUED = 512
LOAD_SECONDS = 300.0


@dataclass(frozen=True)
class Scale:
    """How many replicas there are, from `least` to `most`; more come while each has more than `target` requests in hand."""

    least: int
    most: int
    target: float = 4.0
    up_seconds: float = 3.0
    down_seconds: float = 60.0

    @classmethod
    def parse(cls, text: str) -> Scale:
        """Read `2` or `1-8`.

        Raises:
            BadInput: it is neither.
        """
        found = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", text.strip())
        least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= least <= most:
            raise BadInput(f"--replicas {text!r}: give a number such as 2, or the fewest and the most such as 1-8")
        return cls(least, most)


def _builder(config: Config, log: bool) -> Callable[[], ASGIApp]:
    """What a replica builds its app with. A function within a function, so that it travels with its config."""

    def build() -> ASGIApp:
        set_up(requests=log)
        app = create_app(config)
        app.add_middleware(OneId)
        if config.keys:  # a proxy with TLS on this machine tells who calls, as without Ray
            app.add_middleware(ProxyHeadersMiddleware)
        app.state.pixelmind.engine.wait_ready(LOAD_SECONDS)  # no request comes before
        return app

    return build


class OneId:
    """Takes our X-Request-Id from answers: Ray Serve's own proxy, whose id it is, adds it to them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def once(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [h for h in message["headers"] if h[0].lower() != b"x-request-id"]
            await send(message)

        await self.app(scope, receive, once)


@contextmanager
def serving(config: Config, scale: Scale, *, log: bool = True) -> Iterator[str]:
    """Serve at `config.host` and `config.port` (not 0) within; yields the address once callers are answered.

    Each replica draws with `config.threads` threads (None: 1) and is given as many cores. Nothing is learned online: two services
    would write the same person's state.

    Raises:
        BadInput: Ray is missing, it has too few cores, or several machines would share a SQLite file.
    """
    config = replace(config, online=False, threads=config.threads or 1)
    cores = scale.most * (config.threads or 1)
    # Ray's own cores are book-keeping: a machine may be asked for more than it has, and then each is slower.
    with cluster.connected(max(cores, os.cpu_count() or 1), what="--replicas") as ray:
        from ray import serve

        logging.getLogger("ray.serve").setLevel(logging.ERROR)  # which its import sets
        machines = {node["NodeManagerHostname"] for node in ray.nodes() if node["Alive"]}
        if len(machines) > 1 and config.database.startswith("sqlite"):
            raise BadInput("replicas on several machines need PostgreSQL: name it in PIXELMIND_DATABASE_URL")
        if ray.cluster_resources().get("CPU", 0) < scale.least * (config.threads or 1):
            raise BadInput(f"this Ray cluster has too few cores for {scale.least} replicas: ask for fewer")
        open_database(config).close()  # brought to the newest schema once for all replicas
        quiet: dict[str, Any] = {"enable_access_log": False, "log_level": "WARNING"}
        serve.start(
            proxy_location="HeadOnly", http_options={"host": config.host, "port": config.port}, logging_config=quiet
        )
        try:
            serve.run(application(config, scale, log), name="pixelmind", route_prefix="/", logging_config=quiet)
            name = f"[{config.host}]" if ":" in config.host else config.host
            yield f"http://{name}:{config.port}"
        except RuntimeError as error:
            told = str(error).strip().partition("\n")[0]
            raise BadInput(
                f"the replicas could not start: {told} (Ray's logs say more: /tmp/ray/session_latest/logs/serve)"
            ) from error
        finally:
            serve.delete("pixelmind")  # what is in hand is answered first
            if "RAY_ADDRESS" in os.environ:
                serve.shutdown()


def application(config: Config, scale: Scale, log: bool) -> Any:
    """The deployment of Ray Serve."""
    from ray import serve

    @serve.ingress(_builder(config, log))
    class Replica:
        """One service."""

        def check_health(self) -> None:
            """Asked by Ray, which replaces a replica that raises."""
            failure = self.app.state.pixelmind.engine.failure  # type: ignore[attr-defined]
            if failure is not None:
                raise RuntimeError(str(failure))

    options = serve.deployment(
        name="service",
        max_ongoing_requests=ONGOING,
        max_queued_requests=QUEUED,
        ray_actor_options={"num_cpus": config.threads or 1},
        autoscaling_config={
            "min_replicas": scale.least,
            "initial_replicas": scale.least,
            "max_replicas": scale.most,
            "target_ongoing_requests": scale.target,
            "upscale_delay_s": scale.up_seconds,
            "downscale_delay_s": scale.down_seconds,
        },
    )
    return options(Replica).bind()


def until_stopped(config: Config, scale: Scale, log: bool, opened: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `opened` is told the address."""
    from pixelmind.training.interrupts import interrupts

    with interrupts() as stopped, serving(config, scale, log=log) as url:
        opened(url)
        stopped.wait()
