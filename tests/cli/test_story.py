"""The way of data through the command line: scenes, a store, parts trained for some steps, stopped, resumed, measured."""

import json
import signal
import subprocess
import sys
import time

import pytest

from pixelmind import cli

SMALL = [
    "--set", "generator.level16.loop.batch_size=8", "--set", "generator.level64.loop.batch_size=4",
    "--set", "generator.level16.network.width=32", "--set", "generator.level16.network.depth=2",
    "--set", "generator.level16.network.heads=2", "--set", "generator.level64.network.width=32",
    "--set", "generator.level16.loop.threads=1", "--set", "generator.level64.loop.threads=1",
    "--set", "generator.level256.loop.threads=1", "--set", "generator.level256.loop.batch_size=4",
    "--set", "generator.level256.network.width=32", "--set", "generator.level256.crop=32",
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Drawn scenes in a store, made by the command."""
    path = tmp_path_factory.mktemp("data") / "store"
    assert cli.run(["data", "synth", "--out", str(path), "-n", "120", "--max-size", "24"]) == 0
    large = ["-n", "8", "--min-size", "96", "--max-size", "96", "--seed", "1"]
    assert cli.run(["data", "synth", "--out", str(path), *large]) == 0
    return path


def test_synth_again_adds_nothing_and_stats_tell(command, store, tmp_path):
    again = command("data", "synth", "--out", store, "-n", "120", "--max-size", "24", "--json").json()
    assert again["added"] == 0
    found = command("data", "stats", store, "--json").json()
    assert found["images"] == again["total"]
    assert set(found["sources"]) == {"procedural"}
    assert "procedural" in command("data", "stats", store).out
    assert "procedural" in command("data", "stats", store, "--credits").out
    shown = command("data", "show", store, "-o", "sheet.png", "-n", "6", "--json").json()
    assert len(shown["rows"]) == 6
    assert (tmp_path / "sheet.png").stat().st_size > 0


def test_import_reads_a_folder_with_metadata(command, tmp_path):
    import numpy as np

    from pixelmind.pixels import palettes, png, quantize

    (tmp_path / "art").mkdir()
    rng = np.random.default_rng(0)
    for i in range(3):
        rgba = rng.integers(0, 256, (16, 16, 4), dtype=np.uint8)
        (tmp_path / "art" / f"{i}.png").write_bytes(png.encode_png(quantize.to_palette(rgba, palettes.get("pico-8"))))
    (tmp_path / "art" / "broken.png").write_bytes(b"no")
    rows = [{"file_name": f"{i}.png", "text": f"a noisy rug number {i}", "license": "CC0-1.0"} for i in range(3)]
    rows.append({"file_name": "broken.png", "text": "a rug", "license": "CC0-1.0"})
    (tmp_path / "art" / "metadata.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    ran = command("data", "import", "art", "--out", "store")
    assert ran.code == 0, ran.err
    assert "3 pictures added" in ran.out
    assert "broken.png" in ran.err
    missing = command("data", "import", "nowhere", "--out", "store")
    assert missing.code == 2
    assert "nowhere" in missing.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data", "stats", "nowhere"], "nowhere"),
        (["data", "show", "nowhere"], "nowhere"),
        (["data", "synth", "--out", "s", "-n", "0"], "at least 1"),
        (["train", "everything"], "encoder, generator, few-steps, judge"),
        (["train", "encoder"], "--data STORE --out RUN"),
        (["train", "encoder", "--preset", "nono", "--dry-run"], "nano"),
        (["train", "encoder", "--set", "encoder.loop.lrr=1", "--dry-run"], "encoder.loop.lr"),
        (["train", "judge", "--minutes", "0"], "--minutes"),
        (["train", "judge", "--level", "16"], "generator, few-steps, maml, dpo, dialogue, parser and critic only"),
        (["train", "generator", "--level", "32", "--data", "s", "--out", "r"], "16, 64"),
        (["eval", "core", "--data", "nowhere", "--out", "e", "--weights", "nowhere"], "nowhere"),
        (["release", "--minutes", "-1"], "--minutes"),
    ],
)
def test_bad_input_is_one_line_and_two(command, arguments, message):
    ran = command(*arguments)
    assert ran.code == 2
    assert message in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("what", ["encoder", "generator", "judge"])
def test_dry_run_prints_the_resolved_settings(command, what):
    import tomllib

    ran = command("train", what, "--preset", "nano", "--minutes", "3", "--dry-run")
    assert ran.code == 0
    table = tomllib.loads(ran.out)[what]
    loops = [table["loop"]] if what != "generator" else [table[f"level{n}"]["loop"] for n in (16, 64, 256)]
    assert sum(loop["minutes"] for loop in loops) == pytest.approx(3)


def test_train_and_measure(command, store, tmp_path):
    few = ["--set", "judge.loop.steps=3", "--set", "judge.loop.batch_size=8", "--set", "judge.loop.threads=1"]
    judge = command("train", "judge", "--preset", "nano", "--data", store, "--out", "judge", "--json", *few)
    assert judge.json()["folder"] == "judge"
    few = ["--set", "encoder.loop.steps=2", "--set", "encoder.loop.batch_size=8", "--set", "encoder.loop.threads=1"]
    encoder = command("train", "encoder", "--preset", "nano", "--data", store, "--out", "encoder", "--json", *few)
    assert encoder.json()["samples"] == 16
    arguments = ["train", "generator", "--preset", "nano", "--data", store, "--out", "run", "--minutes", "0.03", *SMALL]
    made = command(*arguments, "--json").json()
    assert made["level16 samples"] > 0
    assert made["level64 samples"] > 0
    assert made["level256 samples"] > 0
    more = command(*arguments, "--level", "16", "--json").json()
    assert more["level16 samples"] > made["level16 samples"]
    for width in (20, 120):
        size = f"{width}x16"
        drawn = command("generate", "a slime", "--size", size, "--weights", "run/bundle", "-o", "a", "--json").json()
        assert drawn["images"][0]["width"] == width
    few = [
        f"evaluation.{k}" for k in ("num_prompts=4", "num_images=2", "num_conformance=2", "num_timed=1", "pool_size=4")
    ]
    settings = [w for pair in few for w in ("--set", pair)]
    measured = command("eval", "core", "--preset", "nano", "--data", store, "--out", "report", "--judge", "judge",
                       "--weights", "run/bundle", "--json", *settings)  # fmt: skip
    figures = {f["metric"]: f["value"] for f in measured.json()["figures"]}
    assert figures["conformance"] == 1
    assert (tmp_path / "report" / "report.html").is_file()


@pytest.mark.parametrize("level", [16, 64, 256])
def test_kill_9_at_each_level_costs_little_and_the_same_command_resumes(command, store, tmp_path, level):
    loop = f"generator.level{level}.loop"
    arguments = ["train", "generator", "--preset", "nano", "--data", str(store), "--out", str(tmp_path / "run"), *SMALL]
    arguments += ["--level", str(level), "--set", f"{loop}.checkpoint_every_steps=2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pixelmind.cli", *arguments, "--minutes", "5"], stderr=subprocess.DEVNULL
    )
    checkpoints = tmp_path / "run" / f"level{level}" / "checkpoints"
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline and not list(checkpoints.glob("step-*")):
        time.sleep(0.05)
    process.kill()
    assert process.wait(timeout=30) == -signal.SIGKILL
    before = max(int(folder.name.removeprefix("step-")) for folder in checkpoints.glob("step-*"))
    again = command(*arguments, "--minutes", "0.02", "--json").json()
    assert again[f"level{level} samples"] > before * 4
    assert f"resumed at step {before}" in (checkpoints.parent / "log.txt").read_text()


def test_a_stop_in_training_saves_and_the_same_command_resumes(command, store, tmp_path):
    arguments = [
        "train",
        "generator",
        "--preset",
        "nano",
        "--data",
        str(store),
        "--out",
        str(tmp_path / "run"),
        *SMALL,
        "--level",
        "16",
    ]
    program = [sys.executable, "-m", "pixelmind.cli", *arguments, "--minutes", "5"]
    process = subprocess.Popen(program, stderr=subprocess.PIPE, text=True)
    log = tmp_path / "run" / "level16" / "log.txt"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (log.is_file() and "begun" in log.read_text()):
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)  # asks as Ctrl-C does, and is never ignored in the background
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "the same command goes on" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert list((tmp_path / "run" / "level16" / "checkpoints").iterdir())
    again = command(*arguments, "--minutes", "0.02", "--json")
    assert again.json()["level16 samples"] > 0
    assert "resumed" in log.read_text() or "at step" in log.read_text()
