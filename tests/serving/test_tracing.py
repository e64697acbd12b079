"""Traces of requests and their stages, and logs without secrets."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pixelmind.errors import BadInput
from pixelmind.serving import tracing
from pixelmind.serving.logs import Lines

STAGES = {"queue", "text", "level_16", "finish", "keep"}


@pytest.fixture
def spans() -> Iterator[Any]:
    """Spans that have ended, in memory."""
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


def test_a_request_and_its_stages_are_one_trace(service, spans):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    body = {"prompt": "a secret wish", "size": "16x16", "steps": 2}
    sent = service.client.post(
        "/v1/images/generations", json=body, headers={"traceparent": parent, "X-Request-Id": "r1"}
    )
    assert sent.status_code == 200
    found = {span.name: span for span in spans.get_finished_spans()}
    whole = found.pop("POST /v1/images/generations")
    assert format(whole.context.trace_id, "032x") == parent.split("-")[1]
    assert dict(whole.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/images/generations",
        "http.response.status_code": 200,
        "pixelmind.request_id": "r1",
    }
    assert set(found) == STAGES
    for span in found.values():
        assert span.parent.span_id == whole.context.span_id
        assert whole.start_time <= span.start_time <= span.end_time <= whole.end_time + 10**6
    assert "secret" not in str([span.to_json() for span in spans.get_finished_spans()])


def test_requests_drawn_together_have_a_trace_each(service, spans):
    with ThreadPoolExecutor(4) as pool:
        assert [r.status_code for r in pool.map(lambda i: service.generate(seed=i), range(4))] == [200] * 4
    assert service.client.get("/v1/sprites/none").status_code == 404
    traces: dict[int, list[str]] = {}
    for span in spans.get_finished_spans():
        traces.setdefault(span.context.trace_id, []).append(span.name)
    drawn = [names for names in traces.values() if len(names) > 1]
    assert len(drawn) == 4
    assert all(sorted(names) == sorted([*STAGES, "POST /v1/images/generations"]) for names in drawn)
    assert ["GET /v1/sprites/{sprite_id}"] in traces.values()


def test_without_the_extra_or_an_endpoint_nothing_is_traced(monkeypatch, service):
    for name in tracing.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert tracing.set_up() is False
    assert tracing.current() is None
    assert service.generate().status_code == 200
    monkeypatch.setenv(tracing.ENDPOINTS[0], "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    with pytest.raises(BadInput, match=r"pixelmind\[otel\]"):
        tracing.set_up()


def test_no_secret_is_logged_wherever_it_is_put(make_service):
    service = make_service(keys=True)
    _, token = service.db.keys.create(service.db.users.ensure("ann"), ["generate"])
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    root, level = logging.getLogger(), logging.getLogger().level
    names = ("pixelmind", "uvicorn", "httpx", "sqlalchemy.engine")
    before = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)  # statements, without values; its DEBUG shows rows
    try:
        client, show = service.client, {"Authorization": f"Bearer {token}"}
        asked = {"prompt": "a wish of mine", "size": "16x16", "steps": 2}
        assert client.post("/v1/images/generations", json=asked, headers=show).status_code == 200
        told = client.get("/v1/models", headers={**show, "X-Request-Id": token})
        assert told.headers["X-Request-Id"] != token
        client.get(f"/v1/sprites/{token}", headers=show)
        client.get("/v1/models", params={"key": token})
        client.get("/v1/models", headers={"Authorization": f"Bearer {token}0"})
        logging.getLogger("pixelmind.serving").error("at %s", "postgresql+psycopg://ann:hunter2@db:5432/pixelmind")
        try:
            raise RuntimeError(token)
        except RuntimeError:
            logging.getLogger("pixelmind.serving").exception("it broke")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        for name, old in before.items():
            logging.getLogger(name).setLevel(old)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    access = [line for line in lines if line["logger"] == "pixelmind.serving.access"]
    assert len(access) == 5
    assert len({line["id"] for line in access}) == 5
    assert {"/v1/sprites/pmx_…"} == {line["path"] for line in access if "sprites/" in line["path"]}
    for secret in (token, token.removeprefix("pmx_"), "hunter2", "a wish of mine"):
        assert secret not in stream.getvalue()
    assert "ann:…@db" in str(lines)
