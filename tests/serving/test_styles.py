"""Styles of the callers' own: made in the background, drawn in bit for bit, nobody else's, and gone when deleted."""

from __future__ import annotations

import base64
import io
import json
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from service_parts import blob, sprite_of

from pixelmind.adaptation import adapters
from pixelmind.adaptation.adapters import Adapter
from pixelmind.generator.bundle import Bundle
from pixelmind.pixels.png import encode_png
from pixelmind.serving import style_making
from pixelmind.serving.engine import Engine
from pixelmind.serving.style_making import MAX_WAITING
from pixelmind.training.lora import Lora, LoraConfig


def put(home: Path, weights: Path, name: str = "mine", seed: int = 3) -> Adapter:
    """Keep a random adapter of a bundle."""
    bundle, config = Bundle(weights), LoraConfig(rank=2, alpha=2.0)
    rng, levels = torch.Generator().manual_seed(seed), {}
    for level in (16, 64):
        params = Lora(bundle.get_level(level)[0]["denoiser"], config).init(rng)
        levels[level] = {n: p + torch.randn(p.shape, generator=rng) for n, p in params.items()}
    about = {"weights": bundle.id, "base": adapters.level_ids(bundle, levels), "pictures": 3}
    own = Adapter(name=name, config=config, levels=levels, references=(blob(),), about=about)
    adapters.save(own, home)
    return own


def upload(*pictures: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("images", (f"red_disc_{i}.png", data, "image/png")) for i, data in enumerate(pictures)]


def disc(i: int = 0, side: int = 24) -> bytes:
    return encode_png(blob(side, side, (200, 40 + i, 40)))


def wait_for(client: Any, name: str, *states: str) -> dict[str, Any]:
    until = time.monotonic() + 120
    while (told := client.get(f"/v1/styles/{name}").json())["status"] not in states:
        assert time.monotonic() < until, told
        time.sleep(0.1)
    found: dict[str, Any] = told
    return found


# ---- drawing ---------------------------------------------------------------------------------------------------------
def test_plain_own_plain_are_the_same_bits_one_by_one_and_at_once(service, tiny_weights):
    put(service.config.home, tiny_weights)
    put(service.config.home, tiny_weights, "other", seed=4)

    def drawn(style: str | None) -> bytes:
        answer = service.generate(seed=7, size="24x24", **({} if style is None else {"style": style}))
        assert answer.status_code == 200, answer.text
        return sprite_of(answer.json()["data"][0]["b64_json"]).rgba().tobytes()

    plain, mine, again, other = drawn(None), drawn("mine"), drawn(None), drawn("other")
    assert plain == again
    assert len({plain, mine, other}) == 3
    asked = [None, "mine", "other", None, "mine", None, "other", "mine", None, None]
    with ThreadPoolExecutor(len(asked)) as pool:
        found = list(pool.map(drawn, asked))
    assert found == [{None: plain, "mine": mine, "other": other}[style] for style in asked]


def test_every_way_to_a_picture_takes_the_name(service, tiny_weights):
    home, client = service.config.home, service.client
    put(home, tiny_weights)
    body = {"prompt": "a key", "width": 16, "height": 16, "steps": 2, "seed": 3}
    plain, own = (client.post("/sdapi/v1/txt2img", json=body | more).json() for more in ({}, {"styles": ["mine"]}))
    assert plain["images"] != own["images"]
    assert client.post("/sdapi/v1/txt2img", json=body | {"styles": ["yours"]}).status_code == 400
    form = {"prompt": "a key", "seed": "3", "steps": "2"}
    changed = [
        client.post("/v1/images/edits", data=form | more, files={"image": ("a.png", disc(), "image/png")}).json()
        for more in ({}, {"style": "mine"})
    ]
    assert changed[0]["data"][0]["b64_json"] != changed[1]["data"][0]["b64_json"]
    before = json.loads(plain["info"])["sprite_ids"][0]
    edits = []
    for words, more in (("add a hat", {}), ("add a hat", {"style": "mine"}), ("add a hat in mine style", {})):
        answer = client.post(
            f"/v1/sprites/{before}/edits", json={"instruction": words, "seed": 2, "region": "whole", **more}
        )
        assert answer.status_code == 200, answer.text
        edits.append(client.get(answer.json()["sprite"]["url"]).content)
    assert Image.open(io.BytesIO(edits[1])).tobytes() == Image.open(io.BytesIO(edits[2])).tobytes()
    assert Image.open(io.BytesIO(edits[0])).tobytes() != Image.open(io.BytesIO(edits[1])).tobytes()


