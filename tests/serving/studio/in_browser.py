"""What the studio's tests stand on: a real service with the released weights, and a real browser (Debian's Chromium).

Without Chromium these tests are skipped, unless PIXELMIND_REQUIRE_CHROMIUM=1 says that it must be there.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from pixelmind.records import Sprite

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAGES = ("draw", "compare", "review", "stats")
STUDIO = Path(__file__).parents[3] / "src/pixelmind/serving/studio"
MOST_BYTES = 300_000
PATIENCE_MS = 60_000


@dataclass
class Service:
    """A running service: its address, and an httpx client for what a test prepares or checks."""

    url: str
    db: Any
    client: httpx.Client


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> Iterator[Any]:
    from pixelmind.serving.app import load_pipeline
    from pixelmind.serving.config import Config
    from pixelmind.serving.engine import Engine

    config = Config(home=tmp_path_factory.mktemp("engine"), threads=1, best_of=1)
    engine = Engine(lambda: load_pipeline(config), 16, 256, 4.0)
    yield engine
    engine.close()


def serve(app: Any) -> tuple[Any, threading.Thread, str]:
    """An app on a free port of this machine, in a thread."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return server, thread, url
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError("the service did not become ready")


@pytest.fixture(scope="module")
def service(tmp_path_factory, engine) -> Iterator[Service]:
    from pixelmind.serving.app import create_app, open_database
    from pixelmind.serving.config import Config

    config = Config(home=tmp_path_factory.mktemp("home"), threads=1, best_of=1)
    db = open_database(config)
    server, thread, url = serve(create_app(config, db=db, engine=engine))
    with httpx.Client(base_url=url, timeout=60) as client:
        yield Service(url, db, client)
    server.should_exit = True
    thread.join(10)
    db.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not shutil.which(CHROMIUM) and os.environ.get("PIXELMIND_REQUIRE_CHROMIUM") != "1":
        pytest.skip(f"no {CHROMIUM}; apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page with what went over the wire, what was refused (but what a test expects), and what the console said."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)  # answers that a test provokes; 0: a broken connection

    def hear(self, message: Any) -> None:
        """Keep what the console complains of; refused requests are told by `answered`, with their address."""
        told_elsewhere = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not told_elsewhere:
            self.complaints.append(message.text)

    def answered(self, response: Any) -> None:
        """Keep a refusal."""
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status} {response.url}")

    def broke(self, request: Any) -> None:
        """Keep a request that got no answer; the page itself may give one up."""
        if request.failure != "net::ERR_ABORTED" and 0 not in self.expected:
            self.complaints.append(f"{request.failure} {request.url}")

    def open(self, url: str, path: str = "") -> Any:
        self.page.goto(f"{url}/{path}")
        self.page.wait_for_selector(".topbar .pages")
        return self.page


@pytest.fixture
def visit(chromium) -> Iterator[Any]:
    """Make a page of a size and theme; after the test nothing may have gone anywhere but to this machine, nor the console complained."""
    made: list[tuple[Any, Visit]] = []

    def make(size: dict[str, int] = WIDE, scheme: str = "dark", **options: Any) -> Visit:
        context = chromium.new_context(viewport=size, color_scheme=scheme, **options)
        context.set_default_timeout(PATIENCE_MS)
        one = Visit(context.new_page())
        one.page.on("request", lambda r: one.requests.append(r.url))
        one.page.on("pageerror", lambda e: one.complaints.append(str(e)))
        one.page.on("console", one.hear)
        one.page.on("response", one.answered)
        one.page.on("requestfailed", one.broke)
        made.append((context, one))
        return one

    yield make
    for context, one in made:
        context.close()
        outside = [
            u
            for u in one.requests
            if urlsplit(u).scheme not in ("data", "blob") and urlsplit(u).hostname != "127.0.0.1"
        ]
        assert not outside
        assert not one.complaints


def sprite(seed: int, size: int = 16) -> Sprite:
    """A disc with a stripe, in two parts and three colours."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    disc = (y - size / 2 + 0.5) ** 2 + (x - size / 2 + 0.5) ** 2 < (size / 2 - 1) ** 2
    stripe = disc & (abs(y - size // 2) < 2)
    palette = np.zeros((3, 4), np.uint8)
    palette[1:] = np.concatenate([rng.integers(30, 255, (2, 3)), np.full((2, 1), 255)], 1)
    indices = np.where(stripe, 2, np.where(disc, 1, 0)).astype(np.uint8)
    return Sprite(indices=indices, palette=palette, mask=indices, mask_names=("background", "head", "belt"))


def keep(service: Service, seed: int, prompt: str) -> str:
    """Put a sprite among the local person's."""
    user = service.db.users.ensure("local")
    return str(service.db.sprites.add(user, sprite(seed), prompt=prompt, source="generated").id)


def drawn(page: Any) -> None:
    page.wait_for_selector(".working", state="detached")
