"""What stands before every route: hosts and origins that may call, the size of bodies, headers, request ids, the access log.

Headers after OWASP's Secure Headers list; DNS rebinding is stopped by the Host header (a name that is not this machine's is refused where
nobody shows a key), forgery from other pages by Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pixelmind.serving import tracing
from pixelmind.serving.config import is_loopback
from pixelmind.serving.errors import ApiError, answer
from pixelmind.serving.logs import veiled

if TYPE_CHECKING:
    from pixelmind.serving.dependencies import State

log = logging.getLogger("pixelmind.serving.access")
REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
#: The studio runs with its own files only; pictures may come from memory. Nothing may frame it, no form goes elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ALLOWED_HEADERS = "Authorization, Content-Type, Accept, Idempotency-Key, X-Request-Id"
EXPOSED_HEADERS = "X-Request-Id, Retry-After, Content-Disposition"


def _host_name(value: str) -> str:
    """The name in a Host header or an origin's authority, without the port."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:/\[\]]*)(?::\d*)?", value.strip())
    return found[1].lower() if found else ""


class Guard:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app, self.state, self.config = app, state, state.config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        scope["pixelmind.request_id"] = (
            given if REQUEST_ID.fullmatch(given) and given == veiled(given) else f"req_{secrets.token_hex(12)}"
        )
        with tracing.request(scope["method"], headers, scope["pixelmind.request_id"]) as traced:
            await self._answer(scope, receive, send, headers, traced)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, traced: tracing.Request
    ) -> None:
        start, status = time.perf_counter(), 0
        origin = headers.get("origin")

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(scope, MutableHeaders(scope=message), origin)
            await send(message)

        try:
            if (refused := self._refused(scope, headers, origin)) is not None:
                await answer(refused)(scope, receive, sending)
            elif scope["method"] == "OPTIONS" and origin and "access-control-request-method" in headers:
                await self._preflight(scope, receive, sending, origin)
            else:
                await self.app(scope, self._bounded(scope, headers, receive), sending)
        except Exception as error:
            if status:
                log.error("the answer broke off", exc_info=error)
                raise
            await answer(error)(scope, receive, sending)
        finally:
            route = scope.get("route")
            traced.route, traced.status = getattr(route, "path", "") or "other", status or 499
            self._record(scope, traced, time.perf_counter() - start)

    # ---- who may call ------------------------------------------------------------------------------------------------
    def _refused(self, scope: Scope, headers: Headers, origin: str | None) -> ApiError | None:
        host = headers.get("host", "")
        if not self.config.keys and not is_loopback(_host_name(host)):
            return ApiError(421, "this service answers to localhost and 127.0.0.1 only")
        own = origin is None or origin.partition("://")[2].lower() == host.lower()
        if not own and origin not in self.config.origins and scope["method"] not in SAFE_METHODS:
            return ApiError(
                403,
                "calls from other web pages are not taken; the service can be told their origin",
                code="cross_origin",
            )
        if origin is None and headers.get("sec-fetch-site") == "cross-site" and scope["method"] not in SAFE_METHODS:
            return ApiError(403, "calls from other web pages are not taken", code="cross_origin")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._limit(headers):
            return self._too_large(headers)
        return None

    async def _preflight(self, scope: Scope, receive: Receive, send: Send, origin: str) -> None:
        allowed = origin in self.config.origins
        methods = [(b"access-control-allow-methods", b"GET, POST, PATCH, DELETE"), (b"access-control-max-age", b"600")]
        names = [(b"access-control-allow-headers", ALLOWED_HEADERS.encode())]
        await send(
            {
                "type": "http.response.start",
                "status": 204 if allowed else 403,
                "headers": methods + names if allowed else [],
            }
        )
        await send({"type": "http.response.body", "body": b""})

    # ---- bodies ------------------------------------------------------------------------------------------------------
    def _limit(self, headers: Headers) -> int:
        multipart = headers.get("content-type", "").lower().startswith("multipart/")
        return self.config.max_upload_bytes if multipart else self.config.max_json_bytes

    def _too_large(self, headers: Headers) -> ApiError:
        return ApiError(413, f"the body is too large: at most {self._limit(headers):,} bytes are taken")

    def _bounded(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """`receive` that stops a body of unknown length once it is too large."""
        limit, seen = self._limit(headers), 0

        async def receiving() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise HTTPException(413, self._too_large(headers).message)
            return message

        return receiving

    # ---- answers -----------------------------------------------------------------------------------------------------
    def _dress(self, scope: Scope, headers: MutableHeaders, origin: str | None) -> None:
        headers["X-Request-Id"] = scope["pixelmind.request_id"]
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        api = scope["path"].startswith(("/v1", "/sdapi"))
        # The studio's files are asked for anew (304 where unchanged): a browser must not mix those of two versions.
        headers.setdefault("Cache-Control", "no-store" if api else "no-cache")
        if origin is not None and origin in self.config.origins:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            headers.add_vary_header("Origin")

    def _record(self, scope: Scope, traced: tracing.Request, seconds: float) -> None:
        self.state.metrics.observe(scope["method"], traced.route, traced.status, seconds)
        self.state.fleet.observe(scope, traced.status, seconds)
        line: dict[str, Any] = {
            "id": scope["pixelmind.request_id"],
            "method": scope["method"],
            "path": scope["path"],
            "status": traced.status,
            "ms": round(seconds * 1000, 1),
            "user": scope.get("pixelmind.user", ""),
        }
        log.info("%s %s %s", scope["method"], scope["path"], line["status"], extra={"fields": line})
