"""Palettes over HTTP: built-in ones and one's own, in as files and colours, out as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from pixelmind.pixels import palettes

HEX = "1a1c2c\n5d275d\nb13e53\n"
GPL = "GIMP Palette\nName: x\nColumns: 3\n#\n 26  28  44\ta\n 93  39  93\tb\n177  62  83\tc\n"
PAL = "JASC-PAL\r\n0100\r\n3\r\n26 28 44\r\n93 39 93\r\n177 62 83\r\n"
COLORS = ["#1a1c2c", "#5d275d", "#b13e53"]


@pytest.mark.parametrize(
    "body", [{"text": HEX}, {"text": "\ufeff" + HEX}, {"text": GPL}, {"text": PAL}, {"colors": COLORS}]
)
def test_every_way_in_gives_the_same_colours(client: Any, body: dict[str, Any]) -> None:
    made = client.post("/v1/palettes", json={"name": "sweet sixteen", **body})
    assert made.status_code == 201, made.text
    assert made.json() == {"name": "sweet sixteen", "title": "sweet sixteen", "colors": COLORS, "builtin": False}
    assert client.get("/v1/palettes/sweet sixteen").json() == made.json()
    listed = client.get("/v1/palettes").json()["data"]
    assert listed[0] == made.json()
    assert {p["name"] for p in listed[1:]} == set(palettes.names())
    for format in ("gpl", "hex", "pal", "png"):
        answer = client.get(f"/v1/palettes/sweet sixteen/download?format={format}")
        assert answer.headers["content-disposition"] == f'attachment; filename="sweet sixteen.{format}"'
        assert list(palettes.parse(answer.content, "x").hex()) == COLORS


def test_built_in_ones_are_found_by_any_spelling(client: Any) -> None:
    found = client.get("/v1/palettes/PICO 8").json()
    assert (found["name"], found["builtin"], len(found["colors"])) == ("pico-8", True, 16)
    assert client.get("/v1/palettes/pico-8/download").text.startswith("GIMP Palette")
    assert client.delete("/v1/palettes/pico-8").status_code == 404
    assert client.post("/v1/palettes", json={"name": "Pico-8", "colors": COLORS}).status_code == 409


def test_own_ones_are_deleted_and_not_overwritten(client: Any) -> None:
    body = {"name": "mine", "colors": COLORS}
    answers = [client.post("/v1/palettes", json=body, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert client.post("/v1/palettes", json=body).status_code == 409
    assert client.delete("/v1/palettes/mine").status_code == 204
    assert client.get("/v1/palettes/mine").status_code == 404
    assert client.delete("/v1/palettes/mine").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x"}, 422),
        ({"name": "x", "text": HEX, "colors": COLORS}, 422),
        ({"name": "", "text": HEX}, 422),
        ({"name": "x" * 101, "text": HEX}, 422),
        ({"name": "x", "colors": []}, 422),
        ({"name": "x", "colors": ["red"]}, 400),
        ({"name": "x", "text": ""}, 400),
        ({"name": "x", "text": "<svg onload=alert(1)>"}, 400),
        ({"name": "x", "text": "GIMP Palette\n999 0 0\n"}, 400),
        ({"name": "x", "text": "JASC-PAL\n0100\n99999999\n1 2 3\n"}, 400),
        ({"name": "x", "text": "JASC-PAL\n"}, 400),
        ({"name": "x", "text": "\n".join(f"{i:06x}" for i in range(300))}, 400),
        ({"name": "../../etc/passwd", "text": HEX}, 400),
        ({"name": "a\\b", "text": HEX}, 400),
        ({"name": ".hidden", "text": HEX}, 400),
        ({"name": "a\x00b", "text": HEX}, 400),
        ({"name": "   ", "text": HEX}, 400),
        ({"name": "x", "text": "f" * 100_001}, 422),
    ],
)
def test_what_is_no_palette(client: Any, body: dict[str, Any], status: int) -> None:
    answer = client.post("/v1/palettes", json=body)
    assert answer.status_code == status, answer.text
    assert len(answer.json()["error"]["message"].splitlines()) == 1
    assert all(p["builtin"] for p in client.get("/v1/palettes").json()["data"])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "'; DROP TABLE palettes;--", "дом", "x" * 5000, "\x00"])
def test_names_that_nobody_has(client: Any, name: str) -> None:
    assert client.get(f"/v1/palettes/{quote(name, safe='')}").status_code == 404
    assert client.get(f"/v1/palettes/{quote(name, safe='')}/download").status_code == 404


def test_a_name_of_another_script_is_kept_and_its_file_is_harmless(client: Any) -> None:
    name = 'дом "x" <i>'
    assert client.post("/v1/palettes", json={"name": name, "colors": COLORS}).json()["name"] == name
    told = client.get(f"/v1/palettes/{quote(name, safe='')}/download?format=hex").headers["content-disposition"]
    assert told.startswith('attachment; filename="')
    assert "<" not in told
    assert client.get(f"/v1/palettes/{quote(name, safe='')}/download?format=exe").status_code == 422


def test_another_persons_palettes_are_not_there(make_service: Callable[..., Any]) -> None:
    service = make_service(keys=True)
    ann, ben = (
        {"Authorization": f"Bearer {service.db.keys.create(service.db.users.ensure(n), ['generate'])[1]}"}
        for n in ("ann", "ben")
    )
    assert service.client.post("/v1/palettes", json={"name": "mine", "colors": COLORS}, headers=ann).status_code == 201
    assert service.client.get("/v1/palettes/mine", headers=ben).status_code == 404
    assert service.client.delete("/v1/palettes/mine", headers=ben).status_code == 404
    assert service.client.post("/v1/palettes", json={"name": "mine", "colors": COLORS}, headers=ben).status_code == 201
