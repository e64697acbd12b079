"""The official `openai` client, unchanged, against a real server; and the code of docs/api.md, run as it stands."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from service_parts import blob, serving, sprite_of

from pixelmind.pixels.png import encode_png, encode_rgba_png

openai = pytest.importorskip("openai")
PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def openai_client(address: str) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=60) as client:
        yield client


def test_generate(openai_client):
    drawn = openai_client.images.generate(
        prompt="a key", n=2, size="16x12", model="gpt-image-1", background="transparent", user="me", quality="high",
        output_format="png", response_format="b64_json", extra_body={"steps": 2, "seed": 3},
    )  # fmt: skip
    assert len(drawn.data) == 2
    assert sprite_of(drawn.data[0].b64_json).indices.shape == (12, 16)
    assert drawn.data[1].seed == 4
    assert drawn.created > 0


def test_edit_in_both_polarities(openai_client):
    source, free = blob(), np.zeros((16, 16), bool)
    free[:5] = True
    for polarity in ("transparent", "white"):
        mask = np.where(free[..., None], 255, np.array([0, 0, 0, 255])).astype(np.uint8)
        if polarity == "transparent":
            mask[..., 3] = np.where(free, 0, 255)
        edited = openai_client.images.edit(
            image=("a.png", encode_png(source)),
            mask=("m.png", encode_rgba_png(mask)),
            prompt="a hat",
            n=1,
            extra_body={"steps": 2, "seed": 3, **({} if polarity == "transparent" else {"mask_polarity": polarity})},
        )
        drawn = sprite_of(edited.data[0].b64_json)
        assert np.array_equal(drawn.rgba()[~free], source.rgba()[~free])
    several = openai_client.images.edit(
        image=[("a.png", encode_png(source)), ("b.png", encode_png(blob(color=(0, 0, 200))))],
        prompt="a hat",
        extra_body={"steps": 2},
    )
    assert len(several.data) == 1


def test_streams(openai_client):
    stream = openai_client.images.generate(
        prompt="a key", size="72x72", stream=True, partial_images=2, extra_body={"steps": 2, "seed": 1}
    )
    events = list(stream)
    assert [e.type.rsplit(".")[-1] for e in events] == ["partial_image", "partial_image", "completed"]
    assert [e.partial_image_index for e in events[:2]] == [0, 1]
    plain = openai_client.images.generate(prompt="a key", size="72x72", extra_body={"steps": 2, "seed": 1})
    assert events[-1].b64_json == plain.data[0].b64_json
    assert events[-1].usage.total_tokens == 0
    edits = openai_client.images.edit(
        image=("a.png", encode_png(blob(72, 72))),
        prompt="a hat",
        stream=True,
        partial_images=3,
        extra_body={"steps": 2},
    )
    assert [e.type for e in edits] == ["image_edit.partial_image"] * 2 + ["image_edit.completed"]


def test_errors_have_the_clients_own_kinds(openai_client, make_service):
    with pytest.raises(openai.BadRequestError, match="out of range"):
        openai_client.images.generate(prompt="a key", size="1024x1024")
    with pytest.raises(openai.BadRequestError, match="unknown style") as refused:
        openai_client.images.generate(prompt="a key", stream=True, extra_body={"style": "none such"})
    assert refused.value.type == "invalid_request_error"
    guarded = make_service(keys=True)
    _, token = guarded.db.keys.create(guarded.db.users.ensure("ann"), ["generate"])
    with (
        serving(guarded.app) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="pmx_wrong", max_retries=0) as stranger,
        openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as ann,
    ):
        with pytest.raises(openai.AuthenticationError):
            stranger.models.list()
        assert next(iter(ann.models.list())).id == "pixelmind"


def test_the_documented_code_runs(address, tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == 5
    code = "\n".join(blocks)
    assert "http://127.0.0.1:7878" in code
    monkeypatch.chdir(tmp_path)
    mask = np.zeros((16, 16, 4), np.uint8) + np.array([0, 0, 0, 255], np.uint8)
    mask[:4] = 255
    (tmp_path / "mask.png").write_bytes(encode_rgba_png(mask))
    names: dict[str, Any] = {}
    exec(compile(code.replace("http://127.0.0.1:7878", address), str(PAGE), "exec"), names)
    assert sprite_of(names["first"]).indices.shape == (32, 32)
    before, after = sprite_of(names["drawn"].data[0].b64_json), sprite_of(names["edited"].data[0].b64_json)
    assert np.array_equal(before.rgba()[4:], after.rgba()[4:])
    assert sprite_of(base64.b64encode(names["castle"]).decode()).indices.shape == (72, 72)
    assert names["sheet"][4:6] == b"\xe0\xa5"
    assert "0 16x16\n1 64x64" in capsys.readouterr().out
    names["client"].close()
    names["service"].close()
