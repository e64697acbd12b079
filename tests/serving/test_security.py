"""What must not get in, and what must not get out: keys, hosts, origins, bodies, bombs, faults of the machine."""

from __future__ import annotations

import io
import json
import logging
import socket
import struct
import threading
import time
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from service_parts import HOST, TestClient, blob, serving
from sqlalchemy import event, text

from pixelmind.errors import BadInput
from pixelmind.pixels.png import encode_png
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine
from pixelmind.serving.errors import ApiError
from pixelmind.serving.limits import Limiter
from pixelmind.serving.security import CONTENT_SECURITY_POLICY

GENERATE = "/v1/images/generations"
SMALL = {"prompt": "a red key", "size": "16x16", "steps": 2}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def error_of(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    assert set(found) == {"message", "type", "param", "code"}
    assert "\n" not in found["message"]
    return found


# ---- keys --------------------------------------------------------------------------------------------------------------
def test_keys_open_what_their_scopes_say(make_service):
    service = make_service(keys=True)
    user = service.db.users.ensure("ann")
    _, draws = service.db.keys.create(user, ["generate"])
    _, rates = service.db.keys.create(user, ["feedback"])
    post = service.client.post
    assert post(GENERATE, json=SMALL, headers=bearer(draws)).status_code == 200
    refused = post(GENERATE, json=SMALL, headers=bearer(rates))
    assert refused.status_code == 403
    assert "scope generate" in error_of(refused)["message"]
    assert service.client.get("/v1/limits", headers=bearer(rates)).json()["images_used_today"] == 1
    assert service.client.get("/metrics", headers=bearer(draws)).status_code == 403
    assert service.client.get("/healthz").status_code == 200


def test_wrong_expired_and_revoked_keys_open_nothing(make_service):
    service = make_service(keys=True)
    user = service.db.users.ensure("ann")
    key, token = service.db.keys.create(user, ["generate"])
    _, short = service.db.keys.create(user, ["generate"], expires=timedelta(seconds=1))
    get = service.client.get
    assert get("/v1/models", headers=bearer(token)).status_code == 200
    missing = get("/v1/models")
    assert (missing.status_code, error_of(missing)["code"]) == (401, "missing_api_key")
    assert missing.headers["www-authenticate"] == "Bearer"
    for wrong in (
        "",
        "x",
        "pmx_",
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token + "0",
        "pmx_%00_'--",
        "é" * 40,
    ):
        answer = get("/v1/models", headers={"Authorization": f"Bearer {wrong}".encode()})
        assert answer.status_code == 401, wrong
        assert error_of(answer)["type"] == "authentication_error"
    service.db.keys.revoke(user, key.id)
    assert "revoked" in error_of(get("/v1/models", headers=bearer(token)))["message"]
    time.sleep(1.1)
    assert "expired" in error_of(get("/v1/models", headers=bearer(short)))["message"]


def test_another_persons_things_are_not_there(make_service):
    service = make_service(keys=True)
    ann, bob = (service.db.users.ensure(name) for name in ("ann", "bob"))
    _, token = service.db.keys.create(ann, ["generate"])
    theirs = service.db.sprites.add(bob, blob()).id
    answers = [
        service.client.get(f"/v1/sprites/{theirs}", headers=bearer(token)),
        service.client.get(f"/v1/sprites/{theirs}/image.png", headers=bearer(token)),
        service.client.post(GENERATE, json={**SMALL, "references": [theirs]}, headers=bearer(token)),
    ]
    assert [a.status_code for a in answers] == [404, 404, 404]


def test_many_wrong_keys_from_one_address_are_stopped(make_service):
    service = make_service(keys=True, failures_per_minute=5)
    _, known = service.db.keys.create(service.db.users.ensure("bob"), ["generate"])
    assert service.client.get("/v1/models", headers=bearer(known)).status_code == 200
    statuses = [service.client.get("/v1/models", headers=bearer("pmx_wrong")).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    _, token = service.db.keys.create(service.db.users.ensure("ann"), ["generate"])
    answer = service.client.get("/v1/models", headers=bearer(token))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert service.client.get("/v1/models", headers=bearer(known)).status_code == 200  # used before, so no guess
    bob = service.db.users.ensure("bob")
    service.db.keys.revoke(bob, service.db.keys.list(bob)[0].id)
    assert service.client.get("/v1/models", headers=bearer(known)).status_code in (401, 429)


def test_requests_and_pictures_are_limited(make_service):
    service = make_service(keys=True, requests_per_minute=4, images_per_day=3)
    ann, bob = (service.db.users.ensure(name) for name in ("ann", "bob"))
    _, token = service.db.keys.create(ann, ["generate"])
    _, other = service.db.keys.create(bob, ["generate"])
    ask = lambda n, t: service.client.post(GENERATE, json={**SMALL, "n": n}, headers=bearer(t))  # noqa: E731
    assert ask(2, token).status_code == 200
    over = ask(2, token)
    assert (over.status_code, error_of(over)["code"]) == (429, "quota_exceeded")
    assert int(over.headers["retry-after"]) > 80_000
    bad = service.client.post(GENERATE, json={**SMALL, "style": "none such"}, headers=bearer(token))
    assert bad.status_code == 400
    assert service.db.quota.usage(ann) == {"images": 2}  # what was not drawn is not counted
    assert ask(1, token).status_code == 200
    assert error_of(ask(1, token))["code"] == "rate_limit_exceeded"
    assert ask(1, other).status_code == 200


def test_buckets_refill_and_forget():
    now = [0.0]
    limiter = Limiter(lambda: now[0])
    for _ in range(60):
        limiter.take("request", "a", 60)
    with pytest.raises(ApiError) as refused:
        limiter.take("request", "a", 60)
    assert refused.value.retry_after == pytest.approx(1.0)
    limiter.take("request", "b", 60)
    now[0] = 2.0
    limiter.take("request", "a", 60)
    limiter.take("request", "a", 60)
    with pytest.raises(ApiError):
        limiter.check("request", "a", 60)


# ---- hosts, origins, headers -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::", ""])
def test_without_keys_only_this_machine_may_call(tmp_path, host):
    with pytest.raises(BadInput, match="--keys"):
        Config(home=tmp_path, host=host)
    assert Config(home=tmp_path, host=host, keys=True).keys


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7878", "127.0.0.1.evil.example", "localhost.evil.example", ""]
)
def test_rebound_names_are_refused(client, host):
    answer = client.get("/v1/models", headers={"Host": host})
    assert (answer.status_code, error_of(answer)["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:7878", "localhost", "LOCALHOST:80", "[::1]:7878"])
def test_this_machines_names_are_taken(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_other_pages_may_not_call(make_service):
    closed = make_service()
    page = {"Origin": "https://evil.example"}
    for headers in (page, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://127.0.0.1:9999"}):
        assert closed.client.post(GENERATE, json=SMALL, headers=headers).status_code == 403
    read = closed.client.get("/v1/models", headers=page)
    assert "access-control-allow-origin" not in read.headers
    assert read.headers["cross-origin-resource-policy"] == "same-origin"
    assert closed.client.post(GENERATE, json=SMALL, headers={"Origin": "http://127.0.0.1"}).status_code == 200
    asks = {**page, "Access-Control-Request-Method": "POST"}
    assert closed.client.options(GENERATE, headers=asks).status_code == 403


def test_pages_that_are_named_may_call(make_service):
    page = {"Origin": "https://friend.example"}
    service = make_service(origins=("https://friend.example",))
    asks = {**page, "Access-Control-Request-Method": "POST"}
    before = service.client.options(GENERATE, headers=asks)
    assert before.status_code == 204
    assert "POST" in before.headers["access-control-allow-methods"]
    answer = service.client.post(GENERATE, json=SMALL, headers=page)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://friend.example"
    assert answer.headers["vary"] == "Origin"


def test_every_answer_has_its_headers(client):
    for answer in (client.get("/healthz"), client.get("/nowhere"), client.get("/"), client.post(GENERATE, content="{")):
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"].startswith("req_")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert client.get("/healthz", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"
    for forged in ("a b", "x" * 65, "<script>"):
        assert client.get("/healthz", headers={"X-Request-Id": forged}).headers["x-request-id"].startswith("req_")
    assert client.get("/v1/models").headers["cache-control"] == "no-store"


def test_paths_lead_to_no_files(client):
    for path in (
        "/../app.py",
        "/..%2fapp.py",
        "/%2e%2e/%2e%2e/config.py",
        "//etc/passwd",
        "/js/../../app.py",
        "/.git/config",
    ):
        assert client.get(path).status_code in (400, 404), path


def test_the_log_tells_requests_and_no_secrets(make_service, caplog):
    service = make_service(keys=True)
    _, token = service.db.keys.create(service.db.users.ensure("ann"), ["generate"])
    with caplog.at_level(logging.INFO, logger="pixelmind.serving.access"):
        answer = service.client.post(GENERATE, json={**SMALL, "prompt": "my secret wish"}, headers=bearer(token))
    (record,) = [r for r in caplog.records if r.name == "pixelmind.serving.access"]
    assert record.fields["id"] == answer.headers["x-request-id"]
    assert record.fields["status"] == 200
    assert record.fields["user"]
    text = json.dumps(record.fields) + record.getMessage()
    assert "secret" not in text
    assert token not in text


# ---- bodies ------------------------------------------------------------------------------------------------------------
def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(width: int, height: int, *chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def bombs() -> dict[str, bytes]:
    """Files that are small and would be large, or are not what they say."""
    huge = zlib.compress(bytes(20 << 20))
    text = chunk(b"zTXt", b"pixelmind\0\0" + zlib.compress(bytes(64 << 20), 9))
    raw = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + b"\xff" * 64 for _ in range(16))))
    gif = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), (i, 0, 0)) for i in range(200)]
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:])
    return {
        "huge canvas": png_file(60_000, 60_000, chunk(b"IDAT", huge)),
        "more rows than said": png_file(16, 16, chunk(b"IDAT", huge)),
        "compressed text": png_file(16, 16, text, raw),
        "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "html": b"<!doctype html><script>alert(1)</script>",
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 16\n(x) run\n",
        "polyglot": encode_png(blob(300, 300)) + b"<script>alert(1)</script>",
        "animated": gif.getvalue(),
        "empty": b"",
    }


