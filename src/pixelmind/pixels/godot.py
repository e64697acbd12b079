"""Godot 4: SpriteFrames (.tres) for AnimatedSprite2D, over one sheet.

Format: Godot's text resources (format 3): an external Texture2D, an AtlasTexture a frame, a resource with its animations. The
texture is named relative to the .tres, so the two files work in any folder of a project as long as they lie together.
A frame lasts `duration / speed` seconds: the speed is that of the run's most frequent time, the durations are multiples of it.
"""

from __future__ import annotations

from collections import Counter

from pixelmind.pixels.sheets import Sheet
from pixelmind.pixels.strip import Strip, distinct

TEXTURE = "1_sheet"
SHORTEST = 0.01  # Godot lengthens a frame of a smaller `duration`
_FORBIDDEN = str.maketrans({"/": "_", ":": "_", ",": " "})  # which Godot's editor takes out of an animation's name


def sprite_frames(strip: Strip, sheet: Sheet, image_name: str) -> bytes:
    """The .tres: an animation a tag in playing order; all frames as "default" where there is no tag."""
    out = [
        f'[gd_resource type="SpriteFrames" load_steps={len(sheet.boxes) + 2} format=3]\n',
        f'[ext_resource type="Texture2D" path={_quoted(image_name)} id="{TEXTURE}"]\n',
    ]
    for i, box in enumerate(sheet.boxes):
        out.append(
            f'[sub_resource type="AtlasTexture" id="{_frame(i)}"]\natlas = ExtResource("{TEXTURE}")\n'
            f"region = Rect2({box.x}, {box.y}, {box.width}, {box.height})\n"
        )
    runs = strip.runs()
    names = distinct(name.translate(_FORBIDDEN).strip() or "animation" for name, _ in runs)
    animations = ", ".join(_animation(strip, name, frames) for name, (_, frames) in zip(names, runs))
    out.append(f"[resource]\nanimations = [{animations}]\n")
    return "\n".join(out).encode()


def _frame(index: int) -> str:
    return f"AtlasTexture_{index}"


def _animation(strip: Strip, name: str, frames: list[int]) -> str:
    times = [strip.durations[i] for i in frames]
    usual = Counter(times).most_common(1)[0][0]
    if min(times) < SHORTEST * usual:
        usual = min(times)
    entries = ", ".join(
        f'{{\n"duration": {_number(ms / usual)},\n"texture": SubResource("{_frame(i)}")\n}}'
        for i, ms in zip(frames, times)
    )
    loop = str(strip.loop).lower()
    return (
        f'{{\n"frames": [{entries}],\n"loop": {loop},\n"name": &{_quoted(name)},\n"speed": {_number(1000 / usual)}\n}}'
    )


def _number(value: float) -> str:
    text = f"{value:.9g}"
    return text if "." in text or "e" in text else f"{text}.0"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
