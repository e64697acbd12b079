"""Pictures over HTTP: OpenAI's and the webui's shapes, streams, idempotency, masks, models, limits, health."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from service_parts import HOST, blob, sprite_of

from pixelmind.pixels import palettes
from pixelmind.pixels.png import encode_png, encode_rgba_png
from pixelmind.records import Palette

EDIT = "/v1/images/edits"


def events(text: str) -> list[tuple[str, Any]]:
    """(name, data) of server-sent events."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((lines["event"], lines["data"] if lines["data"] == "[DONE]" else json.loads(lines["data"])))
    return found


def test_generations(service):
    answer = service.generate(n=2, seed=7, palette="pico-8", size="16x12")
    assert answer.status_code == 200
    body = answer.json()
    assert len(body["data"]) == 2
    assert body["size"] == "16x12"
    assert [d["seed"] for d in body["data"]] == [7, 8]
    allowed = set(palettes.get("pico-8").hex())
    for data in body["data"]:
        sprite = sprite_of(data["b64_json"])
        assert (sprite.width, sprite.height) == (16, 12)
        row = service.db.sprites.get(service.db.users.ensure("local").id, data["sprite_id"])
        assert np.array_equal(row.sprite.rgba(), sprite.rgba())
        assert (row.prompt, row.seed, row.weights, row.source) == (
            "a red key",
            data["seed"],
            body["weights"],
            "generated",
        )
        assert set(row.palette) <= allowed
    again = service.generate(n=1, seed=8, palette="pico-8", size="16x12").json()
    assert again["data"][0]["b64_json"] == body["data"][1]["b64_json"]


def test_a_palette_of_ones_own(service):
    service.db.palettes.add(
        service.db.users.ensure("local"), Palette(name="mine", colors=palettes.get("gameboy").colors)
    )
    for palette in ("mine", list(palettes.get("gameboy").hex())):
        body = service.generate(palette=palette, seed=1).json()
        sprite = sprite_of(body["data"][0]["b64_json"])
        used = sprite.palette[np.unique(sprite.indices)]
        assert {tuple(c[:3]) for c in used if c[3]} <= {tuple(c) for c in palettes.get("gameboy").colors}


def test_references_and_layouts_are_sprites_of_ones_own(service):
    user = service.db.users.ensure("local").id
    part = blob()
    kept = service.db.sprites.add(user, part).id
    other = service.db.sprites.add(service.db.users.ensure("someone").id, part).id
    assert service.generate(references=[kept, kept]).status_code == 200
    assert service.generate(references=[other]).status_code == 404
    assert service.generate(layout=kept).json()["error"]["param"] == "layout"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"n": 1000}, 400, "n"),
        ({"n": 0}, 422, "n"),
        ({"n": "many"}, 422, "n"),
        ({"size": "-16x16"}, 400, "size"),
        ({"size": "1024x1024"}, 400, "size"),
        ({"size": "16"}, 400, "size"),
        ({"prompt": ""}, 422, "prompt"),
        ({"prompt": "   "}, 400, None),
        ({"prompt": "x" * 1001}, 422, "prompt"),
        ({"seed": -1}, 422, "seed"),
        ({"seed": 2**53}, 422, "seed"),
        ({"seed": 2**53 - 1, "n": 2}, 400, "seed"),
        ({"steps": 0}, 422, "steps"),
        ({"colors": 1}, 422, "colors"),
        ({"palette": "/etc/passwd"}, 400, None),
        ({"palette": "../../etc/passwd"}, 400, None),
        ({"palette": ["red", "#zzzzzz"]}, 400, None),
        ({"style": "no such style"}, 400, None),
        ({"response_format": "url"}, 422, "response_format"),
        ({"pallete": "pico-8"}, 422, "pallete"),
        ({"references": ["spr_nothing"]}, 404, None),
        ({"references": ["../../etc/passwd"]}, 404, None),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(service, body, status, param):
    answer = service.generate(**body)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["param"] == param
    assert "\n" not in error["message"]
    assert error["message"]
    assert service.db.sprites.list(service.db.users.ensure("local").id) == []


