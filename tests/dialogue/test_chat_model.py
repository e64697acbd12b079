"""A chat model's answers are data; failing, slow and malicious endpoints change nothing. The endpoint is a real server on this machine."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pixelmind.dialogue.chat_model import ChatModel, as_intent
from pixelmind.errors import BadInput

SAID = {"act": "edit", "slots": {"region": ["sky"]}, "operation": "darken", "region": "sky"}


def test_an_answer_is_kept_where_it_speaks_the_schema() -> None:
    intent = as_intent("make the sky darker", "Sure! " + json.dumps(SAID))
    assert intent is not None
    assert (intent.act, intent.operation, intent.region, intent.slots) == (
        "edit",
        "darken",
        "sky",
        {"region": ("sky",)},
    )


@pytest.mark.parametrize(
    "answer",
    [
        "no json",
        "[]",
        "{",
        json.dumps({"act": "delete_files"}),
        json.dumps({**SAID, "operation": "rm -rf"}),
        json.dumps({**SAID, "region": "/etc/passwd"}),
        json.dumps({**SAID, "act": "generate"}),
        json.dumps({"act": ["edit"]}).replace('["edit"]', '{"x": 1}'),
    ],
)
def test_anything_else_is_dropped(answer: str) -> None:
    try:
        assert as_intent("make the sky darker", answer) is None
    except TypeError:
        pytest.fail("an unhashable name must be dropped, not raised")


def test_pieces_that_were_not_said_are_dropped() -> None:
    told = {
        **SAID,
        "slots": {"region": ["sky", "../../secret"], "file": ["sky"], "color": "red", "subject": [3]},
        "ambiguous": ["mood", "root", 5],
    }
    intent = as_intent("make the sky darker", json.dumps(told))
    assert intent is not None
    assert intent.slots == {"region": ("sky",)}
    assert intent.ambiguous == ("mood",)


@contextmanager
def endpoint(answer: Callable[[], str], wait: float = 0.0, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(wait)
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": answer()}}
            body = json.dumps(
                {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            ).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except BrokenPipeError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def model(monkeypatch: pytest.MonkeyPatch, address: str, limit: float = 2.0) -> ChatModel:
    monkeypatch.setenv("PIXELMIND_CHAT_BASE_URL", address)
    monkeypatch.setenv("PIXELMIND_CHAT_MODEL", "m")
    found = ChatModel.from_environment()
    assert found is not None
    found.limit = limit
    return found


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_reads_and_phrases(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint(lambda: json.dumps(SAID)) as address:
        intent = model(monkeypatch, address).read("make the sky darker")
        assert intent is not None
        assert intent.operation == "darken"
    with endpoint(lambda: "Would you\x1b[2J like 1 red or 2 blue?") as address:
        assert model(monkeypatch, address).phrase("1 red, 2 blue?") == "Would you[2J like 1 red or 2 blue?"
    with endpoint(lambda: "Which would you like?") as address:  # the options are gone
        assert model(monkeypatch, address).phrase("1 red, 2 blue?") is None


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_failing_and_slow_endpoints_give_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint(lambda: "x", status=500) as address:
        assert model(monkeypatch, address).read("a cat") is None
    with endpoint(lambda: json.dumps(SAID), wait=1.5) as address:
        begun = time.perf_counter()
        assert model(monkeypatch, address, limit=0.3).read("make the sky darker") is None
        assert time.perf_counter() - begun < 1.0


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIXELMIND_CHAT_BASE_URL", "PIXELMIND_CHAT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert ChatModel.from_environment() is None
    monkeypatch.setenv("PIXELMIND_CHAT_BASE_URL", "http://127.0.0.1:1/v1")
    with pytest.raises(BadInput, match="PIXELMIND_CHAT_MODEL"):
        ChatModel.from_environment()
