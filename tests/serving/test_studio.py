"""The studio in a real browser (Debian's Chromium) on a real service with the released weights: the main paths, and what the page promises.

Without Chromium these tests are skipped, unless PIXELMIND_REQUIRE_CHROMIUM=1 says that it must be there.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from PIL import Image

from pixelmind.records import Sprite

playwright = pytest.importorskip("playwright.sync_api")
uvicorn = pytest.importorskip("uvicorn")

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
STUDIO = Path(__file__).parents[2] / "src/pixelmind/serving/studio"
MOST_BYTES = 300_000
PATIENCE_MS = 60_000

if not shutil.which(CHROMIUM) and os.environ.get("PIXELMIND_REQUIRE_CHROMIUM") != "1":
    pytest.skip(f"no {CHROMIUM}; apt-get install chromium", allow_module_level=True)


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
    with playwright.sync_playwright() as p:
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


# ---- the main paths --------------------------------------------------------------------------------------------------


def test_generate_pick_and_export(service, visit, tmp_path):
    page = visit().open(service.url)
    page.get_by_role("tab", name="Generate").first.click()
    page.fill("#prompt", "a green slime with a crown")
    page.get_by_role("button", name="16", exact=True).click()
    page.get_by_role("group", name="Candidates").get_by_role("button", name="2").click()
    page.get_by_text("More", exact=True).click()
    page.get_by_role("spinbutton", name="Seed").fill("7")
    page.get_by_role("spinbutton", name="Steps").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_selector(".candidate")
    assert page.locator(".candidate").count() == 2
    page.keyboard.press("2")
    page.wait_for_selector("canvas.canvas >> visible=true")
    assert page.locator(".strip-item").count() >= 2
    newest = service.client.get("/v1/sprites?limit=2").json()["data"]
    assert {s["prompt"] for s in newest} == {"a green slime with a crown"}
    assert {(s["width"], s["height"]) for s in newest} == {(16, 16)}

    chosen = page.url.rsplit("/", 1)[1]
    page.keyboard.press("e")
    page.get_by_role("group", name="Scale").get_by_role("button", name="4×").click()
    with page.expect_download() as waiting:
        page.locator("[data-format=png]").click()
    saved = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    assert saved.suffix == ".png"
    with Image.open(saved) as image:
        assert image.size == (64, 64)
    page.keyboard.press("e")
    with page.expect_download() as waiting:
        page.locator("[data-format=sheet]").click()
    waiting.value.save_as(tmp_path / "sheet.zip")
    with zipfile.ZipFile(tmp_path / "sheet.zip") as box:
        names = box.namelist()
        about = json.loads(box.read(next(n for n in names if n.endswith(".json"))))
        assert about["meta"]["size"]["w"] >= 16
    events = [r for r in service.db.feedback.list(service.db.users.ensure("local")) if r.sprite == chosen]
    assert {"select", "export"} <= {r.event for r in events}


def test_talk_take_one_change_it_and_go_back(service, visit):
    page = visit().open(service.url)
    page.locator("#say").fill("a castle, 16x16")
    page.keyboard.press("Enter")
    page.wait_for_selector(".candidate")
    page.locator(".candidate").nth(1).click()
    drawn(page)
    page.wait_for_selector("text=Number 2 it is")
    first = page.url.rsplit("/", 1)[1]
    page.keyboard.press("Escape")
    page.locator("#command").fill("make it darker")
    page.keyboard.press("Enter")
    page.wait_for_selector(".facts >> text=/[1-9]\\d* cells changed/")
    drawn(page)
    page.wait_for_selector(".version >> nth=1")
    second = page.url.rsplit("/", 1)[1]
    assert second != first
    page.wait_for_selector("text=/[1-9]\\d* of 256 cells changed/")
    page.locator("canvas.canvas").focus()
    page.keyboard.press("b")
    slider = page.get_by_role("slider", name="Before and after")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert int(slider.get_attribute("aria-valuenow")) > 50
    page.keyboard.press("Control+z")
    page.wait_for_url(f"**/{first}")
    page.keyboard.press("Control+Shift+Z")
    page.wait_for_url(f"**/{second}")
    name = page.locator(".session-button").inner_text().strip()
    page.reload()  # the conversation is there again, and goes on
    page.wait_for_selector(".message.user >> text=make it darker")
    assert page.locator(".session-button").inner_text().strip() == name
    page.locator("#say").fill("undo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{first}")
    page.get_by_role("button", name="New conversation").last.click()
    page.locator(".session-button").click()
    page.get_by_role("menuitemradio", name=name).click()
    page.wait_for_selector(".message.user >> text=undo")


def test_a_part_is_picked_on_the_canvas_and_a_colour_swapped(service, visit):
    kept = keep(service, 3, "a badge")
    page = visit().open(service.url, f"#/draw/{kept}")
    page.wait_for_selector(".part")
    box = page.locator("canvas.canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator(".part-tag").inner_text() == "belt"
    page.mouse.down()
    page.mouse.up()
    assert page.locator(".part[aria-pressed=true]").inner_text().startswith("belt")
    assert page.locator(".command .targets").inner_text().strip() == "belt"
    page.locator(".swatch").nth(1).click()
    page.get_by_label("New colour as hex").fill("#00ff88")
    page.get_by_role("button", name="Swap").click()
    page.wait_for_function("id => !location.hash.endsWith(id)", arg=kept)
    page.wait_for_selector(".swatch[aria-label^='#00ff88']")
    fresh = service.client.get(f"/v1/sprites/{page.url.rsplit('/', 1)[1]}").json()
    assert "#00ff88" in fresh["palette"]
    assert fresh["parent"] == kept
    page.locator(".swatch").nth(0).click()
    page.get_by_role("button", name="Lock this colour").click()
    page.get_by_role("button", name="Bring to a palette").click()
    page.locator("[data-import=palette]").set_input_files(
        {"name": "Two Tones.hex", "mimeType": "text/plain", "buffer": b"102030\nf0e0d0\n"}
    )
    page.wait_for_selector("text=Palette two-tones is there")
    assert any(p["name"] == "two-tones" for p in service.client.get("/v1/palettes").json()["data"])


def test_own_pictures_are_opened_and_others_refused(service, visit):
    one = visit()
    one.expected = {400, 415, 422}
    page = one.open(service.url)
    png = io.BytesIO()
    Image.fromarray(sprite(9).rgba()).save(png, "PNG")
    page.locator(".strip input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": png.getvalue()}
    )
    page.wait_for_selector("canvas.canvas >> visible=true")
    page.wait_for_selector(".swatch >> nth=1")
    own = page.url.rsplit("/", 1)[1]
    page.locator("#say").fill("make it darker")  # the conversation is about what is in view
    page.keyboard.press("Enter")
    page.wait_for_selector(".facts >> text=cells changed")
    drawn(page)
    page.wait_for_function("id => !location.hash.endsWith(id)", arg=own)
    assert service.client.get(f"/v1/sprites/{page.url.rsplit('/', 1)[1]}").json()["parent"] == own
    page.locator(".strip input[type=file]").set_input_files(
        {"name": "evil.png", "mimeType": "image/png", "buffer": b"<svg onload='alert(1)'/>"}
    )
    page.wait_for_selector(".toast.bad")


def test_compare_with_keys_and_rate(service, visit):
    prompt = "a round badge"
    for seed in (21, 22):
        keep(service, seed, prompt)
    user = service.db.users.ensure("local")
    before = len(list(service.db.feedback.pairs(user)))
    page = visit().open(service.url, "#/compare")
    page.wait_for_selector(".duel-picture img >> nth=1")
    with page.expect_request("**/v1/preferences/next?skip=par_*"):
        page.keyboard.press("s")
    keep(service, 23, prompt)
    page.reload()
    page.wait_for_selector(".duel-picture img >> nth=1")
    axis = page.locator(".duel-card").first.get_by_role("spinbutton").first
    axis.focus()
    page.keyboard.press("4")
    page.wait_for_function("() => document.querySelector('.axis').getAttribute('aria-valuenow') === '4'")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    page.keyboard.press("a")
    page.wait_for_selector(".verdicts [aria-pressed=true]")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.querySelector('.counter b').textContent === '1'")
    answered = list(service.db.feedback.pairs(user))
    assert len(answered) == before + 1
    rows = service.db.feedback.list(user)
    ratings = [r.ratings for r in rows if r.ratings]
    assert {"accuracy": 4} in ratings
    assert {"aesthetics": 2} in ratings
    assert any(r.verdict == "approve" for r in rows)
    stats = service.client.get("/v1/stats").json()
    assert stats["pairs"] >= 1


def test_review_with_keys(service, visit):
    first, second = (keep(service, seed, f"case {seed}") for seed in (31, 32))
    asked = {"sprite_id": first, "reason": "the belt is crooked"}
    assert service.client.post("/v1/review", json=asked).status_code == 201
    page = visit().open(service.url, f"#/draw/{second}")
    page.wait_for_selector(".swatch")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Send to review").click()
    page.keyboard.type("the crown has a hole")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast >> text=in the review queue")
    page.goto(f"{service.url}/#/review")
    page.wait_for_selector(".queue-item >> nth=1")
    page.keyboard.press("j")
    assert page.locator(".queue-item").nth(1).get_attribute("aria-current") == "true"
    page.keyboard.press("c")
    page.keyboard.type("looks fine to me")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_function("() => document.querySelectorAll('.queue-item').length === 1")
    page.keyboard.press("r")
    page.wait_for_selector("text=The queue is empty")
    third = keep(service, 33, "case 33")
    assert service.client.post("/v1/review", json={"sprite_id": third, "reason": "too bright"}).status_code == 201
    page.reload()
    page.wait_for_selector(".queue-item")
    page.keyboard.press("f")  # with nothing to put in its place, and no word of what to do
    page.wait_for_selector(".toast >> text=what must be fixed")
    page.get_by_role("link", name="Open in Draw").click()
    page.locator("#command").fill("make it darker")
    page.keyboard.press("Enter")
    page.wait_for_function("id => !location.hash.endsWith(id)", arg=third)
    drawn(page)
    fixed = page.url.rsplit("/", 1)[1]
    page.goto(f"{service.url}/#/review")
    page.get_by_role("button", name="Take this one instead").click()
    page.locator(".case-head h2").click()
    page.keyboard.press("f")
    page.wait_for_selector("text=The queue is empty")
    replaced = service.client.get("/v1/review?status=done&limit=1").json()["data"][0]
    assert (replaced["decision"], replaced["replacement"]) == ("fix", fixed)
    done = service.client.get("/v1/review?status=done").json()["data"]
    assert {r["decision"] for r in done} == {"approve", "reject", "fix"}
    assert "looks fine to me" in {r["comment"] for r in done}


# ---- when things go wrong --------------------------------------------------------------------------------------------


def test_failures_are_told_and_can_be_retried(service, visit):
    one = visit()
    one.expected = {0}
    page = one.open(service.url)
    page.route("**/messages", lambda route: route.abort())
    page.locator("#say").fill("a golden key, 16x16")
    page.keyboard.press("Enter")
    page.wait_for_selector(".banner")
    assert "does not answer" in page.locator(".message.bad").inner_text()
    page.unroute("**/messages")
    page.wait_for_selector(".banner", state="detached")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".candidate")
    page.locator("#say").fill("a wide landscape, 64x64")
    page.keyboard.press("Enter")
    page.locator(".working").get_by_role("button", name="Cancel").click()
    page.wait_for_selector("text=Cancelled.")
    assert page.get_by_role("button", name="Draw it after all").is_visible()


def test_a_service_with_keys_asks_for_one(service, engine, visit, tmp_path):
    from pixelmind.serving.app import create_app, open_database
    from pixelmind.serving.config import Config

    config = Config(home=tmp_path, keys=True, threads=1)
    db = open_database(config)
    user = db.users.ensure("ada")
    _, token = db.keys.create(user, ("generate", "feedback", "review"))
    kept = db.sprites.add(user, sprite(5), prompt="ada's badge", source="generated").id
    server, thread, url = serve(create_app(config, db=db, engine=engine))
    try:
        one = visit()
        one.expected = {401}
        page = one.open(url, f"#/draw/{kept}")
        page.get_by_label("API key").fill("pmx_nothing")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert] >> text=the API key is malformed")
        page.get_by_label("API key").fill(token)
        page.keyboard.press("Enter")
        page.wait_for_selector(".strip-item img")
        page.wait_for_selector(".swatch")  # what the address names
        assert page.locator(".strip-item img").get_attribute("src").startswith("blob:")
        assert page.evaluate("Object.keys(localStorage).concat(document.cookie || [])") == []
    finally:
        server.should_exit = True
        thread.join(10)
        db.close()


def test_what_people_type_is_text(service, visit):
    evil = "<img src=x onerror=\"document.title='pwned'\">"
    kept = keep(service, 41, evil)
    page = visit().open(service.url, f"#/draw/{kept}")
    page.wait_for_selector(".swatch")
    assert page.locator(".stage-title").inner_text() == evil
    assert page.title() != "pwned"
    for path in STUDIO.rglob("*.js"):
        if path.parent.name != "vendor":
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|dangerouslySet", path.read_text()
            )


# ---- what the page promises ------------------------------------------------------------------------------------------


def test_weight_first_paint_and_no_inline_code(service, visit):
    one = visit()
    page = one.open(service.url)
    page.wait_for_selector(".welcome")
    page.wait_for_load_state("networkidle")
    weights = page.evaluate(
        "[performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')].filter(e => !e.name.includes('/v1/'))"
        ".map(e => e.decodedBodySize)"
    )
    assert len(weights) > 20
    assert sum(weights) <= MOST_BYTES
    assert sum(p.stat().st_size for p in STUDIO.rglob("*") if p.is_file()) <= MOST_BYTES
    paints = []
    for _ in range(3):
        page.reload()
        page.wait_for_selector(".welcome")
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    assert min(paints) <= 1000
    html = (STUDIO / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=|https?://", html)
    assert "unsafe-inline" not in service.client.get("/").headers["Content-Security-Policy"]
    assert service.client.get("/js/main.js").headers["Cache-Control"] == "no-cache"


PAIRS = [
    *[("--text", ground) for ground in ("--ground", "--field", "--panel", "--raised", "--hover")],
    *[("--muted", ground) for ground in ("--ground", "--field", "--panel", "--raised", "--hover")],
    *[("--accent-text", ground) for ground in ("--panel", "--raised", "--accent-soft")],
    ("--on-accent", "--accent"),
    ("--on-accent", "--accent-hover"),
    ("--danger", "--panel"),
    ("--danger", "--danger-soft"),
    ("--good", "--panel"),
    ("--good", "--good-soft"),
    ("--text", "--accent-soft"),
]
EDGES = [
    ("--edge", "--field"),
    ("--edge", "--panel"),
    ("--accent", "--panel"),
    ("--accent", "--ground"),
    ("--accent", "--field"),
]


TOO_WIDE = """[...document.querySelectorAll('.main *')]
    .filter(e => e.getBoundingClientRect().right > 391 && !e.closest('.scroll, .tools, .suggestions')).map(e => e.className)"""
NAME_IN_FOCUS = "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || '').trim()"
UNNAMED = """[...document.querySelectorAll('button, a, input, select, textarea')]
    .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label'))).map(e => e.outerHTML)"""


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb" (WCAG 2.2)."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_contrast_in_both_themes(service, visit, scheme):
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)  # a pair known from WCAG's own pages
    page = visit(scheme=scheme).open(service.url)

    def of(name: str) -> str:
        return str(page.evaluate("n => getComputedStyle(document.documentElement).getPropertyValue(n).trim()", name))

    for toggled in (False, True):
        if toggled:
            before = of("--ground")
            page.keyboard.press("t")
            assert of("--ground") != before
        low = [(a, b, contrast(of(a), of(b))) for a, b in PAIRS if contrast(of(a), of(b)) < 4.5]
        low += [(a, b, contrast(of(a), of(b))) for a, b in EDGES if contrast(of(a), of(b)) < 3]
        assert not low


