"""What ships: the files that compose.yaml mounts are there, version and changelog agree, and data files belong to the package."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from pixelmind import __version__

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_version_and_changelog_agree() -> None:
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert newest is not None
    assert newest[1] == PROJECT["project"]["version"] == __version__


def test_compose_mounts_files_of_ours_and_listens_on_this_machine_only() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"api", "db", "prometheus", "grafana"}
    for name, service in services.items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith(".") or (ROOT / source).exists(), f"{name} mounts {source}"
        # no host: the engine's own default is used
        assert "." not in service.get("image", "").split("/")[0].split(":")[0], name
    ours, composed = (
        yaml.safe_load((ROOT / "deploy" / "monitoring" / f"{name}.yml").read_text())
        for name in ("prometheus", "prometheus.compose")
    )
    (job,), (other,) = ours.pop("scrape_configs"), composed.pop("scrape_configs")
    assert ours == composed
    assert job["job_name"] == other["job_name"]
    (target,) = other["static_configs"][0]["targets"]
    assert target.split(":")[0] in services
    assert f'"{target.split(":")[1]}"' in (ROOT / "Dockerfile").read_text()


def test_the_lock_is_of_the_pinned_versions_by_sha256() -> None:
    sys.path.insert(0, str(ROOT / "deploy"))
    import audit

    locked = audit.pins(audit.LOCK)
    assert locked.keys() == audit.hashes().keys()
    assert {"torch", "numpy", "pillow", "fastapi", "psycopg", "opentelemetry-sdk"} <= locked.keys()
    assert [name for name, version in locked.items() if audit.pins(audit.PINS).get(name, version) != version] == []


def test_every_data_file_goes_into_the_wheel() -> None:
    listed = subprocess.run(["git", "ls-files", "src/pixelmind"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode or not listed.stdout:
        pytest.skip("not a clone")
    package = ROOT / "src" / "pixelmind"
    shipped = {
        path for pattern in PROJECT["tool"]["setuptools"]["package-data"]["pixelmind"] for path in package.glob(pattern)
    } | set(package.rglob("*.py"))
    assert {ROOT / name for name in listed.stdout.split()} <= shipped
