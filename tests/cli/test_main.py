"""Exit codes, one-line errors, the order of commands, and how little is imported."""

import os
import re
import subprocess
import sys

import pytest

from pixelmind import cli
from pixelmind.cli import app, home

PROGRAM = [sys.executable, "-m", "pixelmind.cli"]


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and "Traceback" not in text


def test_help_lists_the_way_of_data(command):
    ran = command("--help")
    assert ran.code == 0
    found = re.findall(rf"\b({'|'.join(app.ORDER)})  ", ran.out)
    assert found == list(app.ORDER)


def test_no_arguments_show_help_and_version_prints(command):
    assert command().code == 2
    assert command("palette").code == 2
    ran = command("--version")
    assert (ran.code, ran.out) == (0, "pixelmind 0.1.0\n")


@pytest.mark.parametrize(
    "arguments", [["genrate"], ["generate"], ["generate", "a", "--nope"], ["generate", "a", "-n", "x"], ["train"]]
)
def test_wrong_usage_is_one_line_and_two(command, arguments):
    ran = command(*arguments)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert one_line(ran.err)
    assert ran.out == ""


def test_unexpected_errors_leave_a_log_and_no_traceback(command, tmp_path, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("the disk\nis on fire")

    monkeypatch.setattr("pixelmind.pixels.palettes.names", broken)
    ran = command("palette", "list")
    assert ran.code == 1
    assert one_line(ran.err)
    assert "RuntimeError: the disk" in ran.err
    (log,) = (tmp_path / "home" / "logs").iterdir()
    assert str(log) in ran.err
    assert "is on fire" in log.read_text()
    monkeypatch.setenv("PIXELMIND_DEBUG", "1")
    with pytest.raises(RuntimeError):
        cli.run(["palette", "list"])


@pytest.mark.parametrize(("first", "resumes"), [("palette", False), ("train", True)])
def test_ctrl_c_is_130_and_says_when_the_same_command_resumes(command, monkeypatch, first, resumes):
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pixelmind.pixels.palettes.names", stopped)
    monkeypatch.setattr("pixelmind.training.config.load_preset", stopped)
    ran = command(*(["palette", "list"] if first == "palette" else ["train", "encoder", "--dry-run"]))
    assert ran.code == 130
    assert one_line(ran.err)
    assert ("same command goes on" in ran.err) == resumes


def test_home_is_the_platforms_unless_set(monkeypatch, tmp_path):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path))
    assert home.home() == tmp_path
    monkeypatch.delenv("PIXELMIND_HOME")
    assert home.home().name == "pixelmind"


def test_default_names_say_the_request_and_never_overwrite(monkeypatch, tmp_path):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path))
    first = home.output_stem("A Red, “Castle”!", 32, 48, 7)
    assert first == tmp_path / "outputs" / "a-red-castle-32x48-seed7"
    first.parent.mkdir()
    first.with_name(first.name + "_1.png").touch()
    second = home.output_stem("a red castle", 32, 48, 7)
    assert second.name == "a-red-castle-32x48-seed7-2"
    second.with_name(second.name + ".gif").touch()
    assert home.output_stem("a red castle", 32, 48, 7).name == "a-red-castle-32x48-seed7-3"
    assert home.output_stem("城", 8, 8, 1).name == "sprite-8x8-seed1"


def in_subprocess(code: str) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


HEAVY = "('torch', 'transformers', 'lance', 'pyarrow', 'faiss', 'torchmetrics', 'matplotlib', 'scipy', 'PIL', 'numpy')"


def test_importing_pixelmind_is_light():
    """Asked: 0.2 s. Best of three, for busy machines."""
    code = (
        "import time; start = time.perf_counter(); import pixelmind; took = time.perf_counter() - start\n"
        f"import sys; print(took, [m for m in {HEAVY} if m in sys.modules])"
    )
    results = [in_subprocess(code).split(" ", 1) for _ in range(3)]
    assert results[0][1].strip() == "[]"
    assert min(float(r[0]) for r in results) <= 0.2


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from pixelmind import cli; code = cli.run(['--help'])\n"
        f"print(code, [m for m in {HEAVY} if m in sys.modules])"
    )
    assert in_subprocess(code).splitlines()[-1] == "0 []"


def test_the_program_itself_exits_with_the_codes():
    done = subprocess.run([*PROGRAM, "generate", "", "--size", "8x8"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert done.stdout == ""


def test_a_closed_pipe_is_no_traceback():
    done = subprocess.run(
        f"{' '.join(PROGRAM)} palette show web-safe | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("Web-safe")
    assert "Traceback" not in done.stderr


def test_waiting_threads_give_up_their_core_unless_the_user_says_otherwise(monkeypatch, capsys):
    for own, expected in (("5", "5"), (None, "1000")):
        monkeypatch.setenv("GOMP_SPINCOUNT", "5")
        if own is None:
            monkeypatch.delenv("GOMP_SPINCOUNT")
        with pytest.raises(SystemExit):
            cli.main(["--help"])
        assert os.environ["GOMP_SPINCOUNT"] == expected
    assert "generate" in capsys.readouterr().out