def test_styles_of_other_weights_and_damaged_ones_are_told_in_one_line(service, tiny_weights):
    own = put(service.config.home, tiny_weights)
    own.name, own.about["weights"], own.about["base"] = "old", "abcdef012345", {"16": "0" * 12, "64": "0" * 12}
    adapters.save(own, service.config.home)
    (put(service.config.home, tiny_weights, "torn") and service.config.home / "adapters/torn/manifest.json").write_text(
        "{"
    )
    told = {s["name"]: s for s in service.client.get("/v1/styles").json()["own"]}
    assert [told[n]["status"] for n in ("mine", "old", "torn")] == ["ready", "unusable", "unusable"]
    assert "made for the weights abcdef012345, these are" in told["old"]["error"]
    assert "damaged" in told["torn"]["error"]
    for name in ("old", "torn", "../mine", "nobodys"):
        answer = service.generate(style=name)
        assert (answer.status_code, "\n" in answer.json()["error"]["message"]) == (400, False), name
        assert str(service.config.home) not in answer.json()["error"]["message"]
    assert "belongs to the weights abcdef012345" in service.generate(style="old").json()["error"]["message"]
    assert service.client.delete("/v1/styles/torn").status_code == 204


# ---- making ----------------------------------------------------------------------------------------------------------
def test_a_style_is_made_while_others_draw_and_deleted(service):
    client = service.client
    answer = client.post("/v1/styles", data={"name": "mine"}, files=upload(*(disc(i) for i in range(5))))
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] in ("waiting", "making")
    assert answer.json()["own"] is True
    assert service.generate().status_code == 200
    assert service.generate(style="mine").status_code == 400
    taken = client.post("/v1/styles", data={"name": "mine"}, files=upload(disc()))
    assert taken.status_code == 409
    second = client.post("/v1/styles", data={"name": "second"}, files=upload(disc()))
    assert (second.status_code, second.json()["error"]["code"]) == (429, "queue_full")
    assert int(second.headers["Retry-After"]) > 0
    told = wait_for(client, "mine", "ready", "failed")
    assert (told["status"], told["pictures"], told["progress"], told["error"]) == ("ready", 5, 1.0, None), told
    assert 0 < told["bytes"] <= adapters.MAX_BYTES
    assert (service.config.home / "adapters/mine/adapter.safetensors").is_file()
    assert service.generate(style="mine").status_code == 200
    assert [s["name"] for s in client.get("/v1/styles").json()["own"]] == ["mine"]
    assert client.post("/v1/styles", data={"name": "mine"}, files=upload(disc())).status_code == 409
    actions = [line.action for line in service.db.audit.list(service.db.users.ensure("local"))]
    assert client.delete("/v1/styles/mine").status_code == 204
    assert client.delete("/v1/styles/mine").status_code == 404
    assert client.get("/v1/styles/mine").status_code == 404
    assert service.generate(style="mine").status_code == 400
    assert actions == ["style.make"]


def test_one_that_is_given_up_leaves_nothing_and_one_that_fails_says_why(service):
    client, maker = service.client, service.app.state.pixelmind.styles
    assert client.post("/v1/styles", data={"name": "mine"}, files=upload(disc())).status_code == 202
    assert client.delete("/v1/styles/mine").status_code == 204
    assert client.get("/v1/styles").json()["own"] == []
    assert adapters.names(service.config.home) == []
    maker.seconds = -1.0  # refused by the process that makes it
    assert client.post("/v1/styles", data={"name": "mine"}, files=upload(disc())).status_code == 202
    told = wait_for(client, "mine", "failed", "ready")
    assert (told["status"], "above 0" in told["error"]) == ("failed", True)
    assert client.delete("/v1/styles/mine").status_code == 204
    assert client.get("/v1/styles").json()["own"] == []


