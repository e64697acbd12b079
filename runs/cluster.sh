#!/usr/bin/env bash
# The methodology on several machines, by Ray: one head, workers that join it, then drawing scenes, training and serving on all of them.
#
#   bash runs/cluster.sh head               here is the head; stays until Ctrl-C
#   bash runs/cluster.sh worker HEAD        on each other machine: joins the head named, such as 10.0.0.5; stays until Ctrl-C
#   bash runs/cluster.sh train              on the head: scenes, the generator's three levels, weights in RUN/bundle
#   bash runs/cluster.sh serve              on the head: the API with as many replicas as the load asks; stays until Ctrl-C
#   bash runs/cluster.sh --nano             all of it on this machine, a head and a worker of one core each, in some minutes
#
# All machines need this checkout at the same path, the folder RUN shared, and the same secret in TOKEN (made by the first head; whoever
# holds it runs code on the cluster). Serving on several machines needs PostgreSQL: PIXELMIND_DATABASE_URL.
# Settings by environment: RUN, TOKEN, PORT (6379), CORES (of this node), WORKERS (of training), SCENES, MINUTES, PRESET, REPLICAS
# (1-8), SERVE_PORT (7878). More flags of `pixelmind serve` after `serve`, such as --host 0.0.0.0 --keys.
set -euo pipefail
cd "$(dirname "$0")/.."

RUN="${RUN:-RUN/cluster}"
TOKEN="${TOKEN:-$HOME/.pixelmind/ray-token}"
PORT="${PORT:-6379}"
CORES="${CORES:-$(nproc)}"
WORKERS="${WORKERS:-2}"
PRESET="${PRESET:-small}"
REPLICAS="${REPLICAS:-1-8}"
SERVE_PORT="${SERVE_PORT:-7878}"
ray=.venv/bin/ray
pixelmind=.venv/bin/pixelmind
usage() { echo "error: usage: bash runs/cluster.sh head | worker HEAD | train | serve [FLAGS] | --nano" >&2; exit 2; }

.venv/bin/python -c 'import ray' 2>/dev/null || {
    echo "error: no Ray here; install it: .venv/bin/pip install -c constraints.txt -e '.[train,serve,ray]'" >&2
    exit 2
}
export RAY_USAGE_STATS_ENABLED=0 RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH="$TOKEN" OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

secret() {
    [ -s "$TOKEN" ] && return
    [ "$1" = make ] || { echo "error: no secret at $TOKEN; copy the head's file there, or name it: TOKEN=FILE" >&2; exit 2; }
    mkdir -p "$(dirname "$TOKEN")"
    (umask 077 && .venv/bin/python -c 'import secrets; print(secrets.token_hex(32), end="")' >"$TOKEN")
}
start_head() {
    secret make
    echo "head on port $PORT; on the other machines: bash runs/cluster.sh worker $(hostname -I | cut -d' ' -f1), with the secret $TOKEN" >&2
    exec $ray start --head --port="$PORT" --num-cpus="$CORES" --include-dashboard=false --disable-usage-stats --block
}
start_worker() {
    secret need
    exec $ray start --address="$1:$PORT" --num-cpus="$CORES" --disable-usage-stats --block
}
train() {
    secret need
    export RAY_ADDRESS="127.0.0.1:$PORT"
    $pixelmind data synth -n "${SCENES:-500000}" --engine ray --workers "$WORKERS" --max-size 64 --out "$RUN/store"
    $pixelmind train generator --preset "$PRESET" --minutes "${MINUTES:-180}" --workers "$WORKERS" --data "$RUN/store" --out "$RUN/generator" "$@"
    echo "weights: $RUN/generator/bundle"
}
serve() {
    secret need
    RAY_ADDRESS="127.0.0.1:$PORT" exec $pixelmind serve --replicas "$REPLICAS" --port "$SERVE_PORT" "$@"
}
nano() {
    mkdir -p "$RUN-nano"
    RUN="$(realpath "$RUN-nano")"
    export RUN CORES=1 WORKERS=2 SCENES=600 MINUTES=0.5 PRESET=nano REPLICAS=2 TOKEN="$RUN/token"
    export RAY_AUTH_TOKEN_PATH="$TOKEN" PIXELMIND_HOME="$RUN/home"
    began=$SECONDS pids=()
    stop() { [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; }
    trap stop EXIT
    say() { echo "== $((SECONDS - began)) s: $*" >&2; }
    say "head"
    bash runs/cluster.sh head >"$RUN/head.log" 2>&1 & pids+=($!)
    until $ray status --address="127.0.0.1:$PORT" >/dev/null 2>&1; do
        kill -0 "${pids[0]}" || { echo "error: the head did not start; see $RUN/head.log" >&2; exit 1; }
        sleep 1
    done
    say "worker"
    bash runs/cluster.sh worker 127.0.0.1 >"$RUN/worker.log" 2>&1 & pids+=($!)
    until [ "$($ray status --address="127.0.0.1:$PORT" 2>/dev/null | grep -c '^ 1 node_')" -eq 2 ]; do sleep 1; done
    say "scenes and training"
    bash runs/cluster.sh train --level 16
    say "serving"
    bash runs/cluster.sh serve --no-log --weights "$RUN/generator/bundle" >"$RUN/serve.log" 2>&1 & pids+=($!)
    until curl -sf "127.0.0.1:$SERVE_PORT/readyz" >/dev/null; do
        kill -0 "${pids[2]}" || { cat "$RUN/serve.log" >&2; exit 1; }
        sleep 1
    done
    curl -sf "127.0.0.1:$SERVE_PORT/v1/images/generations" -H 'Content-Type: application/json' \
        -d '{"prompt": "a red key", "size": "16x16", "seed": 1}' >"$RUN/answer.json"
    say "done: $RUN/answer.json holds a picture of the network just trained"
}

case "${1:-}" in
    head) [ $# -eq 1 ] || usage; start_head ;;
    worker) [ $# -eq 2 ] || usage; start_worker "$2" ;;
    train | serve) "$@" ;;
    --nano) [ $# -eq 1 ] || usage; nano ;;
    *) usage ;;
esac
