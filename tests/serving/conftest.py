"""A service of untrained weights: in this process for most tests, behind a real socket where that is what is tested."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch

from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.serving.app import create_app
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine
from pixelmind.storage import Database

sys.path.insert(0, str(Path(__file__).parent))
from service_parts import HOST, Running, TestClient, serving


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


MakeService = Callable[..., Running]


@pytest.fixture
def make_service(tmp_path: Path, tiny_engine: Engine) -> Iterator[MakeService]:
    """Start a service in a folder of its own; arguments are those of Config, and `engine`."""
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


@pytest.fixture
def address(service: Running) -> Iterator[str]:
    """The service without keys, behind a socket."""
    with serving(service.app) as url:
        yield url


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as found:
        yield found
