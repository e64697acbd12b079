"""The stress suite: its files, its hard checks on hand-made pictures, its tests on hand-made answers, and a short run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pixelmind
from pixelmind import cli
from pixelmind.dialogue.policy import load_policy
from pixelmind.errors import BadInput
from pixelmind.evaluation import checks, stress, suite
from pixelmind.records import Sprite


# ------------------------------------------------------------------------------------------------------------ the files
def test_the_suite_is_whole() -> None:
    cases = suite.read()
    assert all(len(cases[kind]) >= 60 for kind in suite.KINDS)
    assert sum(bool(c.ask) for c in cases["ambiguous"]) >= 60
    assert sum(c.expect == "named" for c in cases["adversarial"]) >= 60
    everything = [c for kind in suite.KINDS for c in cases[kind]]
    assert len({(c.said, json.dumps(c.options)) for c in everything}) == len(everything)
    assert all(c.sides for c in everything if c.expect == "named")
    said = {turn for c in everything for turn in c.turns}
    assert said >= {
        "8-bit castle with red flags", "a castle, both minimal and highly detailed", "photorealistic face in 16x16",
        "NES and PS5 quality knight", "isometric dungeon with water reflection", "psychedelic cyberpunk street", "castle",
        "a castle, make it nostalgic", "make the sky darker", "a green slime with a crown", "castle under a blue sky at noon",
        "a castle in web-safe 1996 colours", "give him a red cape", "remove the moon",
    }  # fmt: skip


def test_nothing_below_reads_the_suite() -> None:
    root = Path(pixelmind.__file__).parent
    readers = [
        p
        for p in root.rglob("*.py")
        if "evaluation/suite" in p.read_text() or "evaluation import suite" in p.read_text()
    ]
    assert {p.relative_to(root).parts[0] for p in readers} <= {"evaluation", "cli"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not a JSON object"),
        ('{"id": "x", "turns": ["a"], "colour": 1}', "unknown field 'colour'"),
        ('{"id": "x", "turns": []}', "at least one text"),
        ('{"id": "x", "turns": ["a"], "check": {"beauty": 1}}', "unknown check 'beauty'"),
        ('{"id": "x", "turns": ["a"]}\n{"id": "x", "turns": ["b"]}', "an id of its own"),
    ],
)
def test_a_bad_suite_names_the_line(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "ambiguous.jsonl").write_text(line)
    with pytest.raises(BadInput, match=message):
        suite.read(tmp_path)


# ----------------------------------------------------------------------------------------------------------- the checks
def picture(*rows: str, **colors: tuple[int, int, int]) -> np.ndarray:
    """Letters to colours; "." is clear."""
    out = np.zeros((len(rows), len(rows[0]), 4), np.uint8)
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter != ".":
                out[y, x] = (*colors[letter], 255)
    return out


RED, NEAR, GREY = (204, 51, 0), (205, 51, 0), (9, 9, 9)
WIDE = ["." * 8] * 3


@pytest.mark.parametrize(
    ("name", "value", "good", "bad"),
    [
        ("size", [8, 3], picture(*WIDE), picture(*WIDE[:2])),
        ("websafe", True, picture("r", r=RED), picture("rn", r=RED, n=NEAR)),
        ("colors", 1, picture("r.", r=RED), picture("rg", r=RED, g=GREY)),
        ("grey", True, picture("g.", g=GREY), picture("gr", g=GREY, r=RED)),
        ("only", ["cc3300"], picture("r.", r=RED), picture("n.", n=NEAR)),
        ("palette", "1bit", picture("w.", w=(255, 255, 255)), picture("wr", w=(255, 255, 255), r=RED)),
        ("mirror", True, picture("r.r", ".r.", r=RED), picture("rg", r=RED, g=GREY)),
        ("clear", True, picture("...", ".r.", "...", r=RED), picture("rrr", "r.r", "rrr", r=RED)),
        ("full", True, picture("rr", r=RED), picture("r.", r=RED)),
        ("seamless", True, picture("rgrg", "grgr", r=RED, g=GREY), picture("rrrg", "rrrg", "rrgg", "gggg", r=RED, g=(255, 255, 255))),
    ],
)  # fmt: skip
def test_each_check_passes_and_fails(name: str, value: Any, good: np.ndarray, bad: np.ndarray) -> None:
    if name == "seamless":  # a ramp from left to right: the wrap jumps farther than any step inside
        bad = np.zeros((4, 6, 4), np.uint8)
        bad[..., 3] = 255
        bad[..., 0] = np.arange(6) * 40
    assert checks.PICTURE[name](good, value) == ""
    assert checks.PICTURE[name](bad, value)


def test_web_safe_is_the_216_of_1996() -> None:
    assert len(checks.WEB_SAFE) == 216
    assert (51, 102, 153) in checks.WEB_SAFE
    assert (50, 102, 153) not in checks.WEB_SAFE


def test_every_sprite_must_be_drawn() -> None:
    sprite = Sprite.from_rgba(picture(*["........"] * 8))
    assert checks.faults(sprite, {}) == ["nothing is drawn: one colour only"]
    assert checks.edit_faults({"outside": 0}, None, sprite, sprite) == ["no edit was done"]
    other = Sprite.from_rgba(picture("r.......", *["........"] * 7, r=RED))
    assert checks.edit_faults({"restored": 0}, None, sprite, other)
    assert not checks.edit_faults({"restored": 0}, None, other, other)


# ------------------------------------------------------------------------------------------------------------ the tests
def test_what_names_a_contradiction_is_told_from_the_rest() -> None:
    named = "Noon and full moon cannot both be; I take noon."
    said = f"{named} I took nostalgic as Game Boy colours; say otherwise. Here is a castle, 32x32 px."
    assert stress.naming(said) == named
    assert stress.naming("I took some as three; say otherwise. Here is a castle.") == ""


def test_shares_have_wilson_intervals() -> None:
    """9 of 10: 0.596 to 0.982 (Wilson 1927)."""
    case = suite.Case(id="x", turns=("a",))
    outcomes = [stress.Outcome(case, "edge", tests={"conforms": i > 0}) for i in range(10)]
    whole, conforms = stress.figures_of(outcomes)
    assert whole.value == conforms.value == 0.9
    assert conforms.spread == pytest.approx((0.982 - 0.596) / 2, abs=2e-3)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    lines = {
        "ambiguous": [
            {"id": "a1", "turns": ["a castle with some flags, 16x16"], "ask": ["count"], "default": ["three"], "keep": {"size": [16, 16]}},
            {"id": "a2", "turns": ["a red key, 16x16"], "ask": []},
        ],
        "edge": [
            {
                "id": "e1", "turns": ["a heart"], "options": {"size": [8, 8], "palette": "web-safe"},
                "check": {"size": [8, 8], "websafe": True},
            },
            {"id": "e2", "turns": ["a heart, 8x8"], "check": {"size": [9, 9]}, "cannot": ["love"]},
        ],
        "adversarial": [
            {
                "id": "v1", "turns": ["a castle, 1000x3"], "expect": "named", "sides": [["1000"], ["8"]],
            },
            {"id": "v2", "turns": ["undo"], "expect": "refused"},
        ],
    }  # fmt: skip
    for kind, rows in lines.items():
        (folder / f"{kind}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def test_a_run_goes_through_chat_and_generate(small: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["eval", "stress", "--out", str(tmp_path), "--prompts", str(small), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    report = json.loads((tmp_path / "report.json").read_text())
    by_id = {c["id"]: c for c in report["cases"]}
    assert by_id["e1"]["tests"] == {"conforms": True}
    assert by_id["e2"]["why"] == ["conforms: it is 8x8 px, not 9x9"]
    assert (tmp_path / "pictures" / "e2.png").is_file()
    assert by_id["a2"]["tests"]["no unneeded question"]
    assert by_id["v1"]["tests"]["named"]
    assert by_id["v2"]["tests"] == {"answered as expected": True}
    share = next(f for f in told["figures"] if (f["section"], f["metric"]) == ("edge", "cases without a failure"))
    assert share["value"] == 0.5
    page = (tmp_path / "report.html").read_text()
    assert "it is 8x8 px, not 9x9" in page
    assert "love (1)" in page
    assert page.count("data:image/png") == sum(c["picture"] is not None for c in report["cases"])


def test_a_policy_that_never_asks_states_its_default() -> None:
    rooms = stress.Rooms(pipe=None, parser=None, policy=load_policy(), check=None)  # type: ignore[arg-type]
    assert rooms.session(asks=False).policy.cost == float("inf")
    assert rooms.session().policy.cost < 1
