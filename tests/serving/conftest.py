"""A service of untrained weights: in this process for most tests, behind a real socket where that is what is tested."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch

from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.pixels.metadata import decode_sprite
from pixelmind.records import Sprite
from pixelmind.serving.app import create_app
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine
from pixelmind.storage import Database

HOST = "http://127.0.0.1"


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of three untrained levels whose pictures differ by seed and words."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("bundle")
    bundle = Bundle.create(folder, preset="test")
    for level, channels, patch in ((16, 4, 4), (64, 8, 4), (256, 8, 8)):
        shape = DenoiserConfig(width=32, depth=2, heads=2, in_channels=channels, patch=patch, references=16, layout=4)
        net = Denoiser(shape)
        torch.nn.init.normal_(net.output.weight, std=0.5)
        modules: dict[str, torch.nn.Module] = {"denoiser": net}
        if level == 16:
            modules["prior"] = ConditionPrior()
        bundle.put_level(level, modules, net.config, Vocabulary(("flat", "outlined")))
    return folder


@pytest.fixture(scope="session")
def tiny_pipe(tiny_weights: Path) -> PixelPipeline:
    return load(tiny_weights, threads=1)


@pytest.fixture(scope="session")
def tiny_engine(tiny_pipe: PixelPipeline) -> Iterator[Engine]:
    """One engine for all tests that do not stop or fill it."""
    engine = Engine(tiny_pipe)
    yield engine
    engine.close()


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


MakeService = Callable[..., Running]


@pytest.fixture
def make_service(tmp_path: Path, tiny_engine: Engine) -> Iterator[MakeService]:
    """Start a service in a folder of its own; arguments are those of Config, and `engine`."""
    from starlette.testclient import TestClient

    with ExitStack() as stack:

        def make(*, engine: Engine | None = None, base: str = HOST, **settings: Any) -> Running:
            config = Config(home=tmp_path, **settings)
            db = stack.enter_context(Database(config.database))
            db.upgrade()
            app = create_app(config, db=db, engine=engine or tiny_engine)
            client = TestClient(app, base_url=base, raise_server_exceptions=False, client=("127.0.0.1", 50000))
            return Running(stack.enter_context(client), db, app, config)

        yield make


@pytest.fixture
def service(make_service: MakeService) -> Running:
    """A service without keys."""
    return make_service()


@pytest.fixture
def client(service: Running) -> Any:
    return service.client


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """A real server on a free port of 127.0.0.1; its address."""
    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=2)
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


@pytest.fixture
def address(service: Running) -> Iterator[str]:
    """The service without keys, behind a socket."""
    with serving(service.app) as url:
        yield url


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as found:
        yield found


def sprite_of(b64: str) -> Sprite:
    """What a base64 PNG of the API holds."""
    return decode_sprite(base64.b64decode(b64))


def blob(height: int = 16, width: int = 16, color: tuple[int, int, int] = (200, 40, 40)) -> Sprite:
    """A disc of one colour on a clear canvas."""
    y, x = np.mgrid[:height, :width]
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[np.hypot(y - height / 2, x - width / 2) < min(height, width) / 3] = (*color, 255)
    return Sprite.from_rgba(rgba)