@pytest.mark.parametrize("name", list(bombs()))
def test_foreign_pictures_are_refused_or_harmless(service, name):
    data = bombs()[name]
    start = time.process_time()
    for path, field, form in (
        ("/v1/sprites", "file", {}),
        ("/v1/images/edits", "image", {"prompt": "a hat", "steps": 2}),
    ):
        answer = service.client.post(path, files={field: ("a.png", data, "image/png")}, data=form)
        if name in ("compressed text", "more rows than said") and answer.status_code < 300:
            continue  # the cells are fine; what else the file carries was not unpacked
        assert answer.status_code in (400, 413), (path, answer.text)
        error_of(answer)
    assert time.process_time() - start < 5


def test_bodies_are_bounded(service):
    client = service.client
    large = client.post(GENERATE, content=b"x" * (2 << 20), headers={"Content-Type": "application/json"})
    assert (large.status_code, error_of(large)["code"]) == (413, "too_large")
    upload = client.post("/v1/sprites", files={"file": ("a.png", bytes(50 << 20), "image/png")})
    assert upload.status_code == 413
    many = client.post("/v1/sprites", files=[("file", (f"{i}.png", b"x")) for i in range(1500)])
    assert many.status_code in (400, 413, 422)

    def endless() -> Any:
        for _ in range(64):
            yield bytes(1 << 18)

    chunked = client.post(GENERATE, content=endless(), headers={"Content-Type": "application/json"})
    assert chunked.status_code == 413


