#!/usr/bin/env bash
# Is the wheel whole? Installs it into an empty environment and draws with it, without network where the machine can cut it off.
#
#   bash runs/check_wheel.sh              the newest wheel of dist/ (made by make dist)
#   bash runs/check_wheel.sh FILE.whl
set -euo pipefail
MOST_MB=64

[ $# -le 1 ] || { echo "error: usage: bash runs/check_wheel.sh [FILE.whl]" >&2; exit 2; }
root="$(cd "$(dirname "$0")/.." && pwd)"
wheel="${1:-$(find "$root/dist" -name 'pixelmind-*.whl' -printf '%T@ %p\n' 2>/dev/null | sort -rn | head -1 | cut -d' ' -f2-)}"
[ -f "$wheel" ] || { echo "error: no wheel; make one: make dist" >&2; exit 2; }
wheel="$(realpath "$wheel")"
python="${PYTHON:-$(command -v python3.11 || command -v python3)}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

bytes="$(stat -c %s "$wheel")"
echo "$(basename "$wheel"): $((bytes / 1000000)) MB"
[ "$bytes" -le $((MOST_MB * 1000000)) ] || { echo "error: more than $MOST_MB MB; what came into it?" >&2; exit 1; }
if git -C "$root" rev-parse 2>/dev/null; then
    git -C "$root" ls-files src/pixelmind | sed 's#^src/##' | sort >"$work/tracked"
    "$python" -m zipfile -l "$wheel" | awk 'NR > 1 {print $1}' | sort >"$work/packed"
    comm -23 "$work/tracked" "$work/packed" >"$work/missing"
    [ ! -s "$work/missing" ] || { echo "error: not in the wheel:" >&2; cat "$work/missing" >&2; exit 1; }
fi

"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input -c "$root/constraints.txt" "$wheel"

offline=()
if unshare -rn true 2>/dev/null; then
    offline=(unshare -rn)
else
    echo "this machine cannot cut the network off (unshare -rn); drawing with it" >&2
fi
cd "$work"
env -i PATH="$work/venv/bin:/usr/bin:/bin" HOME="$work" "${offline[@]}" \
    "$work/venv/bin/pixelmind" generate "a red potion" --size 16x16 --seed 1 --out "$work/out/" >&2
"$work/venv/bin/python" - "$work/out" <<'EOF'
import pathlib, sys
from PIL import Image
import pixelmind
found = sorted(pathlib.Path(sys.argv[1]).rglob("*.png"))
assert found, "nothing was drawn"
with Image.open(found[0]) as image:
    assert image.mode == "P" and len(image.getcolors()) > 1, "an empty picture"
    assert "site-packages" in pixelmind.__file__, pixelmind.__file__
    print(f"pixelmind {pixelmind.__version__} drew {found[0].name}, {image.width}x{image.height}, {len(image.getcolors())} colours")
EOF
