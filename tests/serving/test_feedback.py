"""Ratings, verdicts, events and choices over HTTP: kept before they are acknowledged, once, and only about one's own sprites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pixelmind.records import Sprite


@pytest.fixture
def sprites(service: Any, blob: Callable[..., Sprite]) -> list[str]:
    user = service.db.users.ensure("local")
    colors = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]
    return [service.db.sprites.add(user, blob(color=c), prompt="a gem").id for c in colors]


@pytest.fixture
def blob() -> Callable[..., Sprite]:
    import numpy as np

    def made(color: tuple[int, int, int]) -> Sprite:
        rgba = np.zeros((16, 16, 4), np.uint8)
        rgba[4:12, 4:12] = (*color, 255)
        return Sprite.from_rgba(rgba)

    return made


def kept(service: Any) -> list[Any]:
    found: list[Any] = service.db.feedback.list(service.db.users.ensure("local"))
    return found


def test_all_kinds_are_kept_together(service: Any, client: Any, sprites: list[str]) -> None:
    body = {
        "sprite_id": sprites[0],
        "ratings": {"accuracy": 5, "technical": 1},
        "verdict": "approve",
        "event": "share",
        "seconds": 2.5,
        "comment": "<b>good</b>",
    }
    answer = client.post("/v1/feedback", json=body)
    assert answer.status_code == 201
    rows = kept(service)
    assert answer.json() == {"id": rows[0].id, "ids": [row.id for row in rows]}
    assert [row.kind for row in rows] == ["rating", "verdict", "event"]
    assert (rows[0].ratings, rows[0].comment) == ({"accuracy": 5, "technical": 1}, "<b>good</b>")
    assert (rows[1].verdict, rows[2].event, rows[2].seconds) == ("approve", "share", 2.5)
    assert not any(row.simulated for row in rows)
    client.post("/v1/feedback", json={"sprite_id": sprites[0], "event": "view", "simulated": True})
    assert kept(service)[-1].simulated


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"verdict": "maybe"},
        {"event": "burn"},
        {"ratings": {}},
        {"ratings": {"accuracy": 0}},
        {"ratings": {"accuracy": 6}},
        {"ratings": {"accuracy": 4.5}},
        {"ratings": {"accuracy": True}},
        {"ratings": {"beauty": 3}},
        {"event": "view", "seconds": -1},
        {"event": "view", "seconds": "NaN"},
        {"event": "view", "comment": "x" * 2001},
        {"event": "view", "user": "someone"},
    ],
)
def test_what_is_no_feedback(service: Any, client: Any, sprites: list[str], body: dict[str, Any]) -> None:
    answer = client.post("/v1/feedback", json={"sprite_id": sprites[0], **body})
    assert answer.status_code == 422, answer.text
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert kept(service) == []


def test_sent_twice_kept_once(service: Any, client: Any, sprites: list[str]) -> None:
    body = {"sprite_id": sprites[0], "ratings": {"aesthetics": 4}}
    answers = [client.post("/v1/feedback", json=body, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert len({a.text for a in answers}) == 1
    assert len(kept(service)) == 1
    other = client.post("/v1/feedback", json=body | {"comment": "x"}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 409
    long = client.post("/v1/feedback", json=body, headers={"Idempotency-Key": "k" * 256})
    assert long.status_code == 422
    assert len(kept(service)) == 1


def test_of_several_parts_all_or_none_are_kept(service: Any, client: Any, sprites: list[str]) -> None:
    from sqlalchemy import event, exc

    @event.listens_for(service.db._tx.engine, "before_cursor_execute")
    def fail(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("INSERT INTO feedback") and "event" in str(parameters):
            raise exc.OperationalError(statement, {}, Exception("gone"))

    body = {"sprite_id": sprites[0], "ratings": {"accuracy": 3}, "event": "view"}
    answer = client.post("/v1/feedback", json=body, headers={"Idempotency-Key": "again"})
    event.remove(service.db._tx.engine, "before_cursor_execute", fail)
    assert answer.status_code == 503
    assert kept(service) == []
    assert client.post("/v1/feedback", json=body, headers={"Idempotency-Key": "again"}).status_code == 201
    assert len(kept(service)) == 2


def test_pairs_are_offered_answered_once_and_counted(service: Any, client: Any, sprites: list[str]) -> None:
    pair = client.get("/v1/preferences/next").json()
    sides = {pair["left"]["id"], pair["right"]["id"]}
    assert sides < set(sprites)
    assert (pair["prompt"], bool(pair["reason"])) == ("a gem", True)
    assert client.get("/v1/preferences/next").json()["pair_id"] == pair["pair_id"]
    skipped = client.get(f"/v1/preferences/next?skip={pair['pair_id']}")
    assert skipped.status_code == 200
    assert skipped.json()["pair_id"] != pair["pair_id"]
    right, left = pair["right"]["id"], pair["left"]["id"]
    body = {"pair_id": pair["pair_id"], "chosen": right, "rejected": left, "seconds": 1.5}
    first = client.post("/v1/preferences", json=body, headers={"Idempotency-Key": "p"})
    assert first.status_code == 201
    assert client.post("/v1/preferences", json=body, headers={"Idempotency-Key": "p"}).json() == first.json()
    assert client.post("/v1/preferences", json=body).status_code == 409
    (row,) = service.db.feedback.pairs()
    assert (row.chosen, row.rejected, row.left, row.seconds, row.prompt) == (right, left, left, 1.5, "a gem")
    tie = {"chosen": sprites[0], "rejected": sprites[1], "tie": True}
    assert client.post("/v1/preferences", json=tie).status_code == 201
    stats = client.get("/v1/stats").json()
    assert (stats["sprites"], stats["pairs"], stats["queue"]) == (3, 2, 0)
    outsider = next(s for s in sprites if s not in sides)
    for wrong, status in (
        ({"chosen": left, "rejected": left}, 400),
        ({"chosen": left, "rejected": "spr_" + "0" * 26}, 404),
        ({"chosen": left, "rejected": outsider, "pair_id": pair["pair_id"]}, 400),
        ({"chosen": left}, 422),
        ({"chosen": left, "rejected": right, "pair_id": "par_nonsense"}, 404),
    ):
        assert client.post("/v1/preferences", json=wrong).status_code == status, wrong


def test_nothing_to_compare(client: Any) -> None:
    answer = client.get("/v1/preferences/next?skip=<script>,';DROP TABLE pairs")
    assert (answer.status_code, answer.content) == (204, b"")


def test_how_often_one_agrees_with_oneself(service: Any, client: Any, sprites: list[str]) -> None:
    assert client.get("/v1/stats").json()["agreement"] is None
    one, two, three = sprites
    for chosen, rejected in ((one, two), (one, two), (two, three), (three, two)):
        client.post("/v1/preferences", json={"chosen": chosen, "rejected": rejected})
    assert client.get("/v1/stats").json()["agreement"] == 0.5
    client.post("/v1/feedback", json={"sprite_id": one, "ratings": {"accuracy": 2}})
    client.post("/v1/feedback", json={"sprite_id": two, "ratings": {"accuracy": 5}})
    assert client.get("/v1/stats").json()["ratings"] == {"accuracy": 3.5}


def test_another_persons_sprites_cannot_be_judged(
    make_service: Callable[..., Any], blob: Callable[..., Sprite]
) -> None:
    service = make_service(keys=True)
    ann, ben = service.db.users.ensure("ann"), service.db.users.ensure("ben")
    hers = [service.db.sprites.add(ann, blob(color=c), prompt="a gem").id for c in ((9, 9, 9), (8, 8, 8))]
    headers = {"Authorization": f"Bearer {service.db.keys.create(ben, ['feedback'])[1]}"}
    for path, body in (
        ("/v1/feedback", {"sprite_id": hers[0], "verdict": "reject"}),
        ("/v1/preferences", {"chosen": hers[0], "rejected": hers[1]}),
        ("/v1/review", {"sprite_id": hers[0], "reason": "x"}),
    ):
        assert service.client.post(path, json=body, headers=headers).status_code == 404, path
    assert service.client.get("/v1/preferences/next", headers=headers).status_code == 204
    assert service.db.feedback.list() == []
    generator = {"Authorization": f"Bearer {service.db.keys.create(ann, ['generate'])[1]}"}
    body = {"sprite_id": hers[0], "verdict": "approve"}
    assert service.client.post("/v1/feedback", json=body, headers=generator).status_code == 403


def test_which_tone_is_best_is_asked_and_kept(service: Any, client: Any, sprites: list[str]) -> None:
    asked = client.get(f"/v1/sprites/{sprites[0]}/tones").json()
    names = [t["tone"] for t in asked["tones"]]
    assert (asked["prompt"], names[0]) == ("a gem", "as it is")
    assert len(names) > 2
    key = {"Idempotency-Key": "tone"}
    first = client.post(f"/v1/sprites/{sprites[0]}/tones", json={"tone": names[1], "seconds": 2}, headers=key)
    assert first.status_code == 201
    assert (
        client.post(f"/v1/sprites/{sprites[0]}/tones", json={"tone": names[1], "seconds": 2}, headers=key).json()
        == first.json()
    )
    made = first.json()["sprite"]
    assert (made["parent"], made["prompt"]) == (sprites[0], "a gem")
    assert (
        client.get(f"/v1/sprites/{made['id']}/cells").json()["indices"]
        == (client.get(f"/v1/sprites/{sprites[0]}/cells").json()["indices"])
    )
    same = client.post(f"/v1/sprites/{sprites[1]}/tones", json={"tone": "as it is", "simulated": True}).json()
    assert same["sprite"]["id"] == sprites[1]
    (row, other) = kept(service)
    assert (row.event, row.details["tone"], row.seconds, row.simulated) == ("tone", names[1], 2, False)
    assert row.details["shown"] == names
    assert (other.details["tone"], other.simulated) == ("as it is", True)
    for wrong, status in (({"tone": "loud"}, 400), ({}, 422), ({"tone": names[1], "seconds": -1}, 422)):
        assert client.post(f"/v1/sprites/{sprites[0]}/tones", json=wrong).status_code == status
    assert client.get("/v1/sprites/spr_00000000000000000000000000/tones").status_code == 404
    assert len(kept(service)) == 2
