"""A federation's server: `coordinator.py` behind HTTPS, where every client shows its certificate.

    pixelmind adapt federated serve --identity KEYS/server.pem --out OUT

Five addresses, MessagePack bodies: POST /hello, GET /task?after=N (waits until there is another task), GET /patch?have=VERSION, GET /basis
(a file; empty where there is none), POST /message. Who calls is what its certificate says, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from pixelmind.adaptation.federated.coordinator import Coordinator, Unknown, read_state
from pixelmind.adaptation.federated.identity import Identity, checked
from pixelmind.adaptation.federated.messages import Refused, encode
from pixelmind.adaptation.federated.quantization import F64
from pixelmind.adaptation.federated.settings import Settings
from pixelmind.errors import BadInput

POLL = 5.0  # seconds that a client's question for a task waits for one
FAREWELL = 5.0  # seconds in which clients hear that there are no more rounds
HELLO_BYTES = 4096


class _Protocol(H11Protocol):
    """Puts the certificate that the other side showed into the scope, as "certificate" (DER)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        shown, app = tls.getpeercert(binary_form=True), self.app

        async def named(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "certificate": shown}, receive, send)

        self.app = named


class _News:
    """Wakes all who wait. No lock: a condition's was lost where a waiter was cancelled twice, and a server could not stop (Python 3.11)."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until something is told, or so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)


def create_app(coordinator: Coordinator) -> Starlette:
    """The addresses over a coordinator."""
    news = _News()

    def posted() -> int:
        return sum(box.number for box in coordinator.mail.values())

    def caller(request: Request) -> str:
        certificate = x509.load_der_x509_certificate(request.scope["certificate"])
        return checked(certificate, coordinator.identity.authority, "client")[0]

    async def body(request: Request, most: int) -> bytes:
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > most:
                raise Refused(f"a message of more than {most} bytes")
        coordinator.up += len(data)
        return bytes(data)

    def answer(data: bytes, **headers: str) -> Response:
        coordinator.down += len(data)
        return Response(data, media_type="application/msgpack", headers=headers)

    def guarded(handler: Callable[[str, Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            name = "a stranger"
            try:
                name = caller(request)
                return await handler(name, request)
            except Unknown as error:
                return Response(str(error), status_code=428)
            except Refused as error:
                coordinator.refuse(name, error)
                return Response(str(error), status_code=400)
            except ClientDisconnect:
                coordinator.absent(name)
                return Response(status_code=400)
            finally:
                news.tell()

        return handle

    async def hello(name: str, request: Request) -> Response:
        return answer(encode(coordinator.hello(name, await body(request, HELLO_BYTES))))

    async def task(name: str, request: Request) -> Response:
        try:
            after = int(request.query_params.get("after", "0"))
        except ValueError as error:
            raise Refused("after is no number") from error
        until = time.monotonic() + POLL
        while (found := coordinator.task(name, after)) is None and (left := until - time.monotonic()) > 0:
            await news.wait(min(left, 1.0))
            if await request.is_disconnected():
                raise ClientDisconnect
        if found is None:
            return Response(status_code=204)
        return answer(encode(found[1]), **{"task-number": str(found[0])})

    async def patch(name: str, request: Request) -> Response:
        found = coordinator.patch(name, request.query_params.get("have", "")[:64])
        return Response(status_code=204) if found is None else answer(encode(found))

    async def basis(name: str, request: Request) -> Response:
        coordinator.known(name)
        return answer(coordinator.basis)

    async def message(name: str, request: Request) -> Response:
        coordinator.known(name)  # whoever has not said hello need not send much
        coordinator.receive(name, await body(request, coordinator.limit()))
        return Response(status_code=204)

    async def ticking() -> None:
        while True:
            before = posted()
            coordinator.tick()
            if posted() != before:
                news.tell()
            await asyncio.sleep(0.1)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        job = asyncio.create_task(ticking())
        app.state.job = job
        yield
        job.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await job

    routes = [
        Route("/hello", guarded(hello), methods=["POST"]),
        Route("/task", guarded(task)),
        Route("/patch", guarded(patch)),
        Route("/basis", guarded(basis)),
        Route("/message", guarded(message), methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def open_federation(
    settings: Settings,
    folder: Path,
    identity: Identity,
    *,
    tell: Callable[[str], None],
    changed: Callable[[F64], None],
    basis: bytes = b"",
) -> Coordinator:
    """A federation in a folder: the one that is there goes on, with the settings that its clients agreed to; else a new one.

    Raises:
        BadInput: the one that is there has other weights. CorruptFile: it cannot be read.
    """
    state = read_state(folder)
    if state is not None:
        kept = Settings.from_json(state["settings"])
        if (kept.weights, kept.length, kept.level) != (settings.weights, settings.length, settings.level):
            raise BadInput(
                f"the federation in {folder} is for the weights {kept.weights}, these are {settings.weights}; "
                "serve it with its own, or begin anew with another --out"
            )
        if kept.basis != settings.basis:
            raise BadInput(
                f"the federation in {folder} has {kept.basis or 'no'} basis, not {settings.basis or 'none'}; "
                "give it its own --basis, or begin anew with another --out"
            )
        settings = kept
    made = Coordinator(settings, folder, identity, clock=time.monotonic, tell=tell, changed=changed, basis=basis)
    if state is not None:
        made.restore(state)
        tell(f"the federation in {folder} goes on after round {made.done}; its own settings hold")
    made.save()
    return made


def new_name() -> str:
    """A fresh name of a federation."""
    return secrets.token_hex(8)


class FederationServer(uvicorn.Server):
    """Serves until the federation is finished, nobody has come for `give_up` seconds, or it is told to stop."""

    def __init__(
        self, coordinator: Coordinator, *, give_up: float = 3600.0, opened: Callable[[int], None] = lambda port: None
    ) -> None:
        self.coordinator, self.give_up, self.opened = coordinator, give_up, opened
        self.gave_up = False
        identity = coordinator.identity
        config = uvicorn.Config(
            create_app(coordinator),
            http=_Protocol,
            loop="asyncio",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            ssl_context_factory=lambda config, default: identity.tls(),
            timeout_keep_alive=60,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the port once callers are answered."""
        await super().startup(sockets)
        self.opened(self.servers[0].sockets[0].getsockname()[1])
        self._last = time.monotonic()
        self._over: float | None = None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what clients hold open, too."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.05)

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop; asked ten times a second."""
        now, coordinator = time.monotonic(), self.coordinator
        job = self.config.app.state.job  # type: ignore[union-attr]
        if job.done():
            job.result()
        if coordinator.finished:
            self._over = self._over or now
            heard = all(box.seen > self._over for box in coordinator.mail.values())
            if now - self._over > (0.5 if heard else FAREWELL):
                return True
        if coordinator.round is not None:
            self._last = now
        if now - self._last > self.give_up:
            self.gave_up = True
            return True
        return await super().on_tick(counter)