def test_script_and_sql_in_prompts_are_words(service):
    words = "<script>alert(1)</script>'; DROP TABLE sprites; --"
    answer = service.generate(prompt=words)
    assert answer.json()["data"][0]["revised_prompt"] == words
    assert answer.headers["content-type"] == "application/json"
    assert service.db.sprites.list(service.db.users.ensure("local").id)[0].prompt == words


def test_malformed_json_is_told(client):
    for body in ("{", "[1, 2", '{"prompt": "a"', "\x00", "[" * 100_000):
        answer = client.post("/v1/images/generations", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["error"]["type"] == "invalid_request_error"


def test_streams_tell_previews_and_pictures(service):
    answer = service.generate(stream=True, partial_images=3, size="72x72", seed=3, n=2)
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    names = [name for name, _ in found]
    assert names == ["image_generation.partial_image"] * 2 + ["image_generation.completed"] * 2 + ["done"]
    assert found[-1][1] == "[DONE]"
    assert [(e["partial_image_index"], e["level"], e["size"]) for _, e in found[:2]] == [
        (0, 16, "16x16"),
        (1, 64, "64x64"),
    ]
    plain = service.generate(size="72x72", seed=3, n=2).json()
    assert [e["b64_json"] for _, e in found[2:4]] == [d["b64_json"] for d in plain["data"]]
    assert all(e["type"] == name for name, e in found[:4])


def test_a_bad_request_is_no_stream(service):
    answer = service.generate(stream=True, style="no such style")
    assert answer.status_code == 400
    assert "unknown style" in answer.json()["error"]["message"]


def test_the_same_key_draws_once(service):
    def ask(**body: Any) -> Any:
        asked = {"prompt": "a red key", "size": "16x16", "steps": 2, **body}
        return service.client.post("/v1/images/generations", json=asked, headers={"Idempotency-Key": "one"})

    first, second = ask().json(), ask().json()
    assert first == second
    assert len(service.db.sprites.list(service.db.users.ensure("local").id)) == 1
    assert ask(prompt="something else").status_code == 409
    streamed = service.client.post(
        "/v1/images/generations",
        json={"prompt": "a red key", "size": "16x16", "steps": 2, "stream": True},
        headers={"Idempotency-Key": "two"},
    )
    again = service.client.post(
        "/v1/images/generations",
        json={"prompt": "a red key", "size": "16x16", "steps": 2, "stream": True},
        headers={"Idempotency-Key": "two"},
    )
    assert events(streamed.text) == events(again.text)


@pytest.mark.parametrize("polarity", ["transparent", "white"])
def test_edits_change_nothing_outside_the_mask(service, polarity):
    source = blob(24, 20)
    free = np.zeros((24, 20), bool)
    free[:8] = True
    if polarity == "white":
        mask = np.zeros((24, 20, 4), np.uint8) + np.array([0, 0, 0, 255], np.uint8)
        mask[free] = 255
    else:
        mask = np.full((24, 20, 4), 255, np.uint8)
        mask[free] = 0
    files = {"image": ("a.png", encode_png(source)), "mask": ("m.png", encode_rgba_png(mask))}
    form = {"prompt": "a blue hat", "steps": 2, "seed": 4, "mask_polarity": polarity}
    answer = service.client.post(EDIT, files=files, data=form)
    assert answer.status_code == 200, answer.text
    drawn = sprite_of(answer.json()["data"][0]["b64_json"])
    assert np.array_equal(drawn.rgba()[~free], source.rgba()[~free])
    assert not np.array_equal(drawn.rgba(), source.rgba())
    row = service.db.sprites.list(service.db.users.ensure("local").id)[0]
    assert (row.source, row.operation) == ("edited", "inpaint")


def test_edits_say_what_is_wrong(client):
    picture = encode_png(blob())

    def ask(files: Any, **form: Any) -> Any:
        return client.post(EDIT, files=files, data={"prompt": "a hat", "steps": 2, **form}).json()["error"]

    image = ("image", ("a.png", picture))
    assert ask([("mask", ("m.png", picture))])["param"] == "image"
    assert "one size" in ask([image, ("mask", ("m.png", encode_png(blob(8, 8))))])["message"]
    assert (
        ask([image, ("mask", ("m.png", encode_png(blob(color=(9, 9, 9)))))], mask_polarity="white")["param"] == "mask"
    )
    assert ask([image], mask_polarity="grey")["param"] == "mask_polarity"
    assert ask([image], size="32x32")["param"] == "size"
    assert ask([image], strength=0)["param"] == "strength"
    assert ask([image], n=1000)["param"] == "n"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data in (svg, b"<html><body>hello</body></html>", b"", b"\x89PNG\r\n\x1a\n", picture[:60]):
        assert "picture" in ask([("image", ("a.png", data, "image/png"))])["message"]


def test_further_pictures_show_the_style(client):
    files = [("image[]", ("a.png", encode_png(blob(color=c)))) for c in ((9, 9, 9), (80, 80, 200))]
    answer = client.post(EDIT, files=files, data={"prompt": "a hat", "steps": 2, "strength": 0.7})
    assert answer.status_code == 200, answer.text


def test_txt2img(service):
    body = {"prompt": "a red key", "width": 16, "height": 12, "steps": 2, "cfg_scale": 3, "seed": 5, "batch_size": 2}
    extra = {"sampler_name": "Euler a", "override_settings": {"sd_model_checkpoint": "other"}, "enable_hr": False}
    answer = service.client.post("/sdapi/v1/txt2img", json={**body, **extra})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    info = json.loads(found["info"])
    assert info["all_seeds"] == [5, 6]
    assert [sprite_of(b).indices.shape for b in found["images"]] == [(12, 16)] * 2
    theirs = service.generate(size="16x12", steps=2, guidance=3, seed=5).json()["data"][0]["b64_json"]
    assert base64.b64decode(found["images"][0]) == base64.b64decode(theirs)
    assert service.client.post("/sdapi/v1/txt2img", json={**body, "n_iter": 60}).status_code == 400
    assert service.client.post("/sdapi/v1/txt2img", json={**body, "width": -5}).status_code == 422
    title = service.client.get("/sdapi/v1/sd-models").json()[0]["title"]
    assert service.client.get("/sdapi/v1/options").json()["sd_model_checkpoint"] == title
    assert service.client.get("/sdapi/v1/samplers").json()[0]["name"]


def test_models_limits_and_health(service, tiny_pipe):
    client = service.client
    listed = client.get("/v1/models").json()["data"]
    assert {m["weights"] for m in listed} == {tiny_pipe.bundle.id}
    assert client.get(f"/v1/models/{listed[0]['id']}").json() == listed[0]
    assert client.get("/v1/models/none").status_code == 404
    limits = client.get("/v1/limits").json()
    assert (limits["min_size"], limits["max_size"], limits["images_per_day"]) == (8, 256, None)
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"ready": True, "networks": "loaded", "database": "answers"}
    service.generate()
    text = client.get("/metrics").text
    assert 'pixelmind_requests_total{method="POST",route="/v1/images/generations",status="200"} 1.0' in text
    assert "pixelmind_ready 1.0" in text


def test_the_reference_page_needs_nobody_else(client):
    page = client.get("/docs")
    assert "/v1/images/generations" in page.text
    assert "http" not in page.text.replace(HOST, "").replace("HTTP", "")
    assert "<script" not in page.text
    assert client.get("/docs/style.css").headers["content-type"].startswith("text/css")
    assert client.get("/docs/other.css").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_the_openapi_is_complete(client):
    api = client.get("/openapi.json").json()
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation.get("summary"), where
            assert operation.get("description"), where
            for status, answer in operation["responses"].items():
                if status >= "400" and path != "/readyz":
                    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
                elif status < "400" and status != "204":
                    assert answer.get("content"), f"{where} {status}"
                    assert all(c.get("schema") for k, c in answer["content"].items() if k == "application/json"), where
