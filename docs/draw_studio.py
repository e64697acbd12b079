"""Take the screenshots of docs/studio.md: `.venv/bin/python docs/draw_studio.py`. Needs Debian's Chromium.

A service with an empty home draws with the released weights; the pictures are cut to 256 colours, so that they stay small.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from pixelmind.serving.app import create_app
from pixelmind.serving.config import Config

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/serving/studio"))
from in_browser import ARGUMENTS, CHROMIUM, NARROW, WIDE, serve

IMAGES = Path(__file__).parent / "images"


def shoot(page: Any, name: str) -> None:
    """Keep a screenshot as docs/images/studio_NAME.png."""
    page.wait_for_timeout(500)
    path = IMAGES / f"studio_{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as image:
        image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path, path.stat().st_size)


def say(page: Any, box: str, text: str) -> None:
    """Say something and wait until it is done."""
    page.locator(box).fill(text)
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    page.wait_for_selector(".working", state="detached", timeout=120_000)
    page.wait_for_timeout(600)


def stats(page: Any, url: str) -> None:
    """The page of figures, after some more use."""
    for i in range(6):
        page.request.post(f"{url}/v1/images/generations", data={"prompt": "a red dragon", "size": "32x32", "seed": i, "n": 2})
    page.goto(f"{url}/#/stats")
    page.wait_for_selector("text=Time by stage")
    shoot(page, "stats")


def main() -> None:
    """All screenshots, in the order of the page."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as p:
        _, _, url = serve(create_app(Config(home=Path(home))))
        browser = p.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(viewport=WIDE, color_scheme="dark").new_page()
        page.goto(url)
        say(page, "#say", "a castle with red flags, 32x32")
        shoot(page, "candidates")
        page.keyboard.press("Escape")
        page.locator(".thumb").nth(3).click()
        page.wait_for_timeout(1500)
        page.wait_for_selector(".working", state="detached", timeout=120_000)
        page.get_by_role("button", name="wall").first.click()
        shoot(page, "canvas")
        say(page, "#command", "make it darker")
        page.wait_for_selector("text=/cells changed/ >> nth=1")
        page.mouse.move(600, 60)
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        page.keyboard.press("b")
        shoot(page, "before_after")
        page.get_by_role("button", name="New conversation").click()
        say(page, "#say", "a green slime, 24x24")
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        page.wait_for_timeout(1500)
        page.wait_for_selector(".working", state="detached", timeout=120_000)
        page.goto(f"{url}/#/compare")
        page.wait_for_selector(".duel-picture img >> nth=1")
        shoot(page, "compare")
        stats(page, url)
        light = browser.new_context(viewport=WIDE, color_scheme="light").new_page()
        light.goto(url)
        light.locator(".strip-item").first.click()
        light.get_by_role("tab", name="Generate").first.click()
        light.locator("#prompt").fill("a golden key")
        light.wait_for_timeout(800)
        shoot(light, "light")
        small = browser.new_context(viewport=NARROW, color_scheme="dark", has_touch=True, is_mobile=True).new_page()
        small.goto(url)
        small.get_by_role("tab", name="Canvas").click()
        small.locator(".strip-item").first.click()
        small.wait_for_timeout(800)
        shoot(small, "narrow")
        browser.close()


if __name__ == "__main__":
    main()
