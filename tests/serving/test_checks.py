"""Checks in the service: what is mended, what goes into the review queue, how it is switched off, counted, and learnt from."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from service_parts import Running, blob, sprite_of

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
from orphans import OrphanInspector, orphans
from tiny_critic import put

from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.pixels import palettes, png
from pixelmind.quality import dissatisfaction, heat_map
from pixelmind.records import Sprite
from pixelmind.serving.app import load_engine
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine

MOST = 100_000
NEVER = 2.0


@pytest.fixture
def checking(tiny_pipe: PixelPipeline, make_service: Callable[..., Running]) -> Iterator[Callable[..., Running]]:
    """Start a service whose engine checks by orphans."""
    engines: list[Engine] = []

    def make(inspector: Any, **settings: Any) -> Running:
        engines.append(Engine(tiny_pipe, inspector=inspector))
        return make_service(engine=engines[-1], **settings)

    yield make
    for engine in engines:
        engine.close()


def kept(service: Running, answer: Any) -> list[tuple[str, Sprite]]:
    assert answer.status_code == 200, answer.text
    return [(d["sprite_id"], sprite_of(d["b64_json"])) for d in answer.json()["data"]]


def flag_at(inspector: OrphanInspector, sprites: list[Sprite]) -> float:
    """A threshold that the sprite of the most orphans alone reaches."""
    shares = sorted(v.dissatisfied for v in inspector.judge([s.rgba() for s in sprites]))
    assert shares[-1] > shares[-2]
    return shares[-1]


def test_a_flagged_picture_waits_in_the_queue_with_its_heat_map_and_the_others(
    checking: Callable[..., Running],
) -> None:
    inspector = OrphanInspector(NEVER, most=MOST, mends=False)
    service = checking(inspector)
    asked = {"n": 3, "seed": 5, "size": "24x16"}
    first = kept(service, service.generate(**asked))
    assert service.client.get("/v1/review").json()["data"] == []  # nothing flagged, nothing asked
    inspector.flag_at = flag_at(inspector, [s for _, s in first])
    sprites = dict(kept(service, service.generate(**asked)))
    (row,) = service.client.get("/v1/review").json()["data"]
    worst = row["sprite"]["id"]
    (verdict,) = inspector.judge([sprites[worst].rgba()])
    assert verdict.dissatisfied == inspector.flag_at
    assert row["reason"] == verdict.reason()
    assert row["score"] == verdict.score
    assert [c["id"] for c in row["candidates"]] == [s for s in sprites if s != worst]
    heat = service.client.get(row["heatmap_url"])
    wrong = orphans(sprites[worst].rgba())
    cold = heat_map.draw(sprites[worst].rgba(), np.zeros((16, 24), np.float32))
    cells = []
    for data in (heat.content, cold):
        with Image.open(io.BytesIO(data)) as image:
            scale = image.width // 24
            assert image.size == (24 * scale, 16 * scale)
            cells.append(np.asarray(image.convert("RGB"))[::scale, ::scale])
    assert np.array_equal((cells[0] != cells[1]).any(-1), wrong)
    seen = {s: service.client.get(f"/v1/sprites/{s}").json() for s in sprites}
    assert {s: o["review"] for s, o in seen.items()} == {s: row["reason"] if s == worst else None for s in sprites}
    assert [o["quality"]["flagged"] for o in seen.values()] == [s == worst for s in sprites]
    told = sprites[worst].provenance["quality"]
    assert seen[worst]["quality"] == told
    stats = service.client.get("/v1/stats").json()
    assert (stats["flag_rate"], stats["open_reviews"]) == (pytest.approx(1 / 6), 1)
    counts = service.client.get("/metrics").text
    assert "pixelmind_pictures_inspected_total 6.0" in counts
    assert 'pixelmind_pictures_flagged_total{family="alignment"} 1.0' in counts
    assert 'pixelmind_pictures_refined_total{family="alignment"} 0.0' in counts
    assert "pixelmind_check_seconds_count 6.0" in counts


def test_mending_keeps_the_palette_and_every_cell_outside_the_region(checking: Callable[..., Running]) -> None:
    service = checking(OrphanInspector(NEVER, most=MOST))
    ((_, plain),) = kept(service, service.generate(seed=3, palette="pico-8", check=False))
    assert "quality" not in plain.provenance
    ((_, mended),) = kept(service, service.generate(seed=3, palette="pico-8"))
    told = mended.provenance["quality"]
    changed = (plain.rgba() != mended.rgba()).any(-1)
    assert told["changed_cells"] == changed.sum() > 0
    assert np.array_equal(plain.palette, mended.palette)
    assert set(map(tuple, mended.palette[mended.palette[:, 3] > 0, :3].tolist())) <= set(
        map(tuple, palettes.get("pico-8").colors.tolist())
    )
    source, mask = blob(), np.zeros((16, 16, 4), np.uint8)
    mask[4:9, 4:12] = 255
    files = {
        "image": ("a.png", png.encode_png(source), "image/png"),
        "mask": ("m.png", png.encode_png(Sprite.from_rgba(mask)), "image/png"),
    }
    form = {"prompt": "a gem", "seed": "4", "steps": "2", "mask_polarity": "white"}
    drawn = {}
    for check in ("true", "false"):
        answer = service.client.post("/v1/images/edits", data={**form, "check": check}, files=files)
        ((_, drawn[check]),) = kept(service, answer)
    moved = (drawn["true"].rgba() != drawn["false"].rgba()).any(-1)
    assert moved.any()
    assert not moved[mask[..., 3] == 0].any()
    assert np.array_equal(drawn["true"].rgba()[mask[..., 3] == 0], source.rgba()[mask[..., 3] == 0])


def test_in_any_batch_a_picture_is_what_it_is_alone(checking: Callable[..., Running]) -> None:
    service = checking(OrphanInspector(NEVER, most=MOST, redraws=True))
    engine: Engine = service.app.state.pixelmind.engine
    alone = [kept(service, service.generate(seed=s, n=1, size="20x20"))[0][1] for s in (7, 8, 9)]
    together = kept(service, service.generate(seed=7, n=3, size="20x20"))
    assert [s for _, s in together] == alone  # cells, palette, mask, and every figure
    assert {s.provenance["quality"]["rounds"] for s in alone} == {1}
    assert engine.stats().images == 6


def test_an_edit_that_draws_is_checked_and_an_exact_one_is_not(checking: Callable[..., Running]) -> None:
    service = checking(OrphanInspector(1e-9, most=MOST, mends=False))
    before = service.client.post("/v1/sprites", files={"file": ("a.png", png.encode_png(blob()), "image/png")}).json()
    path = f"/v1/sprites/{before['id']}/edits"
    exact = service.client.post(path, json={"instruction": "mirror it"}).json()["sprite"]
    assert (exact["quality"], exact["review"]) == (None, None)
    told = {"instruction": "add a flag", "seed": 3}
    off = service.client.post(path, json={**told, "check": False}).json()["sprite"]
    assert (off["quality"], off["review"]) == (None, None)
    drawn = service.client.post(path, json=told).json()
    assert drawn["changed_outside"] == 0
    assert drawn["sprite"]["quality"]["flagged"]
    assert drawn["sprite"]["review"].startswith("alignment: likely at fault")
    (row,) = service.client.get("/v1/review").json()["data"]
    assert (row["sprite"]["id"], row["candidates"]) == (drawn["sprite"]["id"], [])


def test_of_a_turn_what_is_new_is_flagged_once(make_service: Callable[..., Running]) -> None:
    inspector: Any = OrphanInspector(0.0, most=MOST, mends=False)
    engine = Engine(load(threads=1, best_of=1), inspector=inspector)
    try:
        service = make_service(engine=engine)
        talk = service.client.post("/v1/sessions", json={"candidates": 2, "seed": 3}).json()["id"]

        def say(text: str, **more: Any) -> Any:
            answer = service.client.post(f"/v1/sessions/{talk}/messages", json={"text": text, **more})
            assert answer.status_code == 200, answer.text
            return answer.json()

        def queue() -> list[str]:
            return [r["sprite"]["id"] for r in service.client.get("/v1/review").json()["data"]]

        shown = say("a castle, 16x16")
        assert [bool(s["review"]) for s in shown["sprites"]] == [True, True]
        assert queue() == [s["id"] for s in shown["sprites"]]
        say("number 2")  # the same picture
        darker = say("make it darker")["sprites"][0]  # no drawing
        assert darker["quality"] is None
        assert len(queue()) == 2
        again = say("another one", check=False)
        assert [s["quality"] for s in again["sprites"]] == [None, None]
        assert len(queue()) == 2
        assert "pixelmind_pictures_inspected_total 2.0" in service.client.get("/metrics").text
    finally:
        engine.close()


def test_switched_off_or_without_a_critic_nothing_is_checked(
    tiny_weights: Path, tmp_path: Path, make_service: Callable[..., Running]
) -> None:
    import shutil

    with_critic = tmp_path / "with-critic"
    shutil.copytree(tiny_weights, with_critic)
    put(with_critic, threshold=-20.0)  # finds fault with everything
    for weights, check, expected in (
        (with_critic, True, True),
        (with_critic, False, False),
        (tiny_weights, True, False),
    ):
        engine = load_engine(Config(home=tmp_path, weights=weights, check=check, threads=1))
        try:
            service = make_service(engine=engine)
            before = len(service.client.get("/v1/review").json()["data"])
            ((identity, sprite),) = kept(service, service.generate(seed=2))
            assert ("quality" in sprite.provenance) == expected
            seen = service.client.get(f"/v1/sprites/{identity}").json()
            assert (seen["quality"] is not None) == (seen["review"] is not None) == expected
            assert len(service.client.get("/v1/review").json()["data"]) == before + expected
        finally:
            engine.close()


def test_another_persons_heat_map_is_not_there(checking: Callable[..., Running]) -> None:
    service = checking(OrphanInspector(1e-9, most=MOST, mends=False), keys=True)
    scopes = {"ann": ["generate", "feedback"], "ben": ["generate", "feedback"], "rae": ["review"]}
    keys = {name: service.db.keys.create(service.db.users.ensure(name), s)[1] for name, s in scopes.items()}

    def call(name: str, method: str, path: str, body: Any = None) -> Any:
        return service.client.request(method, path, json=body, headers={"Authorization": f"Bearer {keys[name]}"})

    body = {"prompt": "a key", "size": "16x16", "steps": 2, "seed": 1}
    assert call("ann", "POST", "/v1/images/generations", body).status_code == 200
    (row,) = call("ann", "GET", "/v1/review").json()["data"]
    for name, status in (("ann", 200), ("ben", 404), ("rae", 200)):
        assert call(name, "GET", row["heatmap_url"]).status_code == status
    assert call("ben", "GET", "/v1/stats").json()["flag_rate"] is None
    assert call("rae", "GET", "/v1/stats").json()["flag_rate"] == 1


def test_a_decision_becomes_an_example_to_learn_from(checking: Callable[..., Running]) -> None:
    service = checking(OrphanInspector(1e-9, most=MOST, mends=False))
    flagged = kept(service, service.generate(seed=1, n=2))
    rows = service.client.get("/v1/review").json()["data"]
    assert [r["sprite"]["id"] for r in rows] == [identity for identity, _ in flagged]
    for row, decision in zip(rows, ("reject", "approve")):
        answer = service.client.post(f"/v1/review/{row['id']}", json={"decision": decision, "comment": "as it is"})
        assert answer.json()["sprite"]["review"] is None
    examples = dissatisfaction.read(service.db)
    assert examples.whose == "human"
    reviewer = service.db.users.ensure("local").id
    assert [(e.sprite_id, e.dissatisfied, e.kind, e.user) for e in examples.rows] == [
        (flagged[0][0], True, "review", reviewer),
        (flagged[1][0], False, "review", reviewer),
    ]
    assert np.array_equal(examples.sprites[0].rgba(), flagged[0][1].rgba())
    assert json.loads(json.dumps(examples.sprites[0].provenance))["quality"]["flagged"]
