"""A promotion and a rollback while requests run: none fails, all new ones are drawn by the new champion; a canary answers its share."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_parts import HOST, TestClient, serving

from pixelmind.generator.bundle import Bundle
from pixelmind.lifecycle import registry, rollout
from pixelmind.lifecycle.registry import Keys, Registry
from pixelmind.lifecycle.rollout import Settings
from pixelmind.serving import app as app_module
from pixelmind.serving.app import create_app
from pixelmind.serving.config import Config
from pixelmind.storage import Database

BODY = {"prompt": "a key", "size": "16x16", "steps": 1, "check": False}


def soon(true: Callable[[], Any], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def loaded(app: Any) -> Any:
    """The app, once its networks are loaded."""
    app.state.pixelmind.engine.wait_ready(120)
    return app


@pytest.fixture
def other_weights(tiny_weights: Path, tmp_path: Path) -> Path:
    """As the tiny weights, with other level16 weights."""
    folder = shutil.copytree(tiny_weights, tmp_path / "other")
    bundle = Bundle(folder)
    tensors, about = bundle.get("level16")
    told = {k: v for k, v in about.items() if k not in ("file", "sha256", "bytes")}
    bundle.put("level16", {name: t * 0.9 for name, t in tensors.items()}, **told)
    return folder


@pytest.fixture
def kept(tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry beside the service's database, its first champion the tiny weights."""
    monkeypatch.setattr(registry, "released", lambda: tiny_weights)
    monkeypatch.setattr(app_module, "FOLLOW_SECONDS", 0.05)
    monkeypatch.setattr(app_module, "JUDGE_SECONDS", 0.2)
    home = tmp_path / "home"
    home.mkdir()
    with Database(Config(home=home).database) as db:
        db.upgrade()
        yield Registry(db, home, Keys())


def config(kept: Registry) -> Config:
    return Config(home=kept.home, threads=1, best_of=1)


def test_no_request_fails_while_models_change(kept, other_weights):
    candidate = kept.add(other_weights)
    first = kept.db.models.champion()
    answers: list[tuple[int, str]] = []
    done = threading.Event()
    with serving(loaded(create_app(config(kept)))) as url:

        def client(number: int) -> None:
            with httpx.Client(base_url=url, timeout=120) as http:
                i = 0
                while not done.is_set():
                    i += 1
                    answer = http.post("/v1/images/generations", json={**BODY, "seed": 1000 * number + i})
                    answers.append((answer.status_code, answer.json().get("weights", "")))

        threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        try:
            soon(lambda: len(answers) >= 8)
            for change, wanted in ((lambda: kept.promote(candidate.id), candidate), (kept.rollback, first)):
                change()
                soon(lambda: answers[-1][1] == wanted.weights)  # noqa: B023
                at = len(answers)
                soon(lambda: len(answers) >= at + 8)  # noqa: B023
        finally:
            done.set()
            for thread in threads:
                thread.join()
    assert {status for status, _ in answers} == {200}
    assert {weights for _, weights in answers} == {candidate.weights, first.weights}


def test_a_damaged_champion_changes_nothing(kept, other_weights):
    candidate = kept.add(other_weights)
    app = loaded(create_app(config(kept)))
    with TestClient(app, base_url=HOST, client=("127.0.0.1", 50000)) as client:
        assert client.post("/v1/images/generations", json=BODY).json()["weights"] == kept.db.models.champion().weights
        kept.db.models.promote(candidate.id)
        (kept.folder(candidate) / "level16.safetensors").write_bytes(b"no")
        fleet = app.state.pixelmind.fleet
        soon(lambda: candidate.id in fleet._failed)
        assert client.post("/v1/images/generations", json=BODY).json()["weights"] != candidate.weights
        assert client.get("/readyz").status_code == 200
        kept.rollback()
        soon(lambda: not fleet._failed)


