"""A style of one's own in the studio: made from dropped sprites, drawn with, and deleted after a question."""

from __future__ import annotations

import io

import numpy as np
from in_browser import drawn, sprite
from PIL import Image


def picture(seed: int) -> dict[str, object]:
    png = io.BytesIO()
    Image.fromarray(sprite(seed, 16).rgba()).save(png, "PNG")
    return {"name": f"red_ball_{seed}.png", "mimeType": "image/png", "buffer": png.getvalue()}


def test_make_a_style_draw_with_it_and_delete_it(service, visit):
    flat = io.BytesIO()
    Image.fromarray(np.full((16, 16, 4), 255, np.uint8)).save(flat, "PNG")
    one = visit()
    one.expected = {400}
    page = one.open(service.url)
    page.get_by_role("tab", name="Generate").first.click()
    page.get_by_role("button", name="Make a style from sprites").click()
    dialog = page.get_by_role("dialog", name="Make a style from sprites")
    make = dialog.get_by_role("button", name="Make the style")
    dialog.get_by_label("Name").fill("No Name")
    assert make.is_disabled()
    dialog.get_by_label("Name").fill("mine")
    choose = dialog.locator("[data-import=style]")
    choose.set_input_files({"name": "flat.png", "mimeType": "image/png", "buffer": flat.getvalue()})
    make.click()
    dialog.get_by_role("alert").get_by_text("flat.png is one flat colour").wait_for()
    dialog.get_by_role("button", name="Remove flat.png").click()
    choose.set_input_files([picture(i) for i in range(3)])
    dialog.locator(".reference >> nth=2").wait_for()
    assert dialog.locator(".reference").count() == 3
    make.click()
    dialog.locator(".own-styles progress").wait_for()
    page.keyboard.press("Escape")
    page.locator(".toast", has_text="Your style mine is ready").wait_for(timeout=180_000)
    assert service.client.get("/v1/styles").json()["own"][0]["status"] == "ready"

    page.get_by_role("combobox", name="Style").select_option("mine")
    page.fill("#prompt", "a red ball")
    page.get_by_role("button", name="16", exact=True).click()
    page.get_by_role("group", name="Candidates").get_by_role("button", name="1").click()
    page.get_by_role("button", name="Draw it").click()
    page.wait_for_selector("canvas.canvas >> visible=true")
    drawn(page)
    newest = service.client.get("/v1/sprites?limit=1").json()["data"][0]
    kept = service.db.sprites.get(service.db.users.ensure("local"), newest["id"]).sprite
    assert (newest["prompt"], kept.provenance["style"]) == ("a red ball", "mine")

    page.get_by_role("button", name="Make a style from sprites").click()
    dialog.get_by_role("button", name="Delete the style mine").click()
    dialog.get_by_role("button", name="Keep").click()
    assert service.client.get("/v1/styles/mine").status_code == 200
    dialog.get_by_role("button", name="Delete the style mine").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    dialog.locator(".own-styles").wait_for(state="detached")
    assert service.client.get("/v1/styles/mine").status_code == 404
    page.keyboard.press("Escape")
    assert page.get_by_role("combobox", name="Style").input_value() == ""