def test_an_upload_of_50_mb_is_told_over_the_wire(http):
    answer = http.post("/v1/sprites", files={"file": ("a.png", bytes(50 << 20), "image/png")})
    assert answer.status_code == 413
    assert http.get("/healthz").status_code == 200


def test_a_client_that_stops_in_the_middle_harms_nobody(address, http):
    port = int(address.rsplit(":", 1)[1])
    head = (
        f"POST {GENERATE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    )
    for sent in (head, head + '{"prompt"', "GARBAGE\r\n\r\n", "POST"):
        with socket.create_connection(("127.0.0.1", port)) as talking:
            talking.sendall(sent.encode())
    assert http.post(GENERATE, json=SMALL).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_who_hangs_up_is_no_longer_drawn_for(make_service, tiny_pipe, stream):
    engine = Engine(tiny_pipe)
    service = make_service(engine=engine)
    body = json.dumps({"prompt": "a key", "size": "64x64", "steps": 200, "n": 16, "stream": stream})
    head = f"POST {GENERATE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving(service.app) as url:
        talking = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        talking.sendall((head + body).encode())
        until = time.monotonic() + 20
        while engine.stats().running == 0 and time.monotonic() < until:
            time.sleep(0.01)
        assert engine.stats().running == 16
        talking.close()
        while engine.stats().running and time.monotonic() < until:
            time.sleep(0.01)
        assert engine.stats().running == 0
        assert engine.stats().cancelled == 1
        assert httpx.post(f"{url}{GENERATE}", json=SMALL, timeout=30).status_code == 200
    assert len(service.db.sprites.list(service.db.users.ensure("local"))) == 1
    engine.close()


# ---- faults of the machine ---------------------------------------------------------------------------------------------
def test_a_full_queue_says_when_to_come_again(make_service, tiny_pipe):
    engine = Engine(tiny_pipe, max_queue=2)
    service = make_service(engine=engine)
    hold, reached = threading.Event(), threading.Event()
    engine.submit_work(lambda: (reached.set(), hold.wait(20)))
    assert reached.wait(10)
    answer = service.generate(n=3)
    assert (answer.status_code, error_of(answer)["code"]) == (429, "queue_full")
    assert int(answer.headers["retry-after"]) >= 1
    streamed = service.generate(n=3, stream=True)
    assert streamed.status_code == 429
    hold.set()
    assert service.generate(n=2).status_code == 200
    engine.close()


def test_before_the_networks_are_there_it_says_so(make_service):
    engine = Engine(lambda: (_ for _ in ()).throw(BadInput("no weights at nowhere")))
    with pytest.raises(Exception, match="no weights"):
        engine.wait_ready(10)
    service = make_service(engine=engine)
    assert service.client.get("/healthz").status_code == 200
    ready = service.client.get("/readyz")
    assert ready.status_code == 503
    assert "no weights" in ready.json()["networks"]
    answer = service.generate()
    assert answer.status_code == 503
    assert "no weights" in error_of(answer)["message"]
    engine.close()


def test_a_full_disk_is_told_and_nothing_is_half_kept(service):
    user = service.db.users.ensure("local")
    assert service.generate().status_code == 200
    engine = service.db._tx.engine
    pages = service.db.write(lambda session: session.scalar(text("PRAGMA page_count")))
    engine.dispose()
    limit = lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages + 2}")  # noqa: E731
    event.listen(engine, "connect", limit)  # SQLite then answers as it does on a full disk
    answers = [service.generate(n=8, seed=i) for i in range(12)]
    statuses = [a.status_code for a in answers]
    assert statuses[-1] == 507, statuses
    assert error_of(answers[-1])["code"] == "disk_full"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert len(service.db.sprites.list(user, limit=200)) == 1 + 8 * statuses.count(200)
    event.remove(engine, "connect", limit)
    engine.dispose()
    assert service.generate(n=2).status_code == 200