def test_a_style_that_was_acknowledged_is_made_whatever_dies(make_service: Callable[..., Any]):
    first = make_service()
    assert first.client.post("/v1/styles", data={"name": "mine"}, files=upload(disc(), disc(1))).status_code == 202
    maker, waiting = first.app.state.pixelmind.styles, first.config.home / "styles-waiting"
    wait_for(first.client, "mine", "making")
    until = time.monotonic() + 60
    while not (process := maker._all[0].process):
        assert time.monotonic() < until
    maker.close()  # the service ends while the style is made
    assert process.poll() is not None
    (folder,) = waiting.iterdir()
    assert {p.name for p in folder.glob("*/*")} == {"red_disc_0.png", "red_disc_1.png"}
    torn = waiting / "torn"
    torn.mkdir()
    second = make_service()
    making = second.app.state.pixelmind.styles._all[0]
    third = make_service()  # a service beside it leaves alone what the other has in hand
    assert third.app.state.pixelmind.styles._all == []
    while making.process is None:
        time.sleep(0.01)
    making.process.kill()  # the worker dies, and is started once more
    told = wait_for(second.client, "mine", "ready", "failed")
    assert (told["status"], told["pictures"], told["error"]) == ("ready", 2, None)
    while list(waiting.iterdir()) != [torn]:  # young: it may be a request that is just read
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_worker_that_dies_twice_is_told(service):
    maker = service.app.state.pixelmind.styles
    assert service.client.post("/v1/styles", data={"name": "mine"}, files=upload(disc())).status_code == 202
    killed = []
    until = time.monotonic() + 60
    while maker._all[0].open and time.monotonic() < until:
        process = maker._all[0].process
        if process is not None and process not in killed:
            process.kill()
            killed.append(process)
        time.sleep(0.01)
    told = wait_for(service.client, "mine", "failed")
    assert (len(killed), "died twice" in told["error"]) == (2, True)
    assert service.client.delete("/v1/styles/mine").status_code == 204


def test_a_worker_that_is_dead_before_it_is_asked_is_told(service, monkeypatch):
    """What it was to read is still in the pipe's buffer then, and flushed once more when that is closed."""
    real, died = style_making.subprocess.Popen, []

    def dead(*args, **kwargs):
        process = real([sys.executable, "-c", ""], **kwargs)
        process.wait()
        died.append(process)
        return process

    monkeypatch.setattr(style_making.subprocess, "Popen", dead)
    assert service.client.post("/v1/styles", data={"name": "mine"}, files=upload(disc())).status_code == 202
    told = wait_for(service.client, "mine", "failed")
    assert (len(died), "died twice" in told["error"]) == (2, True)
    assert all(p.stdin.closed and p.stdout.closed for p in died)
    assert service.client.delete("/v1/styles/mine").status_code == 204


def animation() -> bytes:
    frames = [Image.fromarray(blob(16, 16, (200, 10, c)).rgba()) for c in (10, 200)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "pictures", "says"),
    [
        ("mine", [], "0 pictures; a style is made from 1 to 16"),
        ("mine", [disc(i) for i in range(17)], "17 pictures"),
        ("mine", [np.full((16, 16, 4), 255, np.uint8).tobytes()], "no picture that can be read"),
        ("mine", ["flat"], "red_disc_0.png is one flat colour"),
        ("mine", ["animation"], "animat"),
        ("mine", [disc(0, 300)], "300x300"),
        ("flat", [disc()], "has a meaning of its own"),
        ("vivid", [disc()], "has a meaning of its own"),
        ("../mine", [disc()], "cannot name a style"),
        ("a/b", [disc()], "cannot name a style"),
        (".mine", [disc()], "cannot name a style"),
        ("Mine", [disc()], "cannot name a style"),
        ("x" * 41, [disc()], "cannot name a style"),
    ],
)
def test_bad_input_is_refused_at_once_in_one_line(service, name, pictures, says):
    flat = io.BytesIO()
    Image.fromarray(np.full((16, 16, 4), 255, np.uint8)).save(flat, "PNG")
    special = {"flat": flat.getvalue(), "animation": animation()}
    files = upload(*(special.get(p, p) if isinstance(p, str) else p for p in pictures))
    answer = service.client.post("/v1/styles", data={"name": name}, files=files)
    assert answer.status_code == 400, answer.text
    message = answer.json()["error"]["message"]
    assert says in message
    assert "\n" not in message
    assert "/tmp" not in message
    assert service.client.get("/v1/styles").json()["own"] == []
    assert not (service.config.home / "adapters").exists()


# ---- whose -----------------------------------------------------------------------------------------------------------
class Person:
    def __init__(self, service: Any, name: str) -> None:
        self.service, self.user = service, service.db.users.ensure(name)
        self.headers = {"Authorization": f"Bearer {service.db.keys.create(self.user, ['generate'])[1]}"}
        self.home = service.config.home / "users" / self.user.id

    def call(self, method: str, path: str, **options: Any) -> Any:
        return self.service.client.request(method, path, headers=self.headers, **options)

    def draw(self, style: str) -> Any:
        body = {"prompt": "a red key", "size": "16x16", "steps": 2, "seed": 5, "style": style}
        return self.call("POST", "/v1/images/generations", json=body)


