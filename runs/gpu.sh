#!/usr/bin/env bash
# The same path at base size on one GPU: networks as in small, larger batches, hours instead of days.
#
#   bash runs/gpu.sh               needs a CUDA build of torch in .venv (see docs/training.md)
#
# Settings by environment: ART, RUN, MINUTES (default 180), SCENES (default 500000), WORKERS (processes that draw scenes).
set -euo pipefail
cd "$(dirname "$0")/.."

ART="${ART:-../shared/data}"
RUN="${RUN:-RUN/base}"
MINUTES="${MINUTES:-180}"
SCENES="${SCENES:-500000}"
WORKERS="${WORKERS:-$(nproc)}"
test -d "$ART" || { echo "error: no art at $ART; name a folder of art: ART=DIR bash runs/gpu.sh" >&2; exit 2; }
python="${PYTHON_GPU:-.venv/bin/python}"
"$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' || {
    echo "error: this torch sees no GPU; on a CPU use: bash runs/laptop.sh" >&2
    exit 2
}
pixelmind="$python -m pixelmind.cli"
mix=(--set "generator.level16.mix=real 0.65, procedural 0.35" --set "generator.level64.mix=real 0.5, procedural 0.5")  # as the release

$pixelmind data import "$ART" --evaluation-only --out "$RUN/all"
$pixelmind data synth -n "$SCENES" --workers "$WORKERS" --out "$RUN/all"
[ -f "$RUN/store/manifest.json" ] || $pixelmind data dedup "$RUN/all" --out "$RUN/store"
$pixelmind train encoder --preset base --data "$RUN/store" --out "$RUN/encoder"
$pixelmind train judge --preset base --data "$RUN/store" --out "$RUN/judge"
$pixelmind release --preset base --minutes "$MINUTES" --data "$RUN/store" --run "$RUN" --weights "$RUN/bundle" \
    "${mix[@]}"
echo "weights: $RUN/bundle"
echo "report:  $RUN/reports/candidate/report.html"
