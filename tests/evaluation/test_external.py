"""PixelBench: the prompts file, pictures of others scored as ours are, bad input in one line, and the baselines."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.evaluation import baselines, external, prompts_file
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.nearest_words import NearestWords, words
from pixelmind.evaluation.prompts_file import Line
from pixelmind.evaluation.stage import run as run_core
from pixelmind.pixels.png import encode_rgba_png
from pixelmind.records import Conditioning, GenerationRequest

CONFIG = EvaluationConfig(num_prompts=16, num_procedural=0, num_unseen=0, num_images=2, num_conformance=0, num_timed=1)


def figures(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    return {(f["section"], f["metric"]): f for f in json.loads((folder / "report.json").read_text())["figures"]}


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_a_prompts_file_comes_back(suffix: str, tmp_path: Path) -> None:
    lines = [
        Line(
            prompt='a "red" key, small',
            images=("a.png", "b.png"),
            id="x1",
            width=16,
            height=8,
            palette="nes",
            max_colors=4,
        ),
        Line(prompt="grün", images=("c.png", "d/e.png")),
    ]
    assert prompts_file.read(prompts_file.write(tmp_path / f"p{suffix}", lines)) == lines


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.jsonl", "", "holds no prompt"),
        ("p.jsonl", "[1]", "p.jsonl:1: a line must be a JSON object"),
        ("p.jsonl", '{"prompt": "a"}', "images"),
        ("p.jsonl", '{"images": ["a.png"]}', '"prompt" is missing'),
        ("p.jsonl", '{"prompt": "a", "image": "../a.png"}', "without .."),
        ("p.jsonl", '{"prompt": "a", "image": "a.png", "width": 16}', "width and height together"),
        ("p.jsonl", '{"prompt": "a", "image": "a.png", "width": 4, "height": 8}', "between 8 and 256"),
        ("p.jsonl", '{"prompt": "a", "image": "a.png", "max_colors": "many"}', "whole number"),
        ("p.jsonl", '{"prompt": "a", "image": "a.png", "palette": "nesss"}', "unknown palette"),
        ("p.jsonl", '{"prompt": "a", "image": "a.png", "seed": 1}', "unknown field 'seed'"),
        ("p.jsonl", '{"prompt": "a", "image": "a"}\n{"prompt": "b", "images": ["a", "b"]}', "1 and 2 images"),
        ("p.csv", "prompt,image\n,a.png\n", '"prompt" is missing'),
        ("p.txt", "a castle", "must end in .jsonl or .csv"),
    ],
)  # fmt: skip
def test_bad_prompts_files_name_the_line(name: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as caught:
        prompts_file.read(tmp_path / name)
    assert message in str(caught.value)


@pytest.fixture(scope="module")
def drawn(store: Path, judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of two oracles and the nearest neighbour."""
    out = tmp_path_factory.mktemp("table")
    baselines.run(None, [store], out, judge, CONFIG, only=("shuffled", "real", "nearest-neighbour"), copies=True)
    return out


def test_pictures_from_files_score_as_in_eval_core(drawn: Path, store: Path, judge: Judge, tmp_path: Path) -> None:
    run_core(CONFIG, "real", store, tmp_path, judge=judge, progress=lambda _: None)
    ours, theirs = figures(tmp_path), figures(drawn / "real")
    same = [k for k in theirs if k[0] in ("prompts", "distribution", "copies", "by source") and k in ours]
    assert len(same) >= 8
    for key in same:
        assert theirs[key]["value"] == pytest.approx(ours[key]["value"], abs=1e-4), key
    assert theirs["pixels", "conformance"]["value"] == theirs["pixels", "grid score"]["value"] == 1


def test_the_table_orders_floor_and_ceiling_and_says_what_was_not_run(drawn: Path) -> None:
    share = {
        n: figures(drawn / n)["prompts", "judge R@1 share"]["value"] for n in ("shuffled", "real", "nearest-neighbour")
    }
    assert share["shuffled"] < 0.5 < share["nearest-neighbour"]
    assert share["real"] == pytest.approx(1, abs=0.15)
    assert figures(drawn / "nearest-neighbour")["copies", "exact copies"]["value"] > 0.5
    page = (drawn / "table.md").read_text()
    assert "| five-dollar | not run: " in page
    assert len({line.count("|") for line in page.splitlines()}) == 1