def test_a_narrow_screen(service, visit):
    kept = keep(service, 51, "a badge with a name so long that it does not fit into one line of a telephone")
    page = visit(NARROW, "light", has_touch=True, is_mobile=True, device_scale_factor=2).open(
        service.url, f"#/draw/{kept}"
    )
    for tab in ("Canvas", "Generate", "Colours", "Chat"):
        page.get_by_role("tablist", name="Panels").get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate(TOO_WIDE) == []
    for name in PAGES:
        page.goto(f"{service.url}/#/{name}")
        page.wait_for_selector(f".page-{name}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_keys_alone_reach_everything(service, visit):
    kept = keep(service, 61, "a badge")
    page = visit(reduced_motion="reduce").open(service.url, f"#/draw/{kept}")
    page.wait_for_selector(".swatch")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        seen.add(page.evaluate(NAME_IN_FOCUS))
        if "Approve" in seen:  # the last panel
            break
    assert seen >= {
        "Draw",
        "Review",
        "Light theme",
        "Keyboard shortcuts",
        "Say what to draw or change",
        "Pixel grid",
        "Export",
    }
    assert "Change this sprite" in seen
    assert any(label.startswith("Canvas:") for label in seen)
    assert any(label.startswith("Craft:") for label in seen)
    page.locator("canvas.canvas").focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    assert re.search(r"x 8\s+y 5", page.locator(".status").inner_text())
    page.keyboard.press("Enter")
    assert page.locator(".part[aria-pressed=true]").count() == 1
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keyboard shortcuts").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").startswith("canvas")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "command"
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+4")
    page.wait_for_selector(".page-stats .tile")
    assert page.evaluate(UNNAMED) == []