def test_at_the_start_a_damaged_champion_gives_way_to_the_one_before(kept, other_weights, caplog):
    candidate = kept.add(other_weights)
    first = kept.db.models.champion()
    kept.promote(candidate.id)
    damaged = kept.folder(candidate) / "level16.safetensors"
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    app = loaded(create_app(config(kept)))
    with TestClient(app, base_url=HOST, client=("127.0.0.1", 50000)) as client:
        assert client.post("/v1/images/generations", json=BODY).json()["weights"] == first.weights
        soon(lambda: candidate.id in app.state.pixelmind.fleet._failed)  # looked at once more, and no more
        assert client.get("/readyz").status_code == 200
    assert f"model {candidate.id} cannot be drawn with" in caplog.text
    assert kept.db.models.champion().id == candidate.id  # the registry is a person's to change
    kept.db.models.rollback()
    kept.db.models.promote(candidate.id)  # the two name each other as the one before
    damaged = kept.folder(first) / "level16.safetensors"
    damaged.write_bytes(b"no")
    app = create_app(config(kept))
    with TestClient(app, base_url=HOST, client=("127.0.0.1", 50000)) as client:
        answer = client.post("/v1/images/generations", json=BODY)
        assert answer.status_code == 503
        assert "does not match its recorded sha256" in answer.json()["error"]["message"]


def test_a_canary_answers_its_share_and_is_counted(kept, other_weights):
    candidate = kept.add(other_weights)
    first = kept.db.models.champion()
    user = kept.db.users.ensure("local").id
    row = rollout.start(kept.db, candidate.id, Settings(shares=(0.5,), window_hours=1e-6, max_units=10))
    treated = rollout.draw(row.salt, "new", user) < 0.5
    app = loaded(create_app(config(kept)))
    with TestClient(app, base_url=HOST, client=("127.0.0.1", 50000)) as client:
        soon(lambda: app.state.pixelmind.fleet.canary is not None)
        wanted = candidate if treated else first
        assert client.post("/v1/images/generations", json=BODY).json()["weights"] == wanted.weights
        assert client.get("/v1/models").json()["data"][0]["weights"] == first.weights
        assert client.post("/v1/images/generations", json={**BODY, "size": "1x1"}).status_code == 400

        def counted() -> bool:
            found = kept.db.rollouts.outcomes(row.id, before="9999")
            return bool(found) and found[0].exposure.requests == 1

        soon(counted)
        (found,) = kept.db.rollouts.outcomes(row.id, before="9999")
        assert (found.exposure.unit, found.exposure.arm) == (user, "treatment" if treated else "control")
        assert found.exposure.seconds > 0
        metrics = client.get("/metrics").text
        assert "pixelmind_rollout_share 0.5" in metrics
        assert "pixelmind_images_total 1.0" in metrics
        assert "process_resident_memory_bytes" in metrics
        kept.db.rollouts.end(row.id, "stopped", {"reason": "test"})
        soon(lambda: app.state.pixelmind.fleet.canary is None)
        assert client.post("/v1/images/generations", json=BODY).json()["weights"] == first.weights


def test_a_canary_that_cannot_be_loaded_is_refused(kept, other_weights):
    candidate = kept.add(other_weights)
    (kept.folder(candidate) / "manifest.json").write_text("{}")
    row = rollout.start(kept.db, candidate.id, Settings())
    with TestClient(create_app(config(kept)), base_url=HOST, client=("127.0.0.1", 50000)):
        soon(lambda: kept.db.rollouts.get(row.id).state == "refused")
    assert kept.db.models.get(candidate.id).state == "retired"


def test_weights_that_were_named_are_not_changed(kept, tiny_weights, other_weights):
    candidate = kept.add(other_weights)
    kept.promote(candidate.id)
    named = Config(home=kept.home, threads=1, best_of=1, weights=tiny_weights)
    with TestClient(loaded(create_app(named)), base_url=HOST, client=("127.0.0.1", 50000)) as client:
        assert client.post("/v1/images/generations", json=BODY).json()["weights"] == Bundle(tiny_weights).id
