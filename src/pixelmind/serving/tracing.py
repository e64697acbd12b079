"""Traces by OpenTelemetry: a span a request, and below it the stages that the metrics time. Off without the extra `otel` and an endpoint.

Spans tell methods, routes, statuses, request ids and the pictures of a batch, never words, keys or who asked. Who sends `traceparent` (W3C
Trace Context) finds the request in their own trace.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pixelmind.errors import BadInput

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_tracer: Any = None


def set_up() -> bool:
    """Send spans to the OTLP endpoint that the environment names (`ENDPOINTS`), by HTTP; whether one is named.

    Raises:
        BadInput: the extra is not installed.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return False
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise BadInput(
            f"{ENDPOINTS[0]} is set, and traces need {error.name}; install it with: pip install 'pixelmind[otel]'"
        ) from error
    named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "pixelmind")}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use(provider)
    return True


def use(provider: Any) -> None:
    """Make spans with a provider of OpenTelemetry's SDK from now on; None: no more."""
    global _tracer
    _tracer = None if provider is None else provider.get_tracer("pixelmind")


def current() -> Any:
    """The context of what runs here, for `stage` elsewhere; None where nothing is traced."""
    if _tracer is None:
        return None
    from opentelemetry import context

    return context.get_current()


class Request:
    """What is told of a request at its end."""

    route, status = "", 0


@contextmanager
def request(method: str, headers: Mapping[str, str], identity: str) -> Iterator[Request]:
    """The span of one request; set `route` and `status` of what is yielded before the end."""
    told = Request()
    if _tracer is None:
        yield told
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind, StatusCode

    about = {"http.request.method": method, "pixelmind.request_id": identity}
    with _tracer.start_as_current_span(method, extract(headers), SpanKind.SERVER, about) as span:
        yield told
        span.update_name(f"{method} {told.route}")
        span.set_attribute("http.route", told.route)
        span.set_attribute("http.response.status_code", told.status)
        if told.status >= 500:
            span.set_status(StatusCode.ERROR)


def stage(name: str, seconds: float, contexts: Iterable[Any]) -> None:
    """A stage that has just ended, for each request that it was of; `contexts` are those of `current`."""
    if _tracer is None:
        return
    end = time.time_ns()
    known = [found for found in contexts if found is not None]
    for context in known:
        about = {"pixelmind.requests": len(known)}
        span = _tracer.start_span(name, context, attributes=about, start_time=end - round(seconds * 1e9))
        span.end(end)
