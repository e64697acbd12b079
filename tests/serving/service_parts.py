"""What tests of the service share: a service in this process, a real server around one, pictures in and out."""

from __future__ import annotations

import base64
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixelmind.pixels.metadata import decode_sprite
from pixelmind.records import Sprite
from pixelmind.serving.config import Config
from pixelmind.storage import Database

with warnings.catch_warnings():  # starlette 1.3 names a class where anyio 4.13 no longer wants it
    warnings.simplefilter("ignore", DeprecationWarning)
    from starlette.testclient import TestClient

__all__ = ["HOST", "Running", "TestClient", "blob", "serving", "sprite_of"]
HOST = "http://127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A service in this process: `client` calls it without a socket."""

    client: Any
    db: Database
    app: Any
    config: Config

    def generate(self, **body: Any) -> Any:
        """The answer to a small generation."""
        asked = {"prompt": "a red key", "size": "16x16", "steps": 2, **body}
        return self.client.post("/v1/images/generations", json=asked)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """A real server on a free port of 127.0.0.1; its address."""
    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            until = time.monotonic() + 20
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < until, "the server did not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def sprite_of(b64: str) -> Sprite:
    """What a base64 PNG of the API holds."""
    return decode_sprite(base64.b64decode(b64))


def blob(height: int = 16, width: int = 16, color: tuple[int, int, int] = (200, 40, 40)) -> Sprite:
    """A disc of one colour on a clear canvas."""
    y, x = np.mgrid[:height, :width]
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[np.hypot(y - height / 2, x - width / 2) < min(height, width) / 3] = (*color, 255)
    return Sprite.from_rgba(rgba)
