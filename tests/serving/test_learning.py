"""Online adaptation in the service: learned in the background, drawn with, survives a restart, in the export, gone when deleted."""

from __future__ import annotations

import io
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from service_parts import Running, blob, sprite_of

from pixelmind.adaptation.online import state
from pixelmind.encoder.config import NetworkConfig
from pixelmind.encoder.image_tower import ImageTowerConfig
from pixelmind.encoder.model import Encoder
from pixelmind.generator.pipeline import load
from pixelmind.serving.engine import Engine

TINY = NetworkConfig(
    embed_dim=16,
    text_heads=1,
    text_hidden=16,
    image=ImageTowerConfig(conv_width=8, conv_blocks=1, width=16, depth=1, heads=2, stem=8),
)


@pytest.fixture(scope="module")
def seeing(tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine whose weights have an encoder."""
    folder = tmp_path_factory.mktemp("seeing") / "bundle"
    shutil.copytree(tiny_weights, folder)
    torch.manual_seed(1)
    Encoder(TINY).save(folder)
    engine = Engine(load(folder, threads=1))
    yield engine
    engine.close()


def learned(service: Running, turns: int, call: Callable[..., Any] | None = None) -> dict[str, Any]:
    """What the account says once so many interactions were learned from."""
    get = call or (lambda: service.client.get("/v1/account/online"))
    until = time.monotonic() + 120
    while True:
        told: dict[str, Any] = get().json()
        if told["turns"] >= turns and not told["learning"]:
            return told
        assert told["error"] is None, told
        assert time.monotonic() < until, told
        time.sleep(0.1)


def drawn(service: Running, **body: Any) -> Any:
    answer = service.generate(seed=7, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_it_learns_draws_survives_and_is_forgotten(
    make_service: Callable[..., Any], seeing: Engine, tmp_path: Path
) -> None:
    service = make_service(engine=seeing, online=True, weights=seeing.pipe.bundle.folder)
    client, user = service.client, service.db.users.ensure("local")
    before = sprite_of(drawn(service)[0]["b64_json"])
    assert "personal" not in before.provenance
    assert client.get("/v1/account/online").json() == {
        "on": True, "learning": False, "turns": 0, "bytes": 0, "error": None, "curve": [],
    }  # fmt: skip
    pictures = drawn(service, n=4)
    for better, worse in ((0, 1), (2, 3), (0, 3)):
        body = {"chosen": pictures[better]["sprite_id"], "rejected": pictures[worse]["sprite_id"]}
        assert client.post("/v1/preferences", json=body).status_code == 201
    liked = {"sprite_id": pictures[0]["sprite_id"], "event": "export"}
    assert client.post("/v1/feedback", json=liked).status_code == 201
    told = learned(service, 4)
    assert [p["kind"] for p in told["curve"]] == ["preference"] * 3 + ["export"]
    assert told["curve"][0]["foretold"] == told["curve"][0]["foretold_by_words"]
    assert 0 < told["curve"][2]["foretold"] < 1
    assert told["bytes"] > 0
    text = client.get("/metrics").text
    assert "pixelmind_online_failed_total 0.0" in text
    assert "pixelmind_online_interactions_total 4.0" in text
    after = sprite_of(drawn(service)[0]["b64_json"])
    assert after.provenance["personal"].startswith("4-")

    again = make_service(engine=seeing, online=True)  # a new service on what the old one kept
    assert again.client.get("/v1/account/online").json()["turns"] == 4
    assert sprite_of(drawn(again)[0]["b64_json"]).rgba().tobytes() == after.rgba().tobytes()
    off = make_service(engine=seeing)
    assert sprite_of(drawn(off)[0]["b64_json"]).rgba().tobytes() == before.rgba().tobytes()
    assert off.client.get("/v1/account/online").json()["on"] is False

    archive = zipfile.ZipFile(io.BytesIO(again.client.get("/v1/account/export").content))
    names = [n for n in archive.namelist() if n.startswith("online/")]
    assert sorted(n.rpartition("-")[2] for n in names) == ["online/state.json", "tensors.safetensors"]
    assert len(json.loads(archive.read("online/state.json"))["curve"]) == 4
    assert again.client.delete("/v1/account/online").status_code == 204
    assert again.client.get("/v1/account/online").json()["turns"] == 0
    assert sprite_of(drawn(again)[0]["b64_json"]).rgba().tobytes() == before.rgba().tobytes()
    again.client.post("/v1/feedback", json=liked)
    assert [p["kind"] for p in learned(again, 1)["curve"]] == ["export"]  # nothing of before
    assert again.client.request("DELETE", "/v1/account", json={"confirm": "delete"}).status_code == 204
    assert not state.folder_of(tmp_path, user.id).exists()


def test_what_is_learned_of_one_is_nobody_elses(
    make_service: Callable[..., Any], seeing: Engine, tmp_path: Path
) -> None:
    service = make_service(engine=seeing, online=True, keys=True, weights=seeing.pipe.bundle.folder)
    headers = {}
    for name in ("ann", "ben"):
        user = service.db.users.ensure(name)
        headers[name] = {"Authorization": f"Bearer {service.db.keys.create(user, ['generate', 'feedback'])[1]}"}
        ids = [service.db.sprites.add(user, blob(16, 16, (40 * i, 90, 60)), prompt="a disc").id for i in (1, 4)]
        if name == "ann":
            service.db.feedback.verdict(user, ids[0], "reject", simulated=False)
            body = {"chosen": ids[1], "rejected": ids[0]}
            assert service.client.post("/v1/preferences", json=body, headers=headers["ann"]).status_code == 201
    get = service.client.get
    told = learned(service, 2, lambda: get("/v1/account/online", headers=headers["ann"]))
    assert [p["kind"] for p in told["curve"]] == ["verdict", "preference"]
    assert get("/v1/account/online", headers=headers["ben"]).json()["turns"] == 0
    assert get("/v1/account/online").status_code == 401
    owner = service.db.users.find("ann").id
    assert [p.name for p in (tmp_path / "online").iterdir()] == [owner]
    assert service.client.request(
        "DELETE", "/v1/account", json={"confirm": "delete"}, headers=headers["ann"]
    ).status_code == 204  # fmt: skip
    assert not (tmp_path / "online" / owner).exists()


def test_damage_is_told_and_draws_as_before(make_service: Callable[..., Any], seeing: Engine, tmp_path: Path) -> None:
    service = make_service(engine=seeing, online=True)
    user = service.db.users.ensure("local")
    plain = drawn(service)[0]["b64_json"]
    folder = state.folder_of(tmp_path, user.id)
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("{")
    told = service.client.get("/v1/account/online").json()
    assert "is damaged" in told["error"]
    assert sprite_of(drawn(service)[0]["b64_json"]).rgba().tobytes() == sprite_of(plain).rgba().tobytes()
    assert service.client.delete("/v1/account/online").status_code == 204
    assert service.client.get("/v1/account/online").json()["error"] is None
