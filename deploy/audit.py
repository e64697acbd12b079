"""Audit of what this program is made of: `make audit`, or `python deploy/audit.py`.

1. Every installed package that `constraints.txt` pins is of that version, and all fit together (pip check).
2. `deploy/requirements.lock` pins the same versions, each with the sha256 of its file (Linux, x86-64, Python 3.11).
3. pip-audit, where it is installed and an advisory service answers: known weaknesses of these versions. Where none answers that is said,
   and nothing is claimed.

`python deploy/audit.py --lock` writes the lock anew from the index that pip uses. Whoever wants these files and no others installs with
`pip install --require-hashes -r deploy/requirements.lock`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS, LOCK = ROOT / "constraints.txt", ROOT / "deploy" / "requirements.lock"
EXTRAS = "serve,postgres,mcp,federated,loop,otel"
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)")


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """name -> version of a file of pins."""
    found = (PIN.match(line) for line in path.read_text().splitlines())
    return {
        plain(pin[1]): pin[2].partition("+")[0] for pin in found if pin
    }  # torch 2.13.0+cpu is 2.13.0 built for CPUs


def hashes(path: Path = LOCK) -> dict[str, str]:
    """name -> sha256 of the lock."""
    found = re.findall(r"^(\S+)==\S+ --hash=sha256:([0-9a-f]{64})$", path.read_text(), re.M)
    return {plain(name): digest for name, digest in found}


def write_lock() -> int:
    """Resolve the program with its extras of a service, and write the lock."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--ignore-installed",
        "--quiet",
        "--report",
        "-",
        "-c",
        PINS,
    ]
    done = subprocess.run([*command, f"{ROOT}[{EXTRAS}]"], capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-1000:], file=sys.stderr)
        return 1
    lines = []
    for item in json.loads(done.stdout)["install"]:
        about, origin = item["metadata"], item["download_info"]
        if plain(about["name"]) != "pixelmind":
            lines.append(
                f"{plain(about['name'])}=={about['version']} --hash=sha256:{origin['archive_info']['hashes']['sha256']}"
            )
    LOCK.write_text("\n".join(sorted(lines)) + "\n")
    print(f"{LOCK.relative_to(ROOT)}: {len(lines)} packages")
    return 0


def differences() -> list[str]:
    """What is installed or locked in another version than the pins say."""
    wanted, told = pins(PINS), []
    for dist in importlib.metadata.distributions():
        name = plain(dist.metadata["Name"])
        if name in wanted and dist.version.partition("+")[0] != wanted[name]:
            told.append(f"{name} {dist.version} is installed, {wanted[name]} is pinned")
    for name, version in pins(LOCK).items():
        if wanted.get(name, version) != version:
            told.append(f"{name} {version} is locked, {wanted[name]} is pinned")
    told += [f"{name} is locked without a sha256" for name in pins(LOCK).keys() - hashes().keys()]
    return sorted(told)


def weaknesses() -> tuple[list[str], str]:
    """Known weaknesses of the locked versions, and why there is no answer where there is none."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--no-deps",
        "-r",
        str(LOCK),
        "-f",
        "json",
        "--timeout",
        "10",
    ]
    done = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True)
    try:
        rows = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        missing = "No module named pip_audit" in done.stderr
        return [], "pip-audit is not installed (pip install pip-audit)" if missing else "no advisory service answers"
    skipped = [row["name"] for row in rows if "skip_reason" in row]
    found = [f"{row['name']} {row['version']}: {v['id']}" for row in rows for v in row.get("vulns", ())]
    return found, f"{len(skipped)} of {len(rows)} packages are not known to the advisory service" if skipped else ""


def main() -> int:
    """0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lock", action="store_true", help="write the lock anew")
    if parser.parse_args().lock:
        return write_lock()
    wrong = differences()
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    if check.returncode:
        wrong += check.stdout.splitlines()
    found, silent = weaknesses()
    for line in wrong + found:
        print(f"problem: {line}")
    print(f"{len(pins(PINS))} pins, {len(hashes())} of them locked by sha256: {len(wrong)} differences")
    print(f"known weaknesses: {len(found) if not silent else f'{len(found)}, but {silent}'}")
    return int(bool(wrong or found))


if __name__ == "__main__":
    sys.exit(main())
