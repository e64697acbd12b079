"""The account: what is kept of a person, all of it as a zip, and nothing of it after a deletion."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixelmind.pixels import png
from pixelmind.records import Sprite
from pixelmind.serving.routes.account import zipped


def sprite() -> Sprite:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[4:12, 4:12] = (200, 40, 40, 255)
    return Sprite.from_rgba(rgba)


@pytest.fixture
def service(make_service: Callable[..., Any]) -> Any:
    return make_service(keys=True)


class Person:
    """Someone with a key and a bit of everything."""

    def __init__(self, service: Any, name: str, scopes: tuple[str, ...] = ("generate", "feedback")) -> None:
        self.client, self.db = service.client, service.db
        self.user = service.db.users.ensure(name)
        self.token = service.db.keys.create(self.user, list(scopes))[1]
        self.secret = f"the secret words of {name}"
        one, two = (service.db.sprites.add(self.user, sprite(), prompt=self.secret).id for _ in range(2))
        self.sprite = one
        self.call("POST", "/v1/feedback", {"sprite_id": one, "ratings": {"accuracy": 5}, "comment": self.secret})
        self.call("POST", "/v1/preferences", {"chosen": one, "rejected": two})
        self.call("POST", "/v1/review", {"sprite_id": two, "reason": self.secret})
        self.call("POST", "/v1/palettes", {"name": f"{name} colours", "colors": ["#123456", "#654321"]})
        self.session = self.call("POST", "/v1/sessions", {"name": self.secret}).json()["id"]
        service.db.memory.save(self.user, b"state", {"pairs": 3})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return self.client.request(method, path, json=body, headers={"Authorization": f"Bearer {self.token}"})


def test_who_calls(service: Any) -> None:
    ann = Person(service, "ann")
    told = ann.call("GET", "/v1/account").json()
    assert (told["user"], told["scopes"], told["usage"]) == ("ann", ["feedback", "generate"], {})
    assert told["limits"]["images"] == service.config.images_per_day
    assert service.client.get("/v1/account").status_code == 401
    stats = ann.call("GET", "/v1/stats").json()
    counts = {k: stats[k] for k in ("sprites", "sessions", "pairs", "open_reviews", "ratings")}
    assert counts == {"sprites": 2, "sessions": 1, "pairs": 1, "open_reviews": 1, "ratings": {"accuracy": 5.0}}
    rae = Person(service, "rae", ("review", "generate", "feedback"))
    assert rae.call("GET", "/v1/stats").json()["open_reviews"] == 2


def test_the_export_holds_everything_of_the_person_and_of_nobody_else(service: Any) -> None:
    ann, ben = Person(service, "ann"), Person(service, "ben")
    answer = ann.call("GET", "/v1/account/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="pixelmind-account.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    names = archive.namelist()
    for part in ("account.json", "sprites-", "feedback-", "reviews-", "sessions-", "keys-", "palettes.", "memory/"):
        assert any(name.startswith(part) for name in names), part
    assert np.array_equal(png.decode_png(archive.read(f"sprites/{ann.sprite}.png")), sprite().rgba())
    everything = b"".join(archive.read(name) for name in names)
    assert ann.secret.encode() in everything
    assert ben.secret.encode() not in everything
    assert ann.token.rpartition("_")[2].encode() not in everything
    (row,) = (json.loads(line) for line in archive.read("memory/memory.json").splitlines())
    assert row["pairs"] == 3
    assert [line.action for line in service.db.audit.list(ann.user)] == ["account.export"]


def test_a_zip_is_made_piece_by_piece() -> None:
    taken = []

    def entries() -> Any:
        for i in range(3):
            taken.append(i)
            yield f"{i}.txt", bytes([i]) * 1000

    pieces = zipped(entries())
    first = next(pieces)
    assert (taken, first[:2]) == ([0], b"PK")
    archive = zipfile.ZipFile(io.BytesIO(first + b"".join(pieces)))
    assert [archive.read(n) for n in archive.namelist()] == [bytes([i]) * 1000 for i in range(3)]


def test_after_a_deletion_nothing_is_left_and_the_key_is_dead(service: Any, tmp_path: Path) -> None:
    ann, ben = Person(service, "ann"), Person(service, "ben")
    for body in ({}, {"confirm": "yes"}, {"confirm": True}, None):
        assert ann.call("DELETE", "/v1/account", body).status_code == 422
    assert ann.call("DELETE", "/v1/account", {"confirm": "delete"}).status_code == 204
    for method, path in (
        ("GET", "/v1/account"),
        ("GET", f"/v1/sprites/{ann.sprite}"),
        ("GET", "/v1/sprites"),
        ("GET", "/v1/account/export"),
        ("GET", f"/v1/sessions/{ann.session}"),
        ("DELETE", "/v1/account"),
    ):
        assert ann.call(method, path, {"confirm": "delete"} if method == "DELETE" else None).status_code == 401
    assert ben.call("GET", f"/v1/sprites/{ann.sprite}").status_code == 404
    assert ben.call("GET", "/v1/account").status_code == 200
    with sqlite3.connect(tmp_path / "pixelmind.db") as connection:
        dump = "\n".join(connection.iterdump())
    assert ann.secret not in dump
    assert ann.user.id not in dump
    assert ben.secret in dump
    assert [line.action for line in service.db.audit.list(ann.user)] == ["account.delete"]
    again = service.db.users.ensure("ann")
    token = service.db.keys.create(again, ["generate"])[1]
    fresh = service.client.get("/v1/sprites", headers={"Authorization": f"Bearer {token}"})
    assert fresh.json()["data"] == []


def test_the_one_person_of_a_machine_can_begin_anew(make_service: Callable[..., Any]) -> None:
    service = make_service()
    service.db.sprites.add(service.db.users.ensure("local"), sprite())
    assert len(service.client.get("/v1/sprites").json()["data"]) == 1
    assert service.client.request("DELETE", "/v1/account", json={"confirm": "delete"}).status_code == 204
    assert service.client.get("/v1/sprites").json()["data"] == []
    assert service.client.get("/v1/account").json()["user"] == "local"


def test_work_that_ends_after_a_deletion_leaves_nothing(service: Any) -> None:
    ann = Person(service, "ann")
    service.db.account.delete(ann.user)
    from pixelmind.storage import NotFound

    with pytest.raises(NotFound):
        service.db.sprites.add(ann.user, sprite())
    assert service.db.stats()["sprites"] == 0
