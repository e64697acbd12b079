"""A server and clients as processes of their own, over TLS on loopback, with real networks at nano sizes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.adaptation import adapters
from pixelmind.adaptation.federated.local import LocalTrainer
from pixelmind.adaptation.federated.subspace import Basis, fits
from pixelmind.generator.bundle import Bundle
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sprite
from pixelmind.training.lora import LoraConfig


class Processes:
    """Commands in the background; each one's stderr goes to a file."""

    def __init__(self, folder: Path, bundle: Path) -> None:
        self.folder, self.bundle = folder, bundle
        self.running: dict[str, subprocess.Popen[str]] = {}

    def start(self, name: str, *call: str) -> subprocess.Popen[str]:
        home = {"PIXELMIND_HOME": str(self.folder / f"home-{name}"), "OMP_NUM_THREADS": "1"}
        errors = (self.folder / f"{name}.log").open("a")
        command = [sys.executable, "-m", "pixelmind.cli", "adapt", "federated", *call]
        command += ["--weights", str(self.bundle)]
        self.running[name] = subprocess.Popen(
            command, env=os.environ | home, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        errors.close()
        return self.running[name]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def heard(self, name: str, pattern: str, seconds: float = 300.0) -> re.Match[str]:
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log(name))):
            assert time.monotonic() < until, self.log(name)
            assert self.running[name].poll() is None, self.log(name)
            time.sleep(0.05)
        return found

    def ended(self, name: str, seconds: float = 300.0) -> tuple[int, str]:
        out, _ = self.running[name].communicate(timeout=seconds)
        return self.running[name].returncode, out


@pytest.fixture
def processes(tmp_path: Path, style_bundle: Path) -> Iterator[Processes]:
    made = Processes(tmp_path, style_bundle)
    yield made
    for process in made.running.values():
        process.kill()
        process.communicate()


