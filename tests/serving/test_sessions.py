"""Dialogues over HTTP with the released weights: questions, candidates, edits, history, streams; and that nothing is lost or done twice."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from service_parts import blob, serving

from pixelmind.generator.pipeline import load
from pixelmind.pixels import png
from pixelmind.serving.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine(load(threads=1, best_of=1))
    yield made
    made.close()


@pytest.fixture
def service(make_service: Callable[..., Any], engine: Engine) -> Any:
    return make_service(engine=engine)


@pytest.fixture
def talk(service: Any) -> Callable[..., Any]:
    """Say something in one session; the reply."""
    session = service.client.post("/v1/sessions", json={"candidates": 2, "seed": 3}).json()

    def say(text: str, *, status: int = 200, headers: dict[str, str] | None = None, **more: Any) -> Any:
        path = f"/v1/sessions/{session['id']}/messages"
        answer = service.client.post(path, json={"text": text, **more}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    say.id = session["id"]  # type: ignore[attr-defined]
    return say


def events_of(service: Any) -> list[tuple[str, str]]:
    rows = service.db.feedback.list(service.db.users.ensure("local"))
    return [(row.event or row.verdict or row.kind, row.sprite) for row in rows]


def test_a_whole_dialogue(service: Any, talk: Any) -> None:
    asks = talk("draw a retro castle under a wide sky")
    assert (asks["kind"], asks["question"]["slot"]) == ("question", "style")
    assert [o["sprite"]["operation"] for o in asks["question"]["options"]] == ["option"] * len(asks["sprites"])
    assert asks["session"]["question"] == asks["question"]
    shown = talk(asks["question"]["options"][1]["label"])
    assert (shown["kind"], len(shown["sprites"]), shown["session"]["question"]) == ("sprites", 2, None)
    assert [s["id"] for s in shown["session"]["candidates"]] == [s["id"] for s in shown["sprites"]]
    taken = talk("number 2")
    assert taken["session"]["current"]["id"] == shown["sprites"][1]["id"]
    darker = talk("make the sky darker")
    edited = darker["sprites"][0]
    assert (edited["parent"], edited["source"]) == (taken["sprites"][0]["id"], "edited")
    assert (darker["edit"]["operation"], darker["edit"]["changed_outside"]) == ("darken", 0)
    changed = np.frombuffer(base64.b64decode(darker["edit"]["changed"]), np.uint8)
    assert changed.sum() == darker["edit"]["changed_cells"] > 0
    assert talk("undo that")["session"]["current"]["id"] == taken["sprites"][0]["id"]
    saved = talk("export it as aseprite")
    assert (saved["kind"], saved["download"]["format"]) == ("saved", "aseprite")
    assert service.client.get(saved["download"]["url"]).content[4:6] == b"\xe0\xa5"
    whole = service.client.get(f"/v1/sessions/{talk.id}").json()
    assert [m["role"] for m in whole["messages"]] == ["user", "assistant"] * 6
    assert whole["messages"][1]["sprites"] == [s["id"] for s in asks["sprites"]]
    assert [(v["number"], v["parent"], v["current"]) for v in whole["history"]] == [
        (0, None, False),
        (1, None, True),
        (2, 1, False),
    ]
    assert (whole["turns"], whole["version"], whole["name"]) == (6, 6, "draw a retro castle under a wide sky")
    options = [o["sprite"]["id"] for o in asks["question"]["options"]]
    first, second = (s["id"] for s in shown["sprites"])
    assert events_of(service) == [
        ("select", options[1]),
        ("select", second),
        ("preference", second),
        ("edit", second),
        ("undo", edited["id"]),
        ("export", second),
    ]
    (choice,) = service.db.feedback.pairs()
    assert (choice.chosen, choice.rejected, choice.left, choice.simulated) == (second, first, first, False)
    lineage = service.client.get(f"/v1/sprites/{edited['id']}/lineage").json()
    assert [n["operation"] for n in lineage["nodes"]] == ["draw", "darken"]
    assert len(json.dumps(service.db.sessions.get(service.db.users.ensure("local"), talk.id).state)) < 4000


def test_what_was_meant_before_is_remembered_for_the_person(service: Any, talk: Any) -> None:
    asks = talk("draw a retro castle")
    assert asks["kind"] == "question"
    talk(asks["question"]["options"][1]["label"])
    assert service.client.get("/v1/account/memory").json()["pairs"] == 1
    other = service.client.post("/v1/sessions", json={"candidates": 1}).json()["id"]
    reply = service.client.post(f"/v1/sessions/{other}/messages", json={"text": "draw a retro car"}).json()
    assert reply["kind"] == "sprites"
    assert "as you did before" in reply["text"]
    assert service.client.delete("/v1/account/memory").status_code == 204
    assert service.client.get("/v1/account/memory").json() == {"pairs": 0, "bytes": 0}


def test_a_dialogue_begins_with_a_picture_of_ones_own(service: Any) -> None:
    data = png.encode_png(blob())
    own = service.client.post("/v1/sprites", files={"file": ("own.png", data, "image/png")}).json()["id"]
    began = service.client.post("/v1/sessions", json={"sprite_id": own}).json()
    assert (began["current"]["id"], began["turns"], began["candidates"]) == (own, 0, [])
    path = f"/v1/sessions/{began['id']}/messages"
    darker = service.client.post(path, json={"text": "make it darker"}).json()
    assert (darker["kind"], darker["sprites"][0]["parent"]) == ("edit", own)
    back = service.client.post(path, json={"text": "undo"}).json()
    assert (back["kind"], back["session"]["current"]["id"]) == ("history", own)
    assert 'this is "the picture you began with" again' in back["text"]
    drawn = service.client.post(path, json={"text": "a red potion, 16x16"}).json()
    assert (drawn["kind"], len(drawn["sprites"])) == ("sprites", 2)
    refused = service.client.post("/v1/sessions", json={"sprite_id": "spr_" + "0" * 26})
    assert refused.status_code == 404
    assert len(service.client.get("/v1/sessions").json()["data"]) == 1


def test_the_history_is_walked_by_number(service: Any, talk: Any) -> None:
    talk("a red potion, 16x16")
    talk("number 1")
    talk("make it darker")
    talk("mirror it")
    path = f"/v1/sessions/{talk.id}/go"
    back = service.client.post(path, json={"version": 0}).json()
    whole = service.client.get(f"/v1/sessions/{talk.id}").json()
    assert (back["kind"], back["session"]["current"]["id"]) == ("history", whole["history"][0]["sprite_id"])
    assert whole["messages"][-1]["role"] == "assistant"
    forward = service.client.post(path, json={"version": 2}).json()
    assert forward["session"]["current"]["operation"] == "mirror"
    last, first = whole["history"][2]["sprite_id"], whole["history"][0]["sprite_id"]
    assert events_of(service)[-2:] == [("undo", last), ("return", last)]
    assert first != last
    assert service.client.post(path, json={"version": 9}).status_code == 400
    assert service.client.post(path, json={"version": -1}).status_code == 422
    assert service.client.get(f"/v1/sessions/{talk.id}").json()["version"] == whole["version"] + 1


def test_progress_is_streamed_with_previews(service: Any, talk: Any) -> None:
    body = {"json": {"text": "a red potion, 24x24"}, "headers": {"Accept": "text/event-stream", "Idempotency-Key": "s"}}
    told: list[tuple[str, Any]] = []
    with service.client.stream("POST", f"/v1/sessions/{talk.id}/messages", **body) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                told.append((name, json.loads(line[6:])))
    kinds = [name for name, _ in told]
    assert kinds[-2:] == ["reply", "done"]
    assert set(kinds[:-2]) == {"progress"}
    assert {data["level"] for name, data in told if name == "progress"} == {16, 64}
    shown = [data["preview"] for _, data in told[:-2] if data["preview"]]
    assert len(shown) == 2
    assert all(base64.b64decode(p).startswith(b"\x89PNG") for p in shown)
    again = service.client.post(f"/v1/sessions/{talk.id}/messages", **body)
    assert json.loads(again.text.split("data: ")[1].split("\n")[0]) == told[-2][1]
    assert service.client.get(f"/v1/sessions/{talk.id}").json()["turns"] == 1


def test_a_turn_points_at_cells(service: Any, talk: Any) -> None:
    shown = talk("a castle under a wide sky")
    if shown["kind"] == "question":
        shown = talk("1")
    talk("number 1")
    sprite = service.client.get(f"/v1/sessions/{talk.id}").json()["current"]
    edge = talk("make this darker", points=[[0, 0]])
    assert edge["kind"] == "edit", edge["text"]
    changed = np.frombuffer(base64.b64decode(edge["edit"]["changed"]), np.uint8)
    assert 0 < changed.sum() < sprite["width"] * sprite["height"]
    outside = talk("make this darker", points=[[250, 0]])
    assert (outside["kind"], "outside" in outside["text"]) == ("error", True)
    named = talk("darker", region=sprite["regions"][0])
    assert named["kind"] == "edit", named["text"]
    assert talk("darker", region="dragon")["kind"] == "error"
    for wrong in ({"points": [[1, 2, 3]]}, {"points": "x"}, {"region": "x" * 101}):
        talk("darker", status=422, **wrong)


def test_turns_that_cannot_be_done_lose_nothing(service: Any, talk: Any) -> None:
    assert talk("undo")["kind"] == "error"
    shown = talk("a red potion, 16x16")
    before = service.client.get(f"/v1/sessions/{talk.id}").json()
    for text in ("number 7", "make the submarine darker", "🐉", "word " * 1500):
        reply = talk(text)
        assert reply["kind"] == "error", text
        assert [c["id"] for c in reply["session"]["candidates"]] == [s["id"] for s in shown["sprites"]]
    after = service.client.get(f"/v1/sessions/{talk.id}").json()
    assert (after["history"], after["current"]) == (before["history"], before["current"])
    assert after["messages"][-2]["text"] == "word " * 1500
    for body in ({}, {"text": ""}, {"text": "x" * 8001}, {"text": 5}, {"text": "x", "more": 1}):
        answer = service.client.post(f"/v1/sessions/{talk.id}/messages", json=body)
        assert answer.status_code == 422, body


def test_words_of_strangers_are_kept_and_told_as_text(service: Any, talk: Any) -> None:
    evil = "draw a red gem, 16x16 <script>alert(1)</script>'); DROP TABLE sessions;-- \x00"
    talk(evil)
    whole = service.client.get(f"/v1/sessions/{talk.id}").json()
    assert whole["messages"][0]["text"] == evil
    assert service.client.get("/v1/sessions").json()["data"][0]["id"] == talk.id


def test_two_tabs_cannot_overwrite_each_other(service: Any, talk: Any, engine: Engine) -> None:
    talk("a red potion, 16x16")
    gate, answers = threading.Event(), []
    blocker = engine.submit_work(gate.wait)
    tabs = [
        threading.Thread(
            target=lambda text=text: answers.append(
                service.client.post(f"/v1/sessions/{talk.id}/messages", json={"text": text})
            )
        )
        for text in ("number 1", "number 2")
    ]
    for tab in tabs:
        tab.start()
    while engine.stats().queued < 2:
        time.sleep(0.01)
    gate.set()
    blocker.result(10)
    for tab in tabs:
        tab.join(30)
    assert sorted(a.status_code for a in answers) == [200, 409]
    lost = next(a for a in answers if a.status_code == 409).json()["error"]
    assert (lost["code"], "load it again" in lost["message"]) == ("conflict", True)
    assert len(service.client.get(f"/v1/sessions/{talk.id}").json()["messages"]) == 4
    assert [name for name, _ in events_of(service)] == ["select", "preference"]


def test_a_turn_sent_twice_is_done_once(service: Any, talk: Any) -> None:
    replies = [talk("a red potion, 16x16", headers={"Idempotency-Key": "turn"}) for _ in range(2)]
    assert replies[0] == replies[1]
    assert len(service.client.get("/v1/sprites").json()["data"]) == 2
    talk("a blue potion, 16x16", headers={"Idempotency-Key": "turn"}, status=409)
    made = [
        service.client.post("/v1/sessions", json={"name": "one"}, headers={"Idempotency-Key": "new"}) for _ in range(2)
    ]
    assert made[0].json() == made[1].json()


def test_a_database_that_fails_in_the_middle_leaves_nothing_half_written(service: Any, talk: Any) -> None:
    from sqlalchemy import event, exc

    talk("a red potion, 16x16")
    before = service.client.get(f"/v1/sessions/{talk.id}").json()
    rows = len(service.client.get("/v1/sprites").json()["data"])

    @event.listens_for(service.db._tx.engine, "before_cursor_execute")
    def fail(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("INSERT INTO messages"):
            raise exc.OperationalError(statement, {}, Exception("gone"))

    answer = service.client.post(f"/v1/sessions/{talk.id}/messages", json={"text": "make it darker"})
    event.remove(service.db._tx.engine, "before_cursor_execute", fail)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_down"), answer.text
    assert answer.headers["retry-after"]
    assert service.client.get(f"/v1/sessions/{talk.id}").json() == before
    assert len(service.client.get("/v1/sprites").json()["data"]) == rows
    assert events_of(service) == []
    assert talk("make it darker")["kind"] == "edit"


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(service: Any, talk: Any, engine: Engine) -> None:
    path = f"/v1/sessions/{talk.id}/messages"
    body = {"json": {"text": "a castle, 128x128"}, "headers": {"Accept": "text/event-stream"}}
    with serving(service.app) as url, httpx.Client(base_url=url, timeout=60) as client:
        with client.stream("POST", path, **body) as answer:
            assert next(answer.iter_lines()) == "event: progress"
        until = time.monotonic() + 30
        while (engine.stats().running or engine.stats().queued) and time.monotonic() < until:
            time.sleep(0.02)
        assert engine.stats().running == 0
        whole = client.get(f"/v1/sessions/{talk.id}").json()
    assert (whole["turns"], whole["messages"], whole["current"]) == (0, [], None)
    assert service.client.get("/v1/sprites").json()["data"] == []
    assert talk("a red gem, 16x16")["kind"] == "sprites"


def test_likes_and_variations_are_told_to_the_learner(service: Any, talk: Any) -> None:
    shown = talk("a red potion, 16x16")
    first = shown["sprites"][0]["id"]
    more = talk("more like number 1")
    assert [(s["parent"], s["operation"]) for s in more["sprites"]] == [(first, "vary")] * 2
    assert talk("you decide")["session"]["current"]["id"] == more["sprites"][0]["id"]
    talk("I love it")
    names = [name for name, _ in events_of(service)]
    assert "preference" not in names
    assert names[-1] == "approve"


def test_deleted_pictures_are_gone_from_a_dialogue_and_it_goes_on(service: Any, talk: Any) -> None:
    shown = talk("a red potion, 16x16")
    for sprite in shown["sprites"]:
        assert service.client.delete(f"/v1/sprites/{sprite['id']}").status_code == 204
    whole = service.client.get(f"/v1/sessions/{talk.id}").json()
    assert (whole["current"], whole["candidates"]) == (None, [])
    refused = talk("make it darker")
    assert (refused["kind"], "was deleted" in refused["text"]) == ("error", True)
    assert talk("a blue gem, 16x16")["kind"] == "sprites"


def test_sessions_are_listed_renamed_and_deleted(service: Any, talk: Any) -> None:
    client = service.client
    other = client.post("/v1/sessions", json={"name": " Dragons "}).json()
    assert (other["name"], other["turns"], other["current"], other["candidates"]) == ("Dragons", 0, None, [])
    page = client.get("/v1/sessions?limit=1").json()
    assert [s["id"] for s in page["data"]] == [other["id"]]
    assert [s["id"] for s in client.get(f"/v1/sessions?before={page['next']}").json()["data"]] == [talk.id]
    assert client.patch(f"/v1/sessions/{other['id']}", json={"name": "Wyrms"}).json()["name"] == "Wyrms"
    talk("a red potion, 16x16")
    assert client.delete(f"/v1/sessions/{talk.id}").status_code == 204
    assert client.get(f"/v1/sessions/{talk.id}").status_code == 404
    assert {s["session"] for s in client.get("/v1/sprites").json()["data"]} == {None}
    for body in ({"candidates": 0}, {"candidates": 9}, {"seed": -1}, {"name": "x" * 101}, {"n": 1}):
        assert client.post("/v1/sessions", json=body).status_code == 422, body


def test_another_persons_dialogue_is_not_there(make_service: Callable[..., Any], engine: Engine) -> None:
    service = make_service(keys=True, engine=engine)
    ann, ben = (
        {
            "Authorization": f"Bearer {service.db.keys.create(service.db.users.ensure(name), ['generate', 'feedback'])[1]}"
        }
        for name in ("ann", "ben")
    )
    identity = service.client.post("/v1/sessions", json={}, headers=ann).json()["id"]
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "mine"}),
        ("DELETE", "", None),
        ("POST", "/messages", {"text": "undo"}),
        ("POST", "/go", {"version": 0}),
    ):
        answer = service.client.request(method, f"/v1/sessions/{identity}{path}", json=body, headers=ben)
        assert answer.status_code == 404, (method, path)
    theirs = service.db.sprites.add(service.db.users.ensure("ann"), blob()).id
    assert service.client.post("/v1/sessions", json={"sprite_id": theirs}, headers=ben).status_code == 404
    assert service.client.get("/v1/sessions", headers=ben).json()["data"] == []
    reader = service.db.keys.create(service.db.users.ensure("ann"), ["feedback"])[1]
    refused = service.client.post("/v1/sessions", json={}, headers={"Authorization": f"Bearer {reader}"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


def test_a_days_pictures_are_counted(make_service: Callable[..., Any], engine: Engine) -> None:
    service = make_service(engine=engine, keys=True, images_per_day=5)
    token = service.db.keys.create(service.db.users.ensure("ann"), ["generate"])[1]
    ann = {"Authorization": f"Bearer {token}"}
    made = service.client.post("/v1/sessions", json={"candidates": 2, "seed": 1}, headers=ann)
    path = f"/v1/sessions/{made.json()['id']}/messages"
    assert service.client.post(path, json={"text": "a red potion, 16x16"}, headers=ann).json()["kind"] == "sprites"
    refused = service.client.post(path, json={"text": "another one"}, headers=ann)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "quota_exceeded")
    assert int(refused.headers["retry-after"]) > 0
    assert service.client.get("/v1/account", headers=ann).json()["usage"] == {"images": 2}


def test_the_person_of_this_machine_has_no_quota(make_service: Callable[..., Any], engine: Engine) -> None:
    service = make_service(engine=engine, images_per_day=1)
    identity = service.client.post("/v1/sessions", json={"candidates": 2, "seed": 1}).json()["id"]
    path = f"/v1/sessions/{identity}/messages"
    for text in ("a red potion, 16x16", "another one"):
        assert service.client.post(path, json={"text": text}).json()["kind"] == "sprites"
    assert service.client.get("/v1/account").json()["usage"] == {}