def test_styles_belong_to_one_person(make_service: Callable[..., Any], tiny_weights, tmp_path):
    service = make_service(keys=True)
    ann, ben = Person(service, "ann"), Person(service, "ben")
    put(ann.home, tiny_weights)
    put(tmp_path, tiny_weights, "of-the-machine")
    assert [s["name"] for s in ann.call("GET", "/v1/styles").json()["own"]] == ["mine"]
    assert ben.call("GET", "/v1/styles").json()["own"] == []
    for method in ("GET", "DELETE"):
        for name in ("mine", "of-the-machine", f"..%2F..%2F{ann.user.id}%2Fadapters%2Fmine"):
            assert ben.call(method, f"/v1/styles/{name}").status_code in (404, 405)
    assert adapters.names(ann.home) == ["mine"]
    assert ben.draw("mine").status_code == 400
    first = ann.draw("mine").json()["data"][0]["b64_json"]
    put(ben.home, tiny_weights, seed=9)
    with ThreadPoolExecutor(4) as pool:
        a, b, a2, b2 = (
            r.json()["data"][0]["b64_json"] for r in pool.map(lambda p: p.draw("mine"), (ann, ben, ann, ben))
        )
    cells = [sprite_of(x).rgba().tobytes() for x in (first, a, a2, b, b2)]
    assert cells[0] == cells[1] == cells[2] != cells[3] == cells[4]
    assert service.client.get("/v1/styles").status_code == 401


def test_an_export_holds_them_and_a_deletion_removes_them(make_service: Callable[..., Any], tiny_weights):
    service = make_service(keys=True)
    ann, ben = Person(service, "ann"), Person(service, "ben")
    put(ann.home, tiny_weights)
    put(ben.home, tiny_weights, "bens")
    archive = zipfile.ZipFile(io.BytesIO(ann.call("GET", "/v1/account/export").content))
    names = [n for n in archive.namelist() if n.startswith("styles/")]
    assert names == ["styles/mine/adapter.safetensors", "styles/mine/manifest.json"]
    assert archive.read(names[0]) == (ann.home / "adapters/mine/adapter.safetensors").read_bytes()
    assert ann.call("DELETE", "/v1/account", json={"confirm": "delete"}).status_code == 204
    assert not ann.home.exists()
    assert (ben.home / "adapters/bens").is_dir()


def test_the_queue_has_an_end(make_service: Callable[..., Any]):
    service = make_service(keys=True)
    people = [Person(service, f"person{i}") for i in range(MAX_WAITING + 1)]
    told = [p.call("POST", "/v1/styles", data={"name": "mine"}, files=upload(disc())).status_code for p in people]
    assert told == [202] * MAX_WAITING + [429]
    assert sum(p.call("GET", "/v1/styles/mine").json()["status"] == "making" for p in people[:-1]) <= 1
    for person in reversed(people[:-1]):
        assert person.call("DELETE", "/v1/styles/mine").status_code == 204
    assert not any((p.home / "adapters").exists() and adapters.names(p.home) for p in people)


def test_a_dialogue_draws_in_a_style_told_with_a_message(make_service: Callable[..., Any], tmp_path):
    from pixelmind.generator.pipeline import load

    engine = Engine(load(threads=1, best_of=1))
    service = make_service(engine=engine)
    try:
        put(tmp_path, engine.pipe.bundle.folder, "mine")
        session = service.client.post("/v1/sessions", json={"candidates": 1, "seed": 3}).json()["id"]

        def say(text: str, **more: Any) -> dict[str, Any]:
            answer = service.client.post(f"/v1/sessions/{session}/messages", json={"text": text, **more})
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found

        def style_of(reply: dict[str, Any]) -> Any:
            assert reply["kind"] == "sprites", reply
            kept = service.db.sprites.get(service.db.users.ensure("local"), reply["sprites"][0]["id"])
            return kept.sprite.provenance.get("style")

        assert style_of(say("a red gem, 16x16")) is None
        assert style_of(say("a blue gem, 16x16", style="mine")) == "mine"
        assert style_of(say("a green gem, 16x16")) == "mine"
        assert style_of(say("a red gem, 16x16", style="")) is None
        assert style_of(say("a red gem, 16x16, in my style mine")) == "mine"
        assert service.client.delete("/v1/styles/mine").status_code == 204
        assert "no style 'mine'" in say("a blue gem, 16x16")["text"]
        assert style_of(say("a blue gem, 16x16")) is None
        assert base64.b64decode(service.generate(seed=1).json()["data"][0]["b64_json"]).startswith(b"\x89PNG")
    finally:
        engine.close()
