#!/usr/bin/env bash
# The whole story on a laptop: real art in, training, weights, report. From an empty folder; the same command resumes.
#
#   bash runs/laptop.sh            preset small, MINUTES of generator training (default 600)
#   bash runs/laptop.sh --nano     the same path in under 10 minutes on 2 cores; the pictures are not good
#
# Settings by environment: ART (folder of art, default ../shared/data), RUN (run folder), MINUTES, SCENES (drawn scenes).
set -euo pipefail
cd "$(dirname "$0")/.."

PRESET=small
[ "${1:-}" = "--nano" ] && PRESET=nano
if [ $# -gt 1 ] || { [ $# -eq 1 ] && [ "$1" != "--nano" ]; }; then
    echo "error: usage: bash runs/laptop.sh [--nano]" >&2
    exit 2
fi
ART="${ART:-../shared/data}"
RUN="${RUN:-RUN/$PRESET}"
if [ $PRESET = nano ]; then MINUTES="${MINUTES:-2}" SCENES="${SCENES:-2000}"; else MINUTES="${MINUTES:-600}" SCENES="${SCENES:-60000}"; fi
test -d "$ART" || { echo "error: no art at $ART; name a folder of art: ART=DIR bash runs/laptop.sh" >&2; exit 2; }

make --no-print-directory .venv/.dev >&2
pixelmind=.venv/bin/pixelmind
began=$SECONDS
mix=(--set "generator.level16.mix=real 0.65, procedural 0.35" --set "generator.level64.mix=real 0.5, procedural 0.5")  # as the release
say() { echo "== $((SECONDS - began)) s: $*" >&2; }

say "import"
$pixelmind data import "$ART" --evaluation-only --out "$RUN/all"
say "synth"
$pixelmind data synth -n "$SCENES" --out "$RUN/all"
say "dedup"
[ -f "$RUN/store/manifest.json" ] || $pixelmind data dedup "$RUN/all" --out "$RUN/store"
say "encoder"
$pixelmind train encoder --preset $PRESET --data "$RUN/store" --out "$RUN/encoder"
say "judge"
$pixelmind train judge --preset $PRESET --data "$RUN/store" --out "$RUN/judge"
say "generator, bundle and report"
$pixelmind release --preset $PRESET --minutes "$MINUTES" --data "$RUN/store" --run "$RUN" --weights "$RUN/bundle" \
    "${mix[@]}"
say "done"
echo "weights: $RUN/bundle"
echo "report:  $RUN/reports/candidate/report.html"
