import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.training.config import (
    PRESETS,
    LoopConfig,
    apply_overrides,
    build,
    differences,
    load_preset,
    plain,
    resolved,
)


@dataclass(frozen=True, kw_only=True)
class Room:
    width: int
    scale: float = 1.0
    mode: Literal["a", "b"] = "a"
    sizes: tuple[int, ...] = (16, 64)
    pair: tuple[float, str] = (0.5, "x")
    names: list[str] = field(default_factory=list)
    limit: int | None = None
    out: Path = Path("runs")
    weights: dict[str, float] = field(default_factory=dict)
    flag: bool = False
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=10))


@pytest.mark.parametrize("name", ["nano", "small", "base"])
def test_every_preset_is_read_by_name_and_by_path(name):
    assert load_preset(name) == load_preset(PRESETS / f"{name}.toml")


def test_presets_of_the_repository_are_those_of_the_package():
    top = Path(__file__).parents[2] / "presets"
    assert top.resolve() == PRESETS.resolve()


def test_unknown_preset_names_the_near_one_and_broken_toml_its_line(tmp_path):
    with pytest.raises(BadInput, match=r"no preset 'smal' \(did you mean small\?\); presets are base, nano, small"):
        load_preset("smal")
    broken = tmp_path / "x.toml"
    broken.write_text("[encoder\n")
    with pytest.raises(BadInput, match=r"not valid TOML.*line 1"):
        load_preset(broken)


def test_overrides_take_toml_values_and_bare_words_and_leave_the_preset_alone():
    preset = {"room": {"width": 8, "loop": {"lr": 0.1}}}
    changed = apply_overrides(
        preset, ["room.loop.lr=1e-3", "room.mode=b", "room.sizes=[8, 16]", "room.flag = true", 'room.out="a=b"']
    )
    assert changed == {
        "room": {"width": 8, "loop": {"lr": 1e-3}, "mode": "b", "sizes": [8, 16], "flag": True, "out": "a=b"}
    }
    assert preset == {"room": {"width": 8, "loop": {"lr": 0.1}}}


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("room.width", "KEY=VALUE"),
        ("room..width=3", "KEY=VALUE"),
        ("roon.width=3", r"no table 'roon' \(did you mean room\?\)"),
        ("room.width.x=3", "room.width is a value"),
        ("room.loop=3", "is a table; name one of its keys: lr"),
    ],
)
def test_wrong_overrides_are_named(override, says):
    with pytest.raises(BadInput, match=says):
        apply_overrides({"room": {"width": 8, "loop": {"lr": 1}}}, [override])


def test_build_converts_nested_tables():
    table = {"width": 3, "scale": 2, "sizes": [8], "pair": [1, "y"], "limit": 4, "out": "o", "loop": {"minutes": 5}}
    room = build(Room, table)
    assert room == Room(
        width=3, scale=2.0, sizes=(8,), pair=(1.0, "y"), limit=4, out=Path("o"), loop=LoopConfig(minutes=5.0)
    )
    assert isinstance(room.scale, float)
    assert isinstance(room.loop.minutes, float)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "missing key room.width"),
        ({"width": 1, "widht": 2}, r"unknown key room.widht \(did you mean room.width"),
        ({"width": 1, "lr": 2.0}, r"unknown key room.lr \(did you mean .*room.loop.lr"),
        ({"width": 1.5}, "room.width must be int, got 1.5"),
        ({"width": True}, "room.width must be int, got True"),
        ({"width": 1, "scale": "2"}, "room.scale must be float, got '2'"),
        ({"width": 1, "mode": "c"}, "room.mode must be one of a, b, got 'c'"),
        ({"width": 1, "sizes": [1, "2"]}, r"room.sizes\[1\] must be int"),
        ({"width": 1, "pair": [1.0]}, "room.pair must be tuple"),
        ({"width": 1, "limit": "x"}, "room.limit must be"),
        ({"width": 1, "weights": {"a": "b"}}, "room.weights.a must be float"),
        ({"width": 1, "flag": 1}, "room.flag must be bool"),
        ({"width": 1, "loop": {"step": 1}}, r"unknown key room.loop.step \(did you mean room.loop.steps"),
        ({"width": 1, "loop": 3}, "room.loop must be LoopConfig"),
        ({"width": 1, "loop": {}}, "give a budget"),
    ],
)
def test_build_is_strict(table, says):
    with pytest.raises(BadInput, match=says):
        build(Room, table, "room")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"lr": 0.0}, "lr must be above 0"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"grad_clip": -1.0}, "grad_clip must not be negative"),
        ({"decay_fraction": 0.0}, "decay_fraction"),
        ({"ema_halflife_samples": (1.0, 2.0, 3.0)}, "at most two"),
        ({"device": "tpu"}, "device must be auto"),
        ({"prefetch": -2}, "prefetch must be"),
    ],
)
def test_loop_config_refuses_nonsense(wrong, says):
    with pytest.raises(BadInput, match=says):
        LoopConfig(steps=1, **wrong)


def test_every_loop_key_has_help_under_it():
    lines = (Path(PRESETS).parent / "config.py").read_text().splitlines()
    start = lines.index("class LoopConfig:")
    for name in LoopConfig.__dataclass_fields__:
        at = next(i for i in range(start, len(lines)) if lines[i].startswith(f"    {name}: "))
        assert lines[at + 1].startswith('    """'), name


def test_resolved_config_reads_back_as_itself():
    room = build(Room, {"width": 3, "limit": 2, "weights": {"a b": 1.5, "é\n": 1e-9}, "names": ['q"uote']})
    assert build(Room, tomllib.loads(resolved(room))) == room
    assert "limit" not in resolved(Room(width=1))


_scalars = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.text(max_size=8))
_texts = st.text(min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.dictionaries(_texts, _scalars | st.lists(_scalars, max_size=3), max_size=3),
        lambda inner: st.dictionaries(_texts, inner | st.lists(inner, max_size=2), max_size=3),
        max_leaves=8,
    )
)
def test_any_table_survives_toml(table):
    assert tomllib.loads(resolved(table)) == table


def test_differences_name_keys_but_let_budgets_grow():
    ten, twenty, timed = (plain(LoopConfig(**kw)) for kw in ({"steps": 10}, {"steps": 20}, {"minutes": 3, "lr": 2}))
    old = {"g": {"width": 8, "loop": ten, "steps": 4}, "loop": ten}
    new = {"g": {"width": 9, "loop": twenty, "steps": 5, "x": 1}, "loop": timed}
    assert differences(old, new) == [
        "g.steps was 4, now 5", "g.width was 8, now 9", "g.x was unset, now 1", "loop.lr was 0.001, now 2",
    ]  # fmt: skip


def test_the_room_and_its_presets_need_no_torch():
    code = "import sys, pixelmind.training as t; t.load_preset('nano'); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
