"""Sprites over HTTP: uploads, pictures, cells, lineage, downloads, edits, colours; and what must not get through."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pixelmind.pixels import metadata, png
from pixelmind.records import Sprite
from pixelmind.serving.downloads import disposition, stem_of
from pixelmind.serving.editing import recolor

FORMATS = [
    "png",
    "gif",
    "apng",
    "sheet",
    "sheet-array",
    "aseprite",
    "tiled",
    "godot",
    "texturepacker",
    "gpl",
    "hex",
    "pal",
    "palette-png",
]


def flag(height: int = 12, width: int = 16) -> Sprite:
    """A red and a blue half on a clear ground, with their names."""
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[2:-2, 2 : width // 2] = (200, 30, 30, 255)
    rgba[2:-2, width // 2 : -2] = (30, 30, 200, 255)
    mask = np.zeros((height, width), np.uint8)
    mask[2:-2, 2 : width // 2], mask[2:-2, width // 2 : -2] = 1, 2
    return Sprite.from_rgba(rgba, mask=mask, mask_names=("background", "cloth", "cape"))


def file_of(sprite: Sprite) -> bytes:
    return png.encode_png(sprite, 1, metadata.text_of(sprite))


def upload(client: Any, data: bytes, name: str = "a.png", headers: dict[str, str] | None = None, **form: str) -> Any:
    return client.post("/v1/sprites", files={"file": (name, data, "image/png")}, data=form, headers=headers)


@pytest.fixture
def sprite(client: Any) -> dict[str, Any]:
    answer = upload(client, file_of(flag()), prompt="a flag")
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def cells_of(client: Any, identity: str) -> np.ndarray:
    told = client.get(f"/v1/sprites/{identity}/cells").json()
    indices = np.frombuffer(base64.b64decode(told["indices"]), np.uint8).reshape(told["height"], told["width"])
    return np.array(told["palette"], np.uint8)[indices]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_what_is_uploaded_comes_back_cell_by_cell(client: Any, sprite: dict[str, Any]) -> None:
    assert sprite["source"] == "uploaded"
    assert (sprite["width"], sprite["height"], sprite["colors"], sprite["prompt"]) == (16, 12, 2, "a flag")
    assert (sprite["regions"], sprite["transparent"]) == (["cloth", "cape"], True)
    assert sprite["palette"] == ["#1e1ec8", "#c81e1e"]
    identity = sprite["id"]
    assert client.get(f"/v1/sprites/{identity}").json() == sprite
    assert np.array_equal(cells_of(client, identity), flag().rgba())
    picture = client.get(f"/v1/sprites/{identity}/image.png?scale=3")
    assert picture.headers["content-type"] == "image/png"
    assert np.array_equal(png.decode_png(picture.content), flag().rgba().repeat(3, 0).repeat(3, 1))
    told = client.get(f"/v1/sprites/{identity}/cells").json()
    assert told["mask_names"] == ["background", "cloth", "cape"]
    assert base64.b64decode(told["mask"]) == np.ascontiguousarray(flag().mask).tobytes()


def test_lists_page_newest_first_and_deletes_are_final(client: Any) -> None:
    ids = [upload(client, file_of(flag(12, 12 + 2 * i))).json()["id"] for i in range(3)]
    first = client.get("/v1/sprites?limit=2").json()
    assert [s["id"] for s in first["data"]] == ids[:0:-1]
    assert [s["id"] for s in client.get(f"/v1/sprites?before={first['next']}").json()["data"]] == ids[:1]
    assert client.delete(f"/v1/sprites/{ids[0]}").status_code == 204
    for path in ("", "/image.png", "/cells", "/lineage", "/download"):
        assert client.get(f"/v1/sprites/{ids[0]}{path}").status_code == 404
    assert client.delete(f"/v1/sprites/{ids[0]}").status_code == 404


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_downloads_under_a_harmless_name(service: Any, format: str) -> None:
    client = service.client
    evil = '../../etc/passwd"; x\r\nSet-Cookie: a=b <svg onload=alert(1)> ünïcode'
    identity = upload(client, file_of(flag()), prompt=evil).json()["id"]
    answer = client.get(f"/v1/sprites/{identity}/download?format={format}")
    assert answer.status_code == 200, answer.text
    told = answer.headers["content-disposition"]
    assert told.startswith("attachment; filename=")
    assert not any(c in told.split('"')[1] for c in '/\\"\r\n<>')
    assert "set-cookie" not in answer.headers
    if answer.headers["content-type"] == "application/zip":
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        assert names
        assert not any("/" in n or "\\" in n or n.startswith(".") for n in names)
    else:
        assert answer.content
    events = service.db.feedback.list(service.db.users.ensure("local"), "event")
    assert [(e.event, e.details) for e in events] == [("export", {"format": format, "scale": 1})]


def test_names_of_files(service: Any) -> None:
    user = service.db.users.ensure("local")
    row = service.db.sprites.add(user, flag(), prompt="a red flag on a tall, tall hill by the sea")
    assert stem_of(row) == "a-red-flag-on-a-tall"
    assert stem_of(service.db.sprites.add(user, flag(), prompt="!!!")).startswith("spr_")
    assert disposition("a b.png") == 'attachment; filename="a b.png"'
    assert disposition("дом.png") == "attachment; filename=\"___.png\"; filename*=UTF-8''%D0%B4%D0%BE%D0%BC.png"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no picture"),
        (b"<!doctype html><script>alert(1)</script>", "no picture"),
        (b"", "no picture"),
        (b"%PDF-1.7 %%EOF", "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture"),
        (file_of(flag())[:-30], "damaged"),
    ],
)
def test_what_is_no_picture_is_refused(client: Any, data: bytes, says: str) -> None:
    answer = upload(client, data, "innocent.png")
    assert answer.status_code == 400
    assert says in answer.json()["error"]["message"]


def test_bombs_and_giants_are_refused_before_they_are_unpacked(service: Any) -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    bomb = png.SIGNATURE + head + chunk(b"IDAT", zlib.compress(bytes(1_000_000), 9)) + chunk(b"IEND", b"")
    large = io.BytesIO()
    Image.new("RGBA", (300, 20), (9, 9, 9, 255)).save(large, "PNG")
    soft = io.BytesIO()
    Image.new("RGBA", (20, 20), (9, 9, 9, 100)).save(soft, "PNG")
    moving = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), (90 * i, 9, 9)) for i in (1, 2)]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    wanted = [
        (bomb, "px"),
        (large.getvalue(), "snap"),
        (soft.getvalue(), "half-clear"),
        (moving.getvalue(), "animated"),
    ]
    for data, says in wanted:
        answer = upload(service.client, data)
        assert answer.status_code == 400, says
        assert says in answer.json()["error"]["message"]
    assert upload(service.client, bytes(50_000_000)).status_code == 413
    assert service.client.get("/v1/sprites").json()["data"] == []


def test_what_a_file_says_of_itself_is_not_trusted(client: Any) -> None:
    told = {"prompt": "x" * 5000, "edits": 5, "seed": "no", "max_colors": True, "palette": ["a"], "size": 9}
    sprite = Sprite(indices=flag().indices, palette=flag().palette, provenance=told)
    kept = upload(client, file_of(sprite)).json()
    assert len(kept["prompt"]) == 1000
    assert kept["seed"] is None
    swaps = {"swaps": [{"from": "#c81e1e", "to": "#00ff00"}]}
    assert client.post(f"/v1/sprites/{kept['id']}/recolor", json=swaps).status_code == 200


def test_an_edit_changes_what_it_says_and_keeps_the_lineage(service: Any, sprite: dict[str, Any]) -> None:
    client, identity = service.client, sprite["id"]
    answer = client.post(f"/v1/sprites/{identity}/edits", json={"instruction": "make the cloth darker"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["operation"], told["region"], told["changed_outside"]) == ("darken", "cloth", 0)
    changed = np.frombuffer(base64.b64decode(told["changed"]), np.uint8).reshape(12, 16)
    before, after = cells_of(client, identity), cells_of(client, told["sprite"]["id"])
    assert np.array_equal(changed.astype(bool), (before != after).any(-1))
    assert (told["changed_cells"], set(np.unique(flag().mask[changed > 0]))) == (int(changed.sum()), {1})
    assert told["sprite"]["parent"] == identity
    assert told["sprite"]["instruction"] == "make the cloth darker"
    again = client.post(f"/v1/sprites/{told['sprite']['id']}/edits", json={"instruction": "mirror it"}).json()
    lineage = client.get(f"/v1/sprites/{again['sprite']['id']}/lineage").json()
    assert [n["parent"] for n in lineage["nodes"]] == [None, identity, told["sprite"]["id"]]
    assert [n["operation"] for n in lineage["nodes"]] == ["upload", "darken", "mirror"]
    assert lineage["current"] == again["sprite"]["id"]
    events = service.db.feedback.list(service.db.users.ensure("local"), "event")
    assert [(e.event, e.sprite) for e in events] == [("edit", identity), ("edit", told["sprite"]["id"])]


def test_an_edit_keeps_to_the_place_pointed_at(client: Any, sprite: dict[str, Any]) -> None:
    path, darker = f"/v1/sprites/{sprite['id']}/edits", "make it darker"
    mask = np.zeros((12, 16, 4), np.uint8)
    mask[..., 3] = 255
    mask[4, 4] = 255
    encoded = base64.b64encode(png.encode_rgba_png(mask)).decode()
    for told, cells in (
        ({"points": [[3, 3]]}, flag().mask == 1),
        ({"points": [[3, 3], [12, 5]]}, flag().mask > 0),
        ({"region": "cape"}, flag().mask == 2),
        ({"mask": encoded}, mask[..., 0] > 0),
    ):
        answer = client.post(path, json={"instruction": darker, **told})
        assert answer.status_code == 200, answer.text
        changed = np.frombuffer(base64.b64decode(answer.json()["changed"]), np.uint8).reshape(12, 16)
        assert np.array_equal(changed > 0, cells), told
    small = base64.b64encode(png.encode_rgba_png(mask[:8])).decode()
    dark = base64.b64encode(png.encode_rgba_png(np.zeros_like(mask))).decode()
    svg = base64.b64encode(b"<svg/>").decode()
    for told, says in (
        ({"mask": small}, "one size"),
        ({"mask": dark}, "marks nothing"),
        ({"mask": svg}, "no picture"),
        ({"mask": "%%%"}, "base64"),
        ({"points": [[200, 3]]}, "outside"),
        ({"region": "dragon"}, "no dragon"),
    ):
        answer = client.post(path, json={"instruction": darker, **told})
        assert (answer.status_code, says in answer.json()["error"]["message"]) == (400, True), answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instruction": ""},
        {"instruction": "x" * 1001},
        {"instruction": "darker", "seed": -1},
        {"instruction": "darker", "points": [[1]]},
        {"instruction": "darker", "points": [[-1, 2]]},
        {"instruction": "darker", "points": [[0, 0]] * 257},
        {"instruction": "darker", "surprise": 1},
    ],
)
def test_a_wrong_body_is_told_in_one_line(client: Any, sprite: dict[str, Any], body: dict[str, Any]) -> None:
    answer = client.post(f"/v1/sprites/{sprite['id']}/edits", json=body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert len(error["message"].splitlines()) == 1


def test_words_that_are_no_edit_are_refused_and_nothing_is_kept(client: Any, sprite: dict[str, Any]) -> None:
    for text in ("'; DROP TABLE sprites; --", "<script>alert(1)</script>", "🐉", "make the dragon darker"):
        answer = client.post(f"/v1/sprites/{sprite['id']}/edits", json={"instruction": text})
        assert answer.status_code == 400, text
    assert len(client.get("/v1/sprites").json()["data"]) == 1
    broken = client.post(
        f"/v1/sprites/{sprite['id']}/edits", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "bad_json")


def test_text_of_strangers_is_kept_as_text(client: Any) -> None:
    evil = "Robert'); DROP TABLE sprites;-- <script>alert(1)</script>"
    kept = upload(client, file_of(flag()), prompt=evil).json()
    assert client.get(f"/v1/sprites/{kept['id']}").json()["prompt"] == evil


def test_colours_change_places_at_once(service: Any, sprite: dict[str, Any]) -> None:
    client, path = service.client, f"/v1/sprites/{sprite['id']}/recolor"
    swap = {"swaps": [{"from": "#C81E1E", "to": "#1e1ec8"}, {"from": "#1e1ec8", "to": "#c81e1e"}]}
    told = client.post(path, json=swap).json()
    after, before = cells_of(client, told["sprite"]["id"]), flag().rgba()
    assert np.array_equal(after[flag().mask == 1], before[flag().mask == 2][: (flag().mask == 1).sum()])
    assert (told["changed_cells"], told["changed_outside"]) == (int((flag().mask > 0).sum()), 0)
    merged = client.post(path, json={"swaps": [{"from": "#1e1ec8", "to": "#c81e1e"}]}).json()
    assert merged["sprite"]["palette"] == ["#c81e1e"]
    for body, says in (
        ({"swaps": [{"from": "#123456", "to": "#000000"}]}, "not in this sprite"),
        ({"swaps": [{"from": "#c81e1e", "to": "red"}]}, "#rrggbb"),
        ({"swaps": [{"from": "#c81e1e", "to": "#000000"}], "locked": ["#c81e1e"]}, "locked"),
        ({"swaps": [{"from": "#c81e1e", "to": "#000000"}] * 2}, "twice"),
    ):
        answer = client.post(path, json=body)
        assert (answer.status_code, says in answer.json()["error"]["message"]) == (400, True), answer.text
    assert client.post(path, json={"swaps": []}).status_code == 422


def test_recolouring_leaves_a_fixed_palette_and_keeps_every_other_cell() -> None:
    sprite = Sprite(indices=flag().indices, palette=flag().palette, provenance={"palette": "gameboy", "prompt": "x"})
    done = recolor(sprite, [("#c81e1e", "#123456")])
    assert (done.sprite.provenance["palette"], done.sprite.provenance["prompt"]) == (None, "x")
    same = done.changed == 0
    assert np.array_equal(done.sprite.rgba()[same], sprite.rgba()[same])
    assert done.sprite.palette.shape == sprite.palette.shape


def test_a_request_sent_twice_acts_once(client: Any, sprite: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": "one"}
    first, second = (upload(client, file_of(flag(14, 14)), headers=headers) for _ in range(2))
    assert first.json() == second.json()
    other = upload(client, file_of(flag(14, 20)), headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")
    edit = {"json": {"instruction": "mirror it"}, "headers": {"Idempotency-Key": "two"}}
    answers = [client.post(f"/v1/sprites/{sprite['id']}/edits", **edit).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(client.get("/v1/sprites").json()["data"]) == 3


def test_another_persons_sprites_are_not_there(make_service: Callable[..., Any]) -> None:
    service = make_service(keys=True)
    ann, ben = ({"Authorization": f"Bearer {_key(service, name)}"} for name in ("ann", "ben"))
    identity = upload(service.client, file_of(flag()), headers=ann).json()["id"]
    tries = [
        ("GET", "", None),
        ("DELETE", "", None),
        ("GET", "/image.png", None),
        ("GET", "/cells", None),
        ("GET", "/lineage", None),
        ("GET", "/download", None),
        ("POST", "/edits", {"instruction": "darker"}),
        ("POST", "/recolor", {"swaps": [{"from": "#c81e1e", "to": "#000000"}]}),
    ]
    for method, path, body in tries:
        answer = service.client.request(method, f"/v1/sprites/{identity}{path}", json=body, headers=ben)
        assert answer.status_code == 404, (method, path, answer.text)
        assert answer.json()["error"]["type"] == "not_found_error"
    assert service.client.get("/v1/sprites", headers=ben).json()["data"] == []
    assert service.client.get(f"/v1/sprites/{identity}").status_code == 401
    assert service.client.get(f"/v1/sprites/{identity}", headers=ann).status_code == 200


def _key(service: Any, name: str, scopes: tuple[str, ...] = ("generate", "feedback")) -> str:
    token: str = service.db.keys.create(service.db.users.ensure(name), list(scopes))[1]
    return token


@pytest.mark.parametrize("identity", ["spr_x", "..%2f..%2fetc", "1 OR 1=1", "spr_" + "0" * 26, "a" * 3000])
def test_ids_that_are_none(client: Any, identity: str) -> None:
    for path in ("", "/image.png", "/download?format=png", "/lineage"):
        assert client.get(f"/v1/sprites/{identity}{path}").status_code == 404


@pytest.mark.parametrize("query", ["format=exe", "scale=0", "scale=65", "scale=-1", "scale=x"])
def test_downloads_that_cannot_be(client: Any, sprite: dict[str, Any], query: str) -> None:
    assert client.get(f"/v1/sprites/{sprite['id']}/download?{query}").status_code == 422


def test_scales_that_no_screen_needs(client: Any) -> None:
    identity = upload(client, file_of(flag(200, 200))).json()["id"]
    assert client.get(f"/v1/sprites/{identity}/image.png?scale=32").status_code == 400
    assert client.get(f"/v1/sprites/{identity}/download?format=png&scale=64").status_code == 400
    assert client.get(f"/v1/sprites/{identity}/download?format=aseprite&scale=2").status_code == 400


def test_a_full_disk_keeps_nothing(service: Any, sprite: dict[str, Any], tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "pixelmind.db") as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    engine = service.db._tx.engine
    from sqlalchemy import event

    @event.listens_for(engine, "checkout")
    def full(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    noise = np.random.default_rng(0).integers(0, 255, (256, 256), dtype=np.uint8)
    palette = np.random.default_rng(1).integers(0, 255, (255, 4), dtype=np.uint8)
    palette[:, 3] = 255
    big = file_of(Sprite(indices=noise % 255, palette=palette))
    answer = upload(service.client, big)
    event.remove(engine, "checkout", full)
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full"), answer.text
    assert [s["id"] for s in service.client.get("/v1/sprites").json()["data"]] == [sprite["id"]]
