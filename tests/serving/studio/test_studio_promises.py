"""What the studio's page promises: weight, first paint, contrast, a narrow screen, keys alone."""

from __future__ import annotations

import re

import numpy as np
import pytest
from in_browser import MOST_BYTES, NARROW, PAGES, STUDIO, keep


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
    page.wait_for_selector("text=Time by stage")
    assert page.evaluate(UNNAMED) == []
