"""The studio's main paths, in a real browser on a real service."""

from __future__ import annotations

import io
import json
import re
import zipfile

from in_browser import STUDIO, drawn, keep, serve, sprite
from PIL import Image


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


HOLD_HISTORY = """() => {
  const real = window.fetch;
  window.fetch = async (url, options = {}) => {
    if (!window.held && /\\/v1\\/sessions\\/[^/?]+$/.test(String(url)) && (options.method || "GET") === "GET") {
      window.held = "waiting";
      await new Promise((done) => setTimeout(done, 4000));
      window.held = "answered";
    }
    return real(url, options);
  };
}"""


def test_a_turn_said_at_once_is_not_overtaken_by_the_picture_of_the_last(service, visit):
    page = visit().open(service.url)
    page.locator("#say").fill("a castle, 16x16")
    page.keyboard.press("Enter")
    page.wait_for_selector(".candidate")
    page.evaluate(HOLD_HISTORY)  # the history after the next turn is slow
    page.locator(".candidate").nth(1).click()
    page.wait_for_selector("text=Number 2 it is")
    first = page.url
    page.keyboard.press("Escape")
    page.locator("#command").fill("make it darker")
    page.keyboard.press("Enter")
    page.wait_for_selector(".facts >> text=/[1-9]\\d* cells changed/")
    page.wait_for_function("window.held === 'answered'")
    page.wait_for_timeout(1500)
    assert page.url != first
    assert page.locator(".facts >> text=/[1-9]\\d* cells changed/").is_visible()


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
    page.locator("#say").fill("a wide landscape, 192x192")
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


def test_the_best_tone_is_taken(service, visit):
    page = visit().open(service.url, "#/draw")
    made = keep(service, 5, "a striped badge")
    page.goto(f"{service.url}/#/draw/{made}")
    page.wait_for_selector(".stage-canvas")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Which tone is best?").click()
    page.wait_for_selector(".tones .candidate >> nth=2")
    names = page.locator(".tones .candidate .small").all_inner_texts()
    assert names[0] == "as it is"
    page.locator(".tones .candidate").nth(1).click()
    page.wait_for_selector(".tones", state="detached")
    page.wait_for_function(f"!location.hash.endsWith('{made}')")
    (row,) = [r for r in service.db.feedback.list(service.db.users.ensure("local"), sprite=made) if r.event == "tone"]
    assert row.details["tone"] == names[1]
