"""What is registered stays what it was: hashes and signatures find every change; states move in one step."""

import base64
import json
import subprocess

import pytest

from pixelmind import cli
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.generator.bundle import Bundle
from pixelmind.lifecycle.registry import SIGNATURE, STATEMENT, Keys, Registry
from pixelmind.storage import Conflict, NotFound

NONE = Keys()


@pytest.fixture
def kept(db, tmp_path, first) -> Registry:
    return Registry(db, tmp_path / "home", NONE)


def test_lineage_and_states(kept, made):
    candidate = kept.add(made(1.0), note="a try", metrics={"gate": 0.6})
    champion = kept.db.models.champion()
    assert (candidate.state, champion.lineage["note"]) == ("candidate", "released with the package")
    told = candidate.lineage
    assert told["metrics"] == {"judge": 0.5, "gate": 0.6}
    assert (told["commit"], told["data_sha256"], told["preset"]) == ("abc", "d1", "test")
    assert told["licences"] == {"CC0-1.0": {"crawl": 3}}
    assert told["evaluation_only"] == {"NGPL": {"nethack": 2}}
    assert told["parts"]["level16"]["samples"] == 7
    child = kept.add(made(2.0), parents=[candidate.id[:6]])
    assert child.lineage["parents"] == [candidate.id]
    assert Bundle(kept.folder(child)).get("level16")[0]["w"][0] == 2.0
    assert kept.promote(child.id).replaced == champion.id
    assert kept.rollback().id == champion.id
    with pytest.raises(Conflict, match="registered already"):
        kept.add(made(1.0))
    with pytest.raises(NotFound):
        kept.add(made(3.0), parents=["nobody"])
    assert not [p for p in (kept.home / "models").iterdir() if p.name.startswith(".")]


def test_the_released_weights_are_added_once(kept, first):
    assert kept.add().state == "champion"
    with pytest.raises(Conflict, match="registered already"):
        kept.add(first)


@pytest.mark.parametrize("harm", ["weights", "manifest", "statement", "gone"])
def test_every_change_is_found_and_never_promoted(kept, made, harm):
    row = kept.add(made(1.0))
    champion = kept.db.models.champion()
    folder = kept.folder(row)
    file = folder / {"weights": "level16.safetensors", "manifest": "manifest.json"}.get(harm, STATEMENT)
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"1", b"2", 1) + b" ")
    with pytest.raises(CorruptFile):
        kept.verify(row.id)
    with pytest.raises(CorruptFile):
        kept.promote(row.id)
    assert kept.db.models.champion() == champion


def test_a_bundle_that_does_not_fit_its_manifest_is_not_added(kept, made, tmp_path):
    folder = made(1.0)
    (folder / "level16.safetensors").write_bytes(b"no")
    with pytest.raises(CorruptFile, match="recorded sha256"):
        kept.add(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["parts"]["level16"]["file"] = "../secret"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorruptFile, match="outside"):
        kept.add(folder)
    assert [r.lineage["note"] for r in kept.db.models.list()] == ["released with the package"]


def test_what_an_interrupted_add_left_is_no_hindrance(kept, made):
    row = kept.add(made(1.0))
    (kept.folder("f" * 16)).mkdir()
    again = Registry(kept.db, kept.home, NONE)
    assert again.verify(row.id) == row


def test_signatures(db, tmp_path, first, made, keys):
    unsigned = Registry(db, tmp_path / "home", NONE).add(made(1.0))
    signing = Registry(db, tmp_path / "home", Keys(private=keys.private))
    signed = signing.add(made(2.0))
    checking = Registry(db, tmp_path / "home", Keys(public=keys.public))
    assert checking.verify(signed.id) == signed
    with pytest.raises(CorruptFile, match="not signed, and a key"):
        checking.promote(unsigned.id)
    (checking.folder(signed) / SIGNATURE).write_bytes(base64.b64encode(bytes(64)))
    with pytest.raises(CorruptFile, match="not signed by the configured key"):
        checking.verify(signed.id)
    with pytest.raises(BadInput, match="no key to sign with"):
        checking.keys.sign(b"x")
    with pytest.raises(BadInput, match="PEM"):
        Keys(private=first / "manifest.json").sign(b"x")


def test_the_signature_is_one_that_openssl_knows(db, tmp_path, first, made, keys):
    row = Registry(db, tmp_path / "home", keys).add(made(1.0))
    folder = tmp_path / "home" / "models" / row.id
    raw = tmp_path / "raw.sig"
    raw.write_bytes(base64.b64decode((folder / SIGNATURE).read_bytes()))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(keys.public), "-rawin"]
    try:
        done = subprocess.run([*command, "-in", str(folder / STATEMENT), "-sigfile", str(raw)], capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl here")
    assert done.returncode == 0, done.stderr


def test_commands(first, made, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "cli"))
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.run(["models", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    assert run("verify")[0] == 2
    assert run("list") == (
        0,
        "",
        "nothing is registered; the service draws with the released weights (see: models add)\n",
    )
    code, out, _ = run("add", str(made(1.0)), "--note", "a try", "--json")
    added = json.loads(out)
    assert (code, added["state"]) == (0, "candidate")
    assert "released with the package" in run("list")[1]
    assert "CC0-1.0: 3 of crawl" in run("show", added["id"][:8])[1]
    assert run("promote", added["id"], "--reason", "better")[0] == 0
    assert run("verify") == (0, f"{added['id']}: as registered\n", "")
    code, _, err = run("promote", added["id"])
    assert (code, "champion already" in err, err.count("\n")) == (2, True, 1)
    assert "champion again" in run("rollback")[1]
    assert run("rollback")[0] == 2
    assert "-> champion: better" in run("show", added["id"])[1]
    assert run("promote", "zzzz")[0] == 2
    assert run("retire", added["id"])[0] == 2  # it is retired: something replaced it
    other = json.loads(run("add", str(made(2.0)), "--json")[1])
    assert run("retire", other["id"])[1] == f"{other['id']} is retired\n"
    (tmp_path / "cli" / "models" / other["id"] / "manifest.json").write_text("{}")
    code, out, err = run("verify", other["id"])
    assert (code, "problem" in out, "recorded sha256" in err) == (1, True, True)
