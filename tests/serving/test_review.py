"""The review queue: flags of one's own sprites, decisions of reviewers, what they leave behind, and the same on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.pixels import png
from pixelmind.records import Sprite
from pixelmind.storage import Database


def square(color: tuple[int, int, int] = (200, 40, 40)) -> Sprite:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[4:12, 4:12] = (*color, 255)
    return Sprite.from_rgba(rgba)


class People:
    """A service with keys and three people: ann and ben draw, rae reviews."""

    def __init__(self, service: Any) -> None:
        self.client, self.db = service.client, service.db
        self.users = {name: service.db.users.ensure(name) for name in ("ann", "ben", "rae")}
        scopes = {"ann": ["generate", "feedback"], "ben": ["generate", "feedback"], "rae": ["review", "feedback"]}
        self.tokens = {n: service.db.keys.create(self.users[n], scopes[n])[1] for n in self.users}

    def call(self, name: str, method: str, path: str, body: Any = None) -> Any:
        return self.client.request(method, path, json=body, headers={"Authorization": f"Bearer {self.tokens[name]}"})

    def sprite(self, name: str, color: tuple[int, int, int] = (200, 40, 40)) -> str:
        identity: str = self.db.sprites.add(self.users[name], square(color), prompt=f"{name}'s gem").id
        return identity


@pytest.fixture
def people(make_service: Callable[..., Any]) -> People:
    return People(make_service(keys=True))


def test_a_flag_is_decided_by_a_reviewer_and_becomes_a_verdict(people: People) -> None:
    sprite = people.sprite("ann")
    body = {"sprite_id": sprite, "reason": "its <b>edge</b> is torn"}
    flagged = people.call("ann", "POST", "/v1/review", body)
    assert flagged.status_code == 201
    row = flagged.json()
    assert people.call("ann", "POST", "/v1/review", body).json()["id"] == row["id"]
    (seen,) = people.call("rae", "GET", "/v1/review").json()["data"]
    assert (seen["sprite"]["prompt"], seen["reason"]) == ("ann's gem", "its <b>edge</b> is torn")
    assert people.users["ann"].id not in json.dumps(seen)
    assert seen["user"].startswith("person_")
    picture = people.call("rae", "GET", seen["sprite"]["url"])
    assert np.array_equal(png.decode_png(picture.content), square().rgba())
    assert people.call("rae", "GET", f"/v1/sprites/{sprite}").status_code == 404
    done = people.call("rae", "POST", f"/v1/review/{row['id']}", {"decision": "reject", "comment": "torn"}).json()
    assert (done["status"], done["decision"], done["comment"]) == ("done", "reject", "torn")
    assert people.call("rae", "POST", f"/v1/review/{row['id']}", {"decision": "approve"}).status_code == 409
    assert people.call("rae", "GET", "/v1/review").json()["data"] == []
    assert [r["id"] for r in people.call("rae", "GET", "/v1/review?status=done").json()["data"]] == [row["id"]]
    (verdict,) = people.db.feedback.list(kind="verdict")
    assert (verdict.sprite, verdict.verdict, verdict.comment) == (sprite, "reject", "torn")
    assert verdict.details == {"review": row["id"], "decision": "reject", "by": "reviewer"}
    assert [line.action for line in people.db.audit.list(people.users["rae"])] == ["review.decide"]


def test_who_does_not_review_sees_their_own_only_and_decides_nothing(people: People) -> None:
    mine = people.call("ann", "POST", "/v1/review", {"sprite_id": people.sprite("ann"), "reason": "x"}).json()
    theirs = people.call("ben", "POST", "/v1/review", {"sprite_id": people.sprite("ben"), "reason": "x"}).json()
    assert [r["id"] for r in people.call("ann", "GET", "/v1/review").json()["data"]] == [mine["id"]]
    assert people.call("ann", "GET", f"/v1/review/{mine['id']}").status_code == 200
    for path in ("", "/heatmap.png", f"/sprites/{theirs['sprite']['id']}.png"):
        assert people.call("ann", "GET", f"/v1/review/{theirs['id']}{path}").status_code == 404
    for row in (mine, theirs):
        refused = people.call("ann", "POST", f"/v1/review/{row['id']}", {"decision": "approve"})
        assert refused.status_code == 403
    assert people.db.review.get(theirs["id"]).status == "open"


def test_a_fix_puts_a_candidate_in_its_place(people: People) -> None:
    sprite, better = people.sprite("ann"), people.sprite("ann", (40, 200, 40))
    heat = png.encode_png(square((255, 0, 0)))
    row = people.db.review.flag(people.users["ann"], sprite, "mixels", 0.31, heat, [better])
    seen = people.call("rae", "GET", f"/v1/review/{row.id}").json()
    assert (seen["score"], [c["id"] for c in seen["candidates"]]) == (0.31, [better])
    assert people.call("rae", "GET", seen["heatmap_url"]).content == heat
    assert people.call("rae", "GET", seen["candidates"][0]["url"]).status_code == 200
    foreign = people.sprite("ben")
    assert people.call("rae", "GET", f"/v1/review/{row.id}/sprites/{foreign}.png").status_code == 404
    path = f"/v1/review/{row.id}"
    for body, status in (
        ({"decision": "fix", "replacement": foreign}, 404),
        ({"decision": "approve", "replacement": better}, 400),
        ({"decision": "burn"}, 422),
        ({"decision": "fix", "comment": "x" * 2001}, 422),
        ({}, 422),
    ):
        assert people.call("rae", "POST", path, body).status_code == status, body
    assert people.db.feedback.list() == []
    done = people.call("rae", "POST", path, {"decision": "fix", "replacement": better}).json()
    assert (done["decision"], done["replacement"]) == ("fix", better)
    assert people.db.feedback.list(kind="verdict")[0].verdict == "reject"


def test_deleted_sprites_leave_the_queue(people: People) -> None:
    sprite = people.sprite("ann")
    people.call("ann", "POST", "/v1/review", {"sprite_id": sprite, "reason": "x"})
    assert people.call("ann", "DELETE", f"/v1/sprites/{sprite}").status_code == 204
    assert people.call("rae", "GET", "/v1/review").json() == {"data": [], "next": None}


@pytest.mark.parametrize("query", ["status=all", "limit=0", "limit=1001"])
def test_lists_that_cannot_be(people: People, query: str) -> None:
    assert people.call("rae", "GET", f"/v1/review?{query}").status_code == 422


def test_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path))
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)
    with Database(f"sqlite:///{tmp_path / 'pixelmind.db'}") as db:
        db.upgrade()
        ann = db.users.ensure("ann")
        sprite = db.sprites.add(ann, square(), prompt="a red\ngem")
        row = db.review.flag(ann, sprite.id, "torn\x1b[31m edge")

        def run(*arguments: str) -> tuple[int, str, str]:
            code = cli.run(["review", *arguments])
            told = capsys.readouterr()
            return code, told.out, told.err

        assert run("list")[1].split() == [row.id, "open", "a", "red", "gem", "torn", "[31m", "edge"]
        found = json.loads(run("list", "--json")[1])["reviews"]
        assert [(r["id"], r["sprite"], r["reason"]) for r in found] == [(row.id, sprite.id, "torn\x1b[31m edge")]
        shown = run("show", row.id)
        assert (shown[0], "prompt: a red gem" in shown[1], ann.id in shown[1]) == (0, True, False)
        assert run("decide", row.id, "burn")[0] == 2
        code, _, error = run("decide", "rev_nothing", "approve")
        assert (code, error.count("\n"), "no such review" in error) == (2, 1, True)
        assert run("list", "--status", "lost")[0] == 2
        assert json.loads(run("decide", row.id, "approve", "-m", "fine", "--json")[1])["decision"] == "approve"
        code, _, error = run("decide", row.id, "reject")
        assert (code, "decided before" in error) == (2, True)
        assert "nothing" not in run("list", "--status", "done")[2]
        assert "no open review" in run("list")[2]
        assert [(f.verdict, f.comment) for f in db.feedback.list(ann)] == [("approve", "fine")]