@pytest.fixture
def keys(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "keys"
    call = ["adapt", "federated", "keys", "--out", str(folder), "--server", "127.0.0.1"]
    assert cli.run([*call, "--client", "anna", "--client", "ben", "--client", "cleo"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 4
    return folder


def drawn(folder: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    folder.mkdir()
    for index in range(3):
        rgba = np.zeros((16, 16, 4), np.uint8)
        rgba[3:13, 3:13] = (*rng.integers(0, 255, 3), 255)
        rgba[6:10, 6:10] = (*rng.integers(0, 255, 3), 255)
        (folder / f"gem_{index}.png").write_bytes(encode_png(Sprite.from_rgba(rgba)))
    return folder


SERVE = ["--port", "0", "--rank", "2", "--steps", "1", "--rows", "2", "--patience", "120", "--give-up", "300"]


@pytest.mark.slow
def test_a_server_and_three_clients_learn_an_adapter(
    processes: Processes, keys: Path, tmp_path: Path, style_bundle: Path
) -> None:
    """In a basis, which the clients fetch from the server."""
    out = tmp_path / "federation"
    bundle = Bundle(style_bundle)
    whole = LocalTrainer(bundle, 16, lambda captions: None, LoraConfig(rank=2, alpha=8.0)).length
    vectors = np.linalg.qr(np.random.default_rng(0).normal(size=(whole, 8)))[0].T.astype(np.float32)
    basis = Basis.of(vectors, fits(bundle, 16, 2)).save(tmp_path / "basis.safetensors")
    call = ["serve", "--identity", str(keys / "server.pem"), "--out", str(out), *SERVE, "--rounds", "1", "--dp"]
    call += ["--basis", str(basis)]
    processes.start("server", *call)
    port = processes.heard("server", r"federation: 127\.0\.0\.1:(\d+)").group(1)
    for index, name in enumerate(("anna", "ben", "cleo")):
        images = drawn(tmp_path / f"art-{name}", index)
        join = ["join", f"127.0.0.1:{port}", "--identity", str(keys / f"{name}.pem"), "--images", str(images)]
        processes.start(name, *join, "--give-up", "300")
    for name in ("server", "anna", "ben", "cleo"):
        code, said = processes.ended(name)
        assert code == 0, processes.log(name)
        assert "1 rounds" in said
        assert "psilon 7.99" in said or "psilon 8.00" in said
    report = json.loads((out / "report.json").read_text())
    assert report["history"][0]["members"] == ["anna", "ben", "cleo"]
    assert report["refused"] == {}
    server = adapters.load(out, "shared")
    server.check(Bundle(processes.bundle))
    assert any(float(v.abs().max()) > 0 for n, v in server.levels[16].items() if n.endswith(".b"))
    for name in ("anna", "ben", "cleo"):
        theirs = adapters.load(tmp_path / f"home-{name}", "shared")
        assert theirs.about["sha256"] == server.about["sha256"]


@pytest.mark.slow
def test_killed_processes_come_back(processes: Processes, keys: Path, tmp_path: Path) -> None:
    """SIGKILL to a client in the round, then to the server after it: both are started again, and the federation goes on to its end."""
    out = tmp_path / "federation"
    serve = ["serve", "--identity", str(keys / "server.pem"), "--out", str(out), *SERVE, "--rounds", "4"]
    processes.start("server", *serve)
    port = processes.heard("server", r"federation: 127\.0\.0\.1:(\d+)").group(1)
    calls = {}
    for index, name in enumerate(("anna", "ben", "cleo")):
        images = drawn(tmp_path / f"art-{name}", index)
        calls[name] = ["join", f"127.0.0.1:{port}", "--identity", str(keys / f"{name}.pem"), "--images", str(images)]
        processes.start(name, *calls[name])
    processes.heard("cleo", "round 1 with")
    processes.running["cleo"].send_signal(signal.SIGKILL)
    processes.running["cleo"].communicate()
    processes.start("cleo", *calls["cleo"])
    processes.heard("server", r"round 1: [23] clients")
    processes.running["server"].send_signal(signal.SIGKILL)
    processes.running["server"].communicate()
    done = json.loads((out / "report.json").read_text())["rounds"]
    assert done >= 1
    serve[serve.index("--port") + 1] = port
    processes.start("server", *serve)
    for name in ("server", "anna", "ben", "cleo"):
        code, said = processes.ended(name)
        assert code == 0, processes.log(name)
        assert "4 rounds" in said
    assert f"goes on after round {done}" in processes.log("server")


def test_bad_calls_end_with_one_line(keys: Path, tmp_path: Path, style_bundle: Path, capfd) -> None:
    weights = ["--weights", str(style_bundle)]
    serve = ["adapt", "federated", "serve", "--out", str(tmp_path / "f"), "--port", "0", *weights]
    join = ["adapt", "federated", "join"]
    anna = ["--identity", str(keys / "anna.pem"), *weights]
    for call, told in (
        ([*serve, "--identity", str(keys / "anna.pem")], "server"),
        ([*serve, "--identity", str(tmp_path / "none.pem")], "cannot read"),
        ([*serve, "--identity", str(keys / "server.pem"), "--rule", "median"], "--plain"),
        ([*serve, "--identity", str(keys / "server.pem"), "--plain", "--dp"], "--plain"),
        ([*serve, "--identity", str(keys / "server.pem"), "--clients", "2"], "3 to 10000"),
        ([*join, "nowhere", *anna], "HOST:PORT"),
        ([*join, "127.0.0.1:9", *anna, "--images", str(tmp_path / "none")], "nothing at"),
        ([*join, "127.0.0.1:9", *anna, "--give-up", "0.1"], "no word from the server"),
        (["adapt", "federated", "keys", "--out", str(keys)], "for whom"),
    ):
        assert cli.run(call) == 2
        error = capfd.readouterr().err
        assert told in error
        assert "Traceback" not in error
    assert not (tmp_path / "f").exists()
