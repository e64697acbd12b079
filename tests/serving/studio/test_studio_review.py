"""The studio's review page for what the check flagged: heat map, candidates, keys, a narrow screen, and the mark in the normal view."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from in_browser import NARROW, WIDE, keep, serve, sprite

from pixelmind.quality import heat_map
from pixelmind.records import Sprite
from pixelmind.storage import Database

REASON = "palette: likely at fault (alignment 0.10, palette 0.91, proportion 0.25)"
QUALITY = {
    "dissatisfied": 0.81,
    "families": {"alignment": 0.1, "palette": 0.91, "proportion": 0.25},
    "score": -1.5,
    "rounds": 1,
    "changed_cells": 4,
    "flagged": True,
    "critic": "0f0f0f0f0f0f",
}


def flagged(db: Database, user: Any, seed: int, prompt: str) -> tuple[str, str, str]:
    """A flagged sprite as the service keeps one (review, sprite, candidate). What the critic said of it is made up."""
    drawn = sprite(seed)
    told = Sprite(**{**vars(drawn), "provenance": {"prompt": prompt, "quality": QUALITY}})
    bad = db.sprites.add(user, told, prompt=prompt).id
    other = db.sprites.add(user, sprite(seed + 1), prompt=prompt).id
    heat = np.zeros(drawn.indices.shape, np.float32)
    heat[7:9, 4:12] = 0.9
    return db.review.flag(user, bad, REASON, -1.5, heat_map.draw(drawn.rgba(), heat), [other]).id, bad, other


BEYOND = """right => [...document.querySelectorAll('.main *')]
    .filter(e => e.getBoundingClientRect().right > right).map(e => e.className)"""


@pytest.fixture
def case(service) -> tuple[str, str, str]:
    for row in service.db.review.list():
        service.db.review.decide(row.id, service.db.users.ensure("local"), "approve")
    return flagged(service.db, service.db.users.ensure("local"), 71, "a striped badge")


def test_a_flagged_sprite_is_looked_at_compared_and_fixed_by_keys(service, visit, case):
    review, bad, other = case
    page = visit().open(service.url, "#/review")
    page.wait_for_selector(".heat")
    assert page.locator(".case-reason").inner_text() == REASON
    assert " ".join(page.locator(".families").inner_text().split()) == "Alignment 10 % Palette 91 % Proportion 25 %"
    assert page.locator(".case-head .score").inner_text() == "81 %"
    heat, picture = (page.locator(f".case-picture {what}").bounding_box() for what in (".heat", "img:not(.heat)"))
    assert heat == picture  # it lies on the picture, cell on cell
    page.keyboard.press("h")
    page.wait_for_selector(".heat", state="detached")
    page.keyboard.press("h")
    page.wait_for_selector(".heat")
    page.keyboard.press("1")
    page.wait_for_selector("figcaption >> text=in its place")
    shown = [page.locator(".case-picture figure").nth(i).locator("img").first.bounding_box() for i in range(2)]
    assert shown[0]["width"] == shown[1]["width"]
    assert shown[0]["y"] == shown[1]["y"]
    page.keyboard.press("c")
    page.keyboard.type("the stripe is off")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.wait_for_selector("text=The queue is empty")
    done = service.db.review.get(review)
    assert (done.decision, done.replacement, done.comment) == ("fix", other, "the stripe is off")
    assert service.client.get(f"/v1/sprites/{bad}").json()["review"] is None
    page.get_by_role("button", name="Done").click()
    page.wait_for_selector(".note >> text=the stripe is off")
    assert page.locator(".decide").count() == 0


def test_an_edited_version_takes_its_place(service, visit, case):
    review, bad, _ = case
    edited = service.client.post(f"/v1/sprites/{bad}/edits", json={"instruction": "mirror it"}).json()["sprite"]["id"]
    page = visit().open(service.url, "#/review")
    page.get_by_role("button", name="number 2").click()
    page.wait_for_selector("figcaption >> text=in its place")
    page.get_by_role("button", name="Fix").click()
    page.wait_for_selector("text=The queue is empty")
    assert service.db.review.get(review).replacement == edited


def test_a_quiet_mark_says_that_a_person_looks_at_it(service, visit, case):
    review, bad, _ = case
    page = visit().open(service.url, f"#/draw/{bad}")
    mark = page.get_by_role("note", name=f"Being checked by a person: {REASON}")
    mark.wait_for()
    tip = mark.locator(".tip")
    assert not tip.is_visible()
    mark.hover()
    assert tip.inner_text() == f"Being checked by a person. {REASON}"
    assert tip.is_visible()
    page.mouse.move(5, 5)
    page.wait_for_selector(".tip", state="hidden")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.review-mark')"):
            break
    assert tip.is_visible()
    page.keyboard.press("/")  # it can be used all the same
    assert page.evaluate("document.activeElement.id") == "command"
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+3")
    page.wait_for_selector(".heat")
    page.keyboard.press("a")
    page.wait_for_selector("text=The queue is empty")
    page.keyboard.press("Alt+1")
    page.wait_for_selector(".strip-item")
    page.locator(".strip-item[aria-label^='a striped badge']").nth(1).click()
    page.wait_for_url(f"**/{bad}")
    page.wait_for_selector(".swatch")
    assert page.locator(".review-mark").count() == 0
    assert service.db.review.get(review).decision == "approve"


@pytest.mark.parametrize(("size", "scheme"), [(NARROW, "light"), (NARROW, "dark"), (WIDE, "light")])
def test_everything_fits_and_can_be_read(service, visit, case, size, scheme):
    _, bad, _ = case
    page = visit(size, scheme).open(service.url, "#/review")
    page.wait_for_selector(".heat")
    page.get_by_role("button", name="number 1").click()
    page.wait_for_selector("figcaption >> text=in its place")
    assert page.evaluate(BEYOND, size["width"] + 1) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    for name in ("Approve", "Fix", "Reject"):
        button = page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]
    page.goto(f"{service.url}/#/draw/{bad}")
    if size is NARROW:
        page.get_by_role("tablist", name="Panels").get_by_role("tab", name="Canvas").click()
    page.locator(".stagebar .review-mark").hover()
    box = page.locator(".stagebar .tip").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]


def test_a_reviewer_sees_anothers_sprite_and_heat_map_and_no_more(service, engine, visit, tmp_path):
    from pixelmind.serving.app import create_app, open_database
    from pixelmind.serving.config import Config

    config = Config(home=tmp_path, keys=True, threads=1)
    db = open_database(config)
    review, _, _ = flagged(db, db.users.ensure("ada"), 81, "ada's badge")
    _, token = db.keys.create(db.users.ensure("rae"), ("generate", "feedback", "review"))
    server, thread, url = serve(create_app(config, db=db, engine=engine))
    try:
        one = visit()
        one.expected = {401}
        page = one.open(url, "#/review")
        page.get_by_label("API key").fill(token)
        page.keyboard.press("Enter")
        page.wait_for_selector(".heat")
        assert page.locator(".heat").get_attribute("src").startswith("blob:")
        assert page.get_by_role("link", name="Open in Draw").count() == 0
        page.wait_for_load_state("networkidle")  # and nothing was refused
        page.keyboard.press("r")
        page.wait_for_selector("text=The queue is empty")
        assert db.review.get(review).decision == "reject"
    finally:
        server.should_exit = True
        thread.join(10)
        db.close()


def test_one_sent_by_hand_is_marked_at_once(service, visit):
    kept = keep(service, 91, "a plain badge")
    page = visit().open(service.url, f"#/draw/{kept}")
    page.wait_for_selector(".swatch")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Send to review").click()
    page.keyboard.type("the belt is crooked")
    page.keyboard.press("Enter")
    page.get_by_role("note", name="Being checked by a person: the belt is crooked").wait_for()
