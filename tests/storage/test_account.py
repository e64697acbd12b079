"""All of a person comes out as files, and goes for good."""

import io
import json
import zipfile

import numpy as np
import pytest

from pixelmind.pixels.png import decode_png
from pixelmind.records import Palette, Sprite
from pixelmind.storage import Database, NotFound, account
from pixelmind.storage.audit import hashed


def furnish(db, user, drawn) -> None:
    session = db.sessions.create(user, "marzipan dialogue")
    db.sessions.save(user, session.id, {"slot": "marzipan"}, [{"text": "marzipan castle"}, {"text": "bigger"}], 0)
    a = db.sprites.add(user, drawn(1), prompt="marzipan castle", session=session.id)
    b = db.sprites.add(user, drawn(2), prompt="marzipan castle", parent=a.id)
    db.keys.create(user, ["generate"], "marzipan key")
    db.feedback.rate(user, a.id, {"accuracy": 5}, comment="marzipan!")
    db.feedback.prefer(user, a.id, b.id, pair_id=db.pairs.offer(user, a.id, b.id, "marzipan pair"))
    db.review.flag(user, a.id, "marzipan", heatmap=b"\x89PNG marzipan")
    db.palettes.add(user, Palette(name="marzipan", colors=np.array([[1, 2, 3]], dtype=np.uint8)))
    db.memory.save(user, b"marzipan state", {"pairs": 1})
    db.quota.take(user, "images", 1, 9, 3600)
    db.idempotency.run(user, "marzipan-key", "h", lambda s: {})
    db.audit.write(user, "generate", a.id, {"prompt": "marzipan"})


def test_export_holds_everything(db, user, other, drawn):
    furnish(db, user, drawn)
    furnish(db, other, drawn)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in db.account.export(user):
            archive.writestr(name, data)
    files = {name: zipfile.ZipFile(buffer).read(name) for name in zipfile.ZipFile(buffer).namelist()}
    assert len(files) == len(set(files))
    lines = {
        n: [json.loads(line) for line in d.splitlines()] for n, d in files.items() if n.endswith((".jsonl", ".json"))
    }
    assert lines["account.json"][0]["name"] == "ada"
    counts = {n.split("-")[0].split("/")[0]: len(v) for n, v in lines.items() if n.endswith(".jsonl")}
    wanted = {
        "keys": 1,
        "sessions": 1,
        "messages": 2,
        "sprites": 2,
        "feedback": 2,
        "pairs": 1,
        "reviews": 1,
        "audit": 1,
    }
    assert counts == {**wanted, "palettes.jsonl": 1, "quotas.jsonl": 1}
    assert lines["sessions-0001.jsonl"][0]["state"] == {"slot": "marzipan"}
    for row in lines["sprites-0001.jsonl"]:
        sprite = Sprite.from_dict(json.loads(files[f"sprites/{row['id']}.json"]))
        assert sprite == db.sprites.get(user, row["id"]).sprite
        assert np.array_equal(decode_png(files[f"sprites/{row['id']}.png"]), sprite.rgba())
    assert files["memory/state.safetensors"] == b"marzipan state"
    assert files[f"reviews/{lines['reviews-0001.jsonl'][0]['id']}.png"] == b"\x89PNG marzipan"
    assert b"argon2" not in b"".join(files.values())
    assert all(not name.startswith("/") and ".." not in name for name in files)


def test_export_reads_page_by_page(db, user, drawn, monkeypatch):
    monkeypatch.setattr(account, "PAGE", 2)
    ids = [db.sprites.add(user, drawn(i)).id for i in range(5)]
    files = dict(db.account.export(user))
    pages = [files[f"sprites-{n:04}.jsonl"] for n in (1, 2, 3)]
    assert [json.loads(line)["id"] for page in pages for line in page.splitlines()] == ids


def test_delete_leaves_nothing_but_a_hash(db, user, other, drawn):
    furnish(db, user, drawn)
    furnish(db, other, drawn)
    theirs = {n: d for n, d in db.account.export(other)}
    db.audit.write(user, "account.delete")
    db.account.delete(user)
    with pytest.raises(NotFound):
        db.account.export(user)
    with pytest.raises(NotFound):
        db.account.delete(user)
    assert db.sprites.list(user) == db.sessions.list(user) == db.feedback.list(user) == db.keys.list(user) == []
    assert db.memory.load(user) is None
    kept = db.audit.list(user)
    assert [(row.user, row.action, row.target, row.details) for row in kept] == [
        (hashed(user), "generate", "", {}),
        (hashed(user), "account.delete", "", {}),
    ]
    assert dict(db.account.export(other)) == theirs
    assert db.check().problems == ()
    with pytest.raises(NotFound):
        db.sprites.add(user, drawn())


def test_deleted_words_are_not_left_in_the_file(tmp_path, drawn):
    path = tmp_path / "secret.db"
    with Database(f"sqlite:///{path}") as db:
        db.upgrade()
        user = db.users.ensure("ada")
        furnish(db, user, drawn)
        assert b"marzipan" in b"".join(p.read_bytes() for p in tmp_path.iterdir())
        db.account.delete(user)
    assert [p.name for p in tmp_path.iterdir()] == ["secret.db"]
    assert b"marzipan" not in path.read_bytes()
