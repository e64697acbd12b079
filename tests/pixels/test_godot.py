"""Godot's SpriteFrames, read by a small reader of Godot's text resources that shares nothing with the writer."""

import ast
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.pixels import export, png
from pixelmind.pixels.strip import Tag

SECTION = re.compile(r"^\[(\w+)((?: \w+=(?:\"(?:[^\"\\]|\\.)*\"|\d+))*)\]$")
SETTING = re.compile(r" (\w+)=(\"(?:[^\"\\]|\\.)*\"|\d+)")
TOKEN = re.compile(
    r"""\s*(?:(?P<text>&?"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>\w+)|(?P<mark>[\[\]{}(),:]))"""
)


def tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, f"not a Godot value: {text[at : at + 40]!r}"
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def value(rest: list[tuple[str, str]]):
    """Take one value off the front: text, number, true/false, array, dictionary or Constructor(arguments)."""
    kind, text = rest.pop(0)
    if kind == "text":
        return ast.literal_eval(text.lstrip("&"))
    if kind == "number":
        return float(text) if "." in text else int(text)
    if kind == "word" and text in ("true", "false"):
        return text == "true"
    closing = {"[": "]", "{": "}"}.get(text, ")")
    if kind == "word":
        assert rest.pop(0)[1] == "("
    items, pairs = [], {}
    while rest[0][1] != closing:
        item = value(rest)
        if text == "{":
            assert rest.pop(0)[1] == ":"
            pairs[item] = value(rest)
        else:
            items.append(item)
        if rest[0][1] == ",":
            rest.pop(0)
    rest.pop(0)
    return pairs if text == "{" else (text, *items) if kind == "word" else items


def read(data: bytes):
    """(header, texture path, {id: (x, y, w, h)}, animations) of a .tres."""
    parts = re.split(r"^(?=\[(?:gd_resource|ext_resource|sub_resource|resource)\b)", data.decode(), flags=re.M)
    header, texture, regions, animations, textures = {}, "", {}, None, {}
    for part in filter(None, parts):
        head, _, body = part.partition("\n")
        match = SECTION.match(head)
        assert match, head
        settings = {k: ast.literal_eval(v) for k, v in SETTING.findall(match[2])}
        values = {}
        for line in re.split(r"\n(?=\w+ = )", "\n" + body):
            if line.strip():
                name, _, text = line.strip().partition(" = ")
                rest = tokens(text)
                values[name] = value(rest)
                assert not rest
        if match[1] == "gd_resource":
            header = settings
        elif match[1] == "ext_resource":
            assert settings["type"] == "Texture2D"
            texture = settings["path"]
            textures[settings["id"]] = texture
        elif match[1] == "sub_resource":
            assert settings["type"] == "AtlasTexture"
            assert values["atlas"][0] == "ExtResource"
            assert values["atlas"][1] in textures
            assert values["region"][0] == "Rect2"
            regions[settings["id"]] = values["region"][1:]
        else:
            animations = values["animations"]
    return header, texture, regions, animations


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 1 << 30),
    st.integers(1, 20),
    st.integers(1, 3),
    st.lists(st.integers(1, 3000), min_size=20, max_size=20),
    st.text(max_size=12),
    st.booleans(),
)
def test_regions_and_times_are_exact(draw, seed, count, scale, times, name, loop):
    sprites, times = draw(seed, count), times[:count]
    made = export.pack(sprites, "godot", f'he"ro {name}', scale, durations=times, loop=loop)
    frames_file, image_file = made
    header, texture, regions, animations = read(made[frames_file])
    assert header == {"type": "SpriteFrames", "load_steps": count + 2, "format": 3}
    assert texture == image_file
    (animation,) = animations
    assert animation.keys() == {"frames", "loop", "name", "speed"}
    assert (animation["name"], animation["loop"]) == ("default", loop)
    image = png.decode_png(made[image_file])
    for frame, sprite, ms in zip(animation["frames"], sprites, times, strict=True):
        kind, name = frame["texture"]
        x, y, w, h = regions[name]
        assert kind == "SubResource"
        np.testing.assert_array_equal(image[y : y + h : scale, x : x + w : scale], sprite.rgba())
        assert frame["duration"] >= 0.01  # Godot lengthens shorter ones
        assert abs(1000 * frame["duration"] / animation["speed"] - ms) < 1e-3 * ms


def test_tags_become_animations_under_names_that_godot_takes(draw):
    tags = [
        Tag(name="walk/left", first=0, last=2, direction="pingpong"),
        Tag(name='say "hi", \\ you', first=3, last=3),
        Tag(name="walk:left", first=1, last=2, direction="reverse"),
    ]
    made = export.pack(draw(count=4), "godot", "hero", tags=tags, durations=[100, 100, 50, 400])
    _, _, _, animations = read(made["hero.tres"])
    shown = {
        a["name"]: [(int(f["texture"][1].rpartition("_")[2]), f["duration"]) for f in a["frames"]] for a in animations
    }
    assert shown == {
        "walk_left": [(0, 1), (1, 1), (2, 0.5), (1, 1)],
        'say "hi"  \\ you': [(3, 1)],
        "walk_left 2": [(2, 1), (1, 2)],
    }
    assert [a["speed"] for a in animations] == [10, 2.5, 20]


@pytest.mark.parametrize("text", ["[1", '{"a" 1}', "%"])
def test_the_reader_itself_refuses_what_is_no_resource(text):
    with pytest.raises((AssertionError, IndexError)):
        value(tokens(text))
