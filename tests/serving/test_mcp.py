"""`pixelmind mcp` as the official client sees it: a child process that speaks the protocol over its stdin and stdout."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from PIL import Image

from pixelmind.pixels.metadata import read_sprite
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sprite

TOOLS = ["edit", "export", "generate", "limits", "palettes", "styles"]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Home of the server, and a folder that it may read, with a sprite and a palette in it."""
    home, art = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("art")
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[3:13, 3:13] = (200, 40, 40, 255)
    rgba[6:10, 6:10] = (40, 200, 40, 255)
    (art / "box.png").write_bytes(encode_png(Sprite.from_rgba(rgba)))
    (art / "two.hex").write_text("ff0000\n0000ff\n")
    return home, art


def talk(places: tuple[Path, Path], talk_: Callable[[Client], Awaitable[Any]]) -> Any:
    """Start the server, say what `talk_` says to it, and end it."""
    home, art = places
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "pixelmind.cli", "mcp", "--allow", str(art), "--threads", "1"],
        env={"PIXELMIND_HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    async def run() -> Any:
        with (home / "stderr.txt").open("w") as log:
            async with Client(stdio_client(server, errlog=log), read_timeout_seconds=300) as client:
                return await talk_(client)

    return anyio.run(run)


def about(result: Any) -> dict[str, Any]:
    """What a call said of its pictures; its text and its structured content are the same."""
    assert not result.is_error, result.content
    assert json.loads(result.content[-1].text) == result.structured_content
    return dict(result.structured_content)


@pytest.fixture(scope="module")
def session(places: tuple[Path, Path]) -> dict[str, Any]:
    """One session through all tools, and what came back."""
    art = places[1]

    async def run(client: Client) -> dict[str, Any]:
        call = client.call_tool
        out: dict[str, Any] = {"tools": (await client.list_tools()).tools}
        out["limits"] = await call("limits")
        out["palettes"] = await call("palettes")
        out["pico"] = await call("palettes", {"name": "PICO 8"})
        asked = {"prompt": "a red potion", "size": "16x16", "n": 2, "palette": "pico-8", "seed": 5}
        out["drawn"] = await call("generate", asked)
        out["again"] = await call("generate", asked)
        out["own"] = await call(
            "generate", {"prompt": "a moon", "size": "16", "palette": str(art / "two.hex"), "seed": 1}
        )
        out["hex"] = await call(
            "generate", {"prompt": "a moon", "size": "16", "palette": "#000000, #ffffff", "seed": 1}
        )
        out["styles"] = await call("styles")
        path = out["drawn"].structured_content["images"][0]["path"]
        out["edited"] = await call(
            "edit", {"image": str(art / "box.png"), "instruction": "make it blue", "region": "green part"}
        )
        out["sheet"] = await call("export", {"images": [path, path], "format": "sheet", "scale": 2})
        out["godot"] = await call("export", {"images": [Path(path).name], "format": "godot"})
        bad = {
            "empty": ("generate", {"prompt": "  "}),
            "many": ("generate", {"prompt": "x", "n": 1000}),
            "size": ("generate", {"prompt": "x", "size": "-5x9"}),
            "type": ("generate", {"prompt": "x", "n": "many"}),
            "missing": ("generate", {}),
            "unknown": ("generate", {"prompt": "x", "colour": 3}),
            "style": ("generate", {"prompt": "x", "style": "nope"}),
            "palette": ("generate", {"prompt": "x", "palette": "pico9"}),
            "outside": ("edit", {"image": "/etc/passwd", "instruction": "make it blue"}),
            "up": ("edit", {"image": "../../../../etc/passwd", "instruction": "make it blue"}),
            "link": ("edit", {"image": str(art / "link.png"), "instruction": "make it blue"}),
            "nul": ("edit", {"image": "a\0b", "instruction": "make it blue"}),
            "absent": ("edit", {"image": "nothing.png", "instruction": "make it blue"}),
            "palette file": ("generate", {"prompt": "x", "palette": "/etc/palette.hex"}),
            "vague": ("edit", {"image": str(art / "box.png"), "instruction": "hello there"}),
            "no part": ("edit", {"image": str(art / "box.png"), "instruction": "make the moat blue"}),
            "format": ("export", {"images": [path], "format": "exe"}),
            "nothing": ("export", {"images": []}),
            "id": ("export", {"images": ["spr_01JABCDEFGHJKMNPQRSTVWXYZ0"]}),
            "tool": ("paint", {}),
        }
        (art / "link.png").symlink_to("/etc/hostname")
        out["bad"] = {name: await call(*told) for name, told in bad.items()}
        out["after"] = await call("palettes", {"name": "gameboy"})
        return out

    return dict(talk(places, run))


def test_tools_are_listed_with_their_arguments(session: dict[str, Any]) -> None:
    tools = {tool.name: tool for tool in session["tools"]}
    assert sorted(tools) == TOOLS
    assert tools["generate"].input_schema["required"] == ["prompt"]
    assert all(tool.description for tool in tools.values())
    assert all(about["description"] for about in tools["generate"].input_schema["properties"].values())
    assert tools["limits"].annotations.read_only_hint


def test_generate_gives_pictures_and_files(session: dict[str, Any], places: tuple[Path, Path]) -> None:
    told = about(session["drawn"])
    assert [image["seed"] for image in told["images"]] == [5, 6]
    pico = {c.lower() for c in about(session["pico"])["colors"]}
    for image, shown in zip(told["images"], session["drawn"].content):
        sprite = read_sprite(image["path"])
        assert Path(image["path"]).is_relative_to((places[0] / "outputs").resolve())
        assert (sprite.width, sprite.height) == (image["width"], image["height"]) == (16, 16)
        used = sprite.palette[np.unique(sprite.indices)]
        assert {f"#{bytes(c[:3]).hex()}" for c in used.tolist() if c[3]} <= pico
        assert shown.mime_type == "image/png"
        with Image.open(io.BytesIO(base64.b64decode(shown.data))) as seen:
            large = np.array(seen.convert("RGBA"))
        assert np.array_equal(large[8::16, 8::16], sprite.rgba())


def test_a_seed_draws_the_same_and_overwrites_nothing(session: dict[str, Any]) -> None:
    first, again = about(session["drawn"])["images"], about(session["again"])["images"]
    assert {i["path"] for i in first}.isdisjoint(i["path"] for i in again)
    for one, other in zip(first, again):
        assert np.array_equal(read_sprite(one["path"]).rgba(), read_sprite(other["path"]).rgba())


def test_palettes_of_a_file_and_of_colours(session: dict[str, Any]) -> None:
    for name, allowed in (("own", {"#ff0000", "#0000ff"}), ("hex", {"#000000", "#ffffff"})):
        sprite = read_sprite(about(session[name])["images"][0]["path"])
        used = sprite.palette[np.unique(sprite.indices)]
        assert {f"#{bytes(c[:3]).hex()}" for c in used.tolist() if c[3]} <= allowed
    assert {"pico-8", "gameboy"} <= {p["name"] for p in about(session["palettes"])["palettes"]}


def test_edit_changes_its_region_alone(session: dict[str, Any], places: tuple[Path, Path]) -> None:
    told = about(session["edited"])
    before, after = read_sprite(places[1] / "box.png").rgba(), read_sprite(told["images"][0]["path"]).rgba()
    changed = (before != after).any(-1)
    inside = np.zeros((16, 16), bool)
    inside[6:10, 6:10] = True
    assert told["changed_cells"] == changed.sum() == 16
    assert told["changed_outside"] == 0
    assert not changed[~inside].any()
    assert told["operation"] == "recolor"
    assert "green" in told["region"]


def test_export_writes_the_format(session: dict[str, Any]) -> None:
    image, description = about(session["sheet"])["paths"]
    with Image.open(image) as sheet:
        assert sheet.size == (64, 32)
    assert len(json.loads(Path(description).read_text())["frames"]) == 2
    assert any(path.endswith(".tres") for path in about(session["godot"])["paths"])


def test_styles_and_limits(session: dict[str, Any], places: tuple[Path, Path]) -> None:
    assert "character" in about(session["styles"])["kinds"]
    limits = about(session["limits"])
    assert limits["side_px"] == [8, 256]
    assert str(places[1].resolve()) in limits["reads"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("empty", "the prompt is empty"),
        ("many", "1 to 8"),
        ("size", "WIDTHxHEIGHT"),
        ("type", "n: "),
        ("missing", "prompt: "),
        ("unknown", "no 'colour'; it takes: prompt"),
        ("style", "unknown style"),
        ("palette", "pico-8"),
        ("outside", "--allow"),
        ("up", "--allow"),
        ("link", "--allow"),
        ("nul", "no path"),
        ("absent", "there is no file"),
        ("palette file", "--allow"),
        ("vague", ""),
        ("no part", "moat"),
        ("format", "texturepacker"),
        ("nothing", "1 to 256"),
        ("id", "no sprite"),
        ("tool", "there is no tool"),
    ],
)
def test_bad_input_is_an_error_of_one_line(session: dict[str, Any], name: str, says: str) -> None:
    result = session["bad"][name]
    assert result.is_error
    (content,) = result.content
    assert says in content.text
    assert content.text.strip()
    assert "\n" not in content.text
    assert "Traceback" not in content.text


