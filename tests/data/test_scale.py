"""Shards, killed runs, damaged files, two writers, a full disk."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from drawn import sample

from pixelmind.data.procedural import stage as synth_stage
from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.stage import HOLD, draw_shard, synth
from pixelmind.data.store import MANIFEST, Store
from pixelmind.errors import BadInput, CorruptFile

CONFIG = SynthConfig(num_samples=60, seed=5, families=("slime",), max_size=16, shard=8, progress=False)
CODE = (
    "import sys; from pixelmind.data.procedural.config import SynthConfig;"
    "from pixelmind.data.procedural.stage import synth\n"
    "if __name__ == '__main__': synth(SynthConfig(num_samples=60, seed=5, families=('slime',), max_size=16, shard=8,"
    " progress=False, workers=2), sys.argv[1])"
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "store"
    return synth(CONFIG, path), Store.open(path)


def held(path):
    return sorted(path.glob(f"{HOLD}/*/*.arrow"))


def data_files(path):
    return sorted((path / "samples.lance" / "data").glob("*.lance"))


def damage(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)


def test_a_shard_is_a_function_of_config_and_number():
    first, again, other = draw_shard((CONFIG, 3)), draw_shard((CONFIG, 3)), draw_shard((CONFIG, 4))
    assert first.data == again.data != other.data
    assert draw_shard((replace(CONFIG, num_samples=1000, workers=7), 3)).data == first.data


def test_whole_run_leaves_one_file_and_no_shards(whole):
    result, store = whole
    assert result.added == result.total == len(store) == sum(result.families.values()) > 50
    assert len(data_files(store.path)) == 1
    assert not (store.path / HOLD).exists()
    assert Store.check(store.path) == {}
    sizes = list(zip(store.column("height").tolist(), store.column("width").tolist(), store.column("kind").tolist()))
    assert sizes == sorted(sizes)


def test_many_commits_and_a_growing_count_give_the_same_content(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(synth_stage, "COMMIT_SCENES", 16)
    part = synth(replace(CONFIG, num_samples=27), tmp_path / "s")
    rest = synth(CONFIG, tmp_path / "s")
    assert 0 < part.added < rest.total == whole[1].manifest["rows"]
    assert len(data_files(tmp_path / "s")) > 2
    assert Store.open(tmp_path / "s").manifest_hash == whole[1].manifest_hash
    assert synth(replace(CONFIG, num_samples=27), tmp_path / "s").cpu_seconds == 0


def test_killed_with_two_workers_it_goes_on_and_ends_the_same(whole, tmp_path):
    path = tmp_path / "store"
    (tmp_path / "run.py").write_text(CODE)
    process = subprocess.Popen([sys.executable, str(tmp_path / "run.py"), str(path)])
    limit = time.monotonic() + 100
    while len(held(path)) < 2 and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = held(path)
    assert len(Store.open(path)) == 0 or not kept  # nothing half, whatever moment it was
    if kept:
        kept[0].write_bytes(kept[0].read_bytes()[:-100])  # and one shard cut off
    result = synth(CONFIG, path)
    assert [line.split(": ")[1] for line in result.redrawn] == ["wrong checksum"] * bool(kept)
    assert Store.open(path).manifest_hash == whole[1].manifest_hash


def test_a_damaged_file_of_the_table_is_drawn_again(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(synth_stage, "COMMIT_SCENES", 16)
    path = tmp_path / "store"
    synth(CONFIG, path)
    for spoil in (damage, lambda file: os.truncate(file, 1000), Path.unlink):
        file = data_files(path)[1]
        spoil(file)
        result = synth(CONFIG, path)
        assert [line.split()[0] for line in result.redrawn] == [file.name]
        assert 0 < result.added < result.total
        assert Store.open(path).manifest_hash == whole[1].manifest_hash
        assert Store.check(path) == {}


def test_open_and_check_name_the_damaged_file_and_repair_keeps_the_rest(whole, tmp_path):
    path = tmp_path / "store"
    shutil.copytree(whole[1].path, path)
    Store.open(path).append([sample(i) for i in range(5)])
    mine, drawn = (
        next(f for f in data_files(path) if f.exists() == (f.name in whole[1].manifest["files"])),
        next(f for f in data_files(path) if f.name not in whole[1].manifest["files"]),
    )
    damage(drawn)
    assert Store.check(path) == {drawn.name: "has a wrong checksum"}
    with pytest.raises(CorruptFile, match=drawn.name):
        synth(CONFIG, path)  # not a file of this run: a person decides
    os.truncate(drawn, 10)
    with pytest.raises(CorruptFile, match=f"{drawn.name} is cut off: 10 of .*check .*--repair"):
        Store.open(path)
    assert Store.repair(path)[1] == 5
    store = Store.open(path)
    assert mine.exists()
    assert store.manifest_hash == whole[1].manifest_hash
    for key in ("rows", "splits", "sources", "files"):
        assert store.manifest[key] == whole[1].manifest[key]
    assert store.append([sample(1)]) == 1


def test_another_renderer_is_refused(whole, tmp_path):
    path = tmp_path / "store"
    shutil.copytree(whole[1].path, path)
    manifest = json.loads((path / MANIFEST).read_text())
    next(iter(manifest["synth"].values()))["renderer"] = "older"
    (path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BadInput, match="another version of the scene renderer"):
        synth(CONFIG, path)


def test_two_writers_are_refused_with_the_process_named(whole, tmp_path):
    path = tmp_path / "store"
    shutil.copytree(whole[1].path, path)
    one, two = Store.open(path), Store.open(path)
    with one.writing():
        for attempt in (lambda: two.append([sample(1)]), lambda: synth(CONFIG, path), lambda: two.note(x=1)):
            with pytest.raises(BadInput, match=f"is being written by process {os.getpid()}"):
                attempt()
        assert one.append([sample(1)]) == 1
    assert two.append([sample(1), sample(2)]) == 1  # sees what the other wrote meanwhile
    assert len(two) == len(Store.open(path)) == whole[0].total + 2


def test_a_full_disk_is_told_and_what_was_committed_is_kept(whole, tmp_path):
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("needs a small disk: no right to mount one here")
    disk = tmp_path / "disk"
    disk.mkdir()
    code = (
        "import sys; from pixelmind.data.store import Store; from pixelmind.errors import BadInput\n"
        "sys.path.insert(0, sys.argv[2]); from drawn import sample\n"
        "store = Store.create(sys.argv[1] + '/s'); store.append([sample(1)])\n"
        "try: store.append(sample(i, height=200, width=200) for i in range(2, 200))\n"
        "except BadInput as error: print(error)\n"
        "print(len(Store.open(sys.argv[1] + '/s')), 'kept')\n"
    )
    run = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size=300k none {disk} && exec "$@"', "sh", sys.executable]
        + ["-c", code, str(disk), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
    )
    assert "the disk under" in run.stdout, run.stdout + run.stderr
    assert "is full; free some space" in run.stdout
    assert "1 kept" in run.stdout


def test_ray_missing_is_one_clear_line(monkeypatch):
    monkeypatch.setattr("pixelmind.training.cluster.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"--engine ray needs Ray: .* or use --engine local"):
        SynthConfig(engine="ray")
    with pytest.raises(BadInput, match="no engine 'spark'; there are: local, ray"):
        SynthConfig(engine="spark")


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("ray_here")
def test_ray_draws_the_same_store(whole, tmp_path):
    assert synth(replace(CONFIG, engine="ray", workers=2), tmp_path / "s").added == whole[0].added
    assert Store.open(tmp_path / "s").manifest_hash == whole[1].manifest_hash