def put_a_folder_at(database: Path) -> None:
    """Put a folder where SQLite's file was. The service's own thread may open the file again at any time, so both are tried in turn."""
    for _ in range(1000):
        for file in database.parent.glob(f"{database.name}*"):
            file.unlink(missing_ok=True)
        try:
            database.mkdir()
        except FileExistsError:
            continue
        return
    raise AssertionError(f"{database} keeps coming back")


def test_a_database_that_is_gone_is_503_everywhere(make_service, tmp_path):
    service = make_service()
    service.db.close()
    put_a_folder_at(tmp_path / "pixelmind.db")
    service.db.close()  # and what was opened in between
    try:
        assert service.generate().status_code == 503
        assert service.client.get("/v1/models").status_code == 503
        ready = service.client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, "does not answer")
        assert service.client.get("/healthz").status_code == 200
    finally:
        (tmp_path / "pixelmind.db").rmdir()


def test_what_nobody_foresaw_is_one_line_and_in_the_log(service, monkeypatch, caplog):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("pixelmind.serving.drawing.read_palette", broken)
    answer = service.generate()
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert error_of(answer)["code"] == "internal_error"
    assert answer.headers["x-request-id"]
    assert "secret detail" in caplog.text


# ---- the command line --------------------------------------------------------------------------------------------------
def test_a_taken_port_is_one_line(capfd, monkeypatch, tmp_path: Path):
    from pixelmind import cli

    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for command in (["serve"], ["studio", "--no-browser"]):
            assert cli.run([*command, "--port", str(port)]) == 2
            said = capfd.readouterr()
            assert said.out == ""
            assert (
                said.err
                == f"error: port {port} is taken by another program; name another one, for example --port {port + 1}\n"
            )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "--keys"),
        (["--host", "no.such.name.invalid", "--keys"], "no address"),
        (["--port", "70000"], "out of range"),
        (["--threads", "0"], "out of range"),
        (["--origin", "friend.example"], "https://name"),
    ],
)
def test_what_cannot_be_served_is_one_line(capfd, monkeypatch, tmp_path, arguments, said):
    from pixelmind import cli

    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path))
    assert cli.run(["serve", *arguments]) == 2
    err = capfd.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_what_no_one_needs_any_more_is_forgotten_at_the_start(tmp_path: Path, tiny_engine):
    from pixelmind.serving.app import create_app, open_database

    config = Config(home=tmp_path)
    db = open_database(config)
    user = db.users.ensure("local")
    for key in ("old", "new"):
        db.idempotency.run(user, key, "hash", lambda _: {})
    db.write(lambda s: s.execute(text("UPDATE idempotency SET created = '2020-01-01T00:00:00.000Z' WHERE key = 'old'")))
    with TestClient(create_app(config, db=db, engine=tiny_engine), base_url=HOST):
        until = time.monotonic() + 10
        while db.idempotency.find(user, "old", "hash") is not None:
            assert time.monotonic() < until
            time.sleep(0.02)
    assert db.idempotency.find(user, "new", "hash") == {}
    db.close()


def test_errors_of_paths_and_bodies_say_what_to_do(client):
    nowhere, method = client.get("/v1/nowhere"), client.put("/v1/sprites")
    assert (nowhere.status_code, "/docs" in error_of(nowhere)["message"]) == (404, True)
    assert (method.status_code, "/docs" in error_of(method)["message"]) == (405, True)
    for body in ({"content": b'{"prompt": "a key"}', "headers": {"Content-Type": "text/plain"}}, {"json": [1]}):
        wrong = client.post(GENERATE, **body)
        assert (wrong.status_code, "JSON object" in error_of(wrong)["message"]) == (422, True)


def test_a_picture_of_noise_keeps_its_size_in_bounds(client):
    rgba = np.random.default_rng(0).integers(0, 255, (256, 256, 4), dtype=np.uint8)
    rgba[..., 3] = 255
    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, "PNG")
    answer = client.post("/v1/sprites", files={"file": ("a.png", buffer.getvalue(), "image/png")})
    assert answer.status_code == 400
    assert "colours" in error_of(answer)["message"]