def test_the_server_lives_on_after_errors(session: dict[str, Any]) -> None:
    assert len(about(session["after"])["colors"]) == 4


def test_sprites_of_the_studio_by_id(places: tuple[Path, Path]) -> None:
    from pixelmind.storage import Database

    home, art = places
    sprite = read_sprite(art / "box.png")
    with Database(f"sqlite:///{home / 'pixelmind.db'}") as db:
        db.upgrade()
        mine = db.sprites.add(db.users.ensure("local"), sprite).id
        other = db.sprites.add(db.users.ensure("other"), sprite).id

    async def run(client: Client) -> Any:
        found = await client.call_tool("export", {"images": [mine], "format": "hex"})
        return found, await client.call_tool("export", {"images": [other], "format": "hex"})

    found, hidden = talk(places, run)
    assert Path(about(found)["paths"][0]).read_text().split() == ["28c828", "c82828"]
    assert hidden.is_error
    assert "no such sprite" in hidden.content[0].text


def test_stdout_holds_the_protocol_alone(places: tuple[Path, Path]) -> None:
    asked = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    environment = os.environ | {"PIXELMIND_HOME": str(places[0]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pixelmind.cli", "mcp"],
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        check=False,
    )
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["result"]["serverInfo"]["name"] == "pixelmind"


def test_a_folder_that_is_not_there_is_refused(places: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pixelmind.cli", "mcp", "--allow", str(places[1] / "none")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: there is no folder")