def test_nearest_words_by_hand(store: Path) -> None:
    assert words("A pair of the Red castles") == ["pair", "red", "castle"]
    finder = NearestWords([store])
    found = finder.nearest("purple stripe number 1", 1)
    caption = next(iter(finder._stores[0].scan(["captions"], filter=f"id = '{found[0]}'")))["captions"][0]
    assert caption == "a purple stripe number 1"
    asked = Conditioning(prompt="purple stripe", height=12, width=9, max_colors=2)
    (result,) = finder.generate_batch([GenerationRequest(conditioning=asked, num_images=2)])
    assert [(s.height, s.width, s.num_colors <= 2) for s in result.sprites] == [(12, 9, True)] * 2
    with pytest.raises(BadInput, match="no drawn training pictures"):
        NearestWords([store], drawn=True)


def test_others_pictures_without_a_store(
    judge: Judge, judge_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Four times enlarged is on the grid; a soft alpha and a wrong size are not as asked."""
    rng = np.random.default_rng(0)
    images, lines = tmp_path / "images", []
    images.mkdir()
    for n in range(12):
        rgba = rng.integers(0, 256, (8, 8, 4), dtype=np.uint8)
        rgba[..., 3] = 255
        if n == 0:
            rgba[0, 0, 3] = 100
        big = rgba.repeat(4, 0).repeat(4, 1) if n != 1 else rgba[:7]
        (images / f"{n}.png").write_bytes(encode_rgba_png(big))
        lines.append({"prompt": f"thing number {n}", "image": f"{n}.png", "width": 8, "height": 8})
    lines[2]["palette"] = "1bit"
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words_ = [
        "eval",
        "external",
        "--prompts",
        str(tmp_path / "p.jsonl"),
        "--images",
        str(images),
        "--out",
        str(tmp_path / "out"),
    ]
    assert cli.run([*words_, "--judge", str(judge_folder), "--json"]) == 0
    told = {(f["section"], f["metric"]): f["value"] for f in json.loads(capfd.readouterr().out)["figures"]}
    assert told["pixels", "conformance"] == pytest.approx(9 / 12)
    assert told["pixels", "grid score"] == pytest.approx(11 / 12)
    assert told["pixels", "palette adherence"] == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {m["section"] for m in report["missing"]} >= {"distribution", "copies"}
    assert "Intent Fidelity share" not in str(report["figures"])
    assert (tmp_path / "out" / "report.html").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words_", "message"),
    [
        (["--prompts", "p.jsonl"], "name --prompts FILE, --images DIR and --out DIR"),
        (["--export-prompts", "x.jsonl"], "--data STORE"),
        (["--prompts", "p.jsonl", "--images", "none", "--out", "o"], "none is no folder"),
        (["--prompts", "p.jsonl", "--images", ".", "--out", "o"], "1 pictures are not in ., the first is a.png"),
        (["--baselines", "--data", "s", "--out", "o", "--also", "x"], "is not NAME=DIR"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    words_: list[str], message: str, judge_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("p.jsonl").write_text('{"prompt": "a", "image": "a.png"}\n')
    assert cli.run(["eval", "external", *words_, "--judge", str(judge_folder)]) == 2
    error = capfd.readouterr().err.strip().splitlines()
    assert message in error[-1]
    assert not Path("o").exists()


def test_the_prompts_are_handed_out(store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bench.csv"
    words_ = [
        "eval",
        "external",
        "--export-prompts",
        str(path),
        "--data",
        str(store),
        "--set",
        "evaluation.num_prompts=7",
    ]
    assert cli.run(words_) == 0
    assert "7 prompts" in capfd.readouterr().out
    lines = prompts_file.read(path)
    assert len(lines) == 7
    assert all(line.id and line.width >= 8 and len(line.images) == 5 for line in lines)
    assert lines[0].images[0] == external.image_names(0, 5)[0] == "0000-0.png"
