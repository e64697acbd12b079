"""Monitoring: stages and people are counted, and dashboard and alert rules name what is exported."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from service_parts import blob, serving

from pixelmind.lifecycle.drift import Drift, Look
from pixelmind.serving import gpu
from pixelmind.serving.drifting import DriftWatch
from pixelmind.serving.figures import quantile
from pixelmind.serving.metrics import DECISIONS, STAGES

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "monitoring"
DASHBOARD = DEPLOY / "grafana" / "dashboards" / "pixelmind.json"
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
METRIC = re.compile(r"\b(?:pixelmind|process)_[a-z0-9_]+")
promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="Debian's prometheus is not installed")


def samples(text: str) -> dict[str, float]:
    """Every sample by its name and labels, as Prometheus writes them."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def exported(text: str) -> dict[str, set[str]]:
    """The labels of each name that can be asked for, whether it has samples yet or not."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for suffix in SUFFIXES[family.type]:
            labels = {label for sample in family.samples for label in sample.labels}
            found[family.name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return found


def expressions() -> list[str]:
    """All PromQL of the dashboard and the rules, with Grafana's variables filled in."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    asked += [rule["expr"] for group in rules for rule in group["rules"]]
    return [e.replace("$__rate_interval", "5m").replace("$instance", ".*") for e in asked]


class Nvml:
    """A made-up NVML with one card that does not tell its power."""

    NVMLError = RuntimeError
    NVML_TEMPERATURE_GPU = 0

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def nvmlInit(self) -> None:
        if self.broken:
            raise self.NVMLError("no driver")

    def nvmlDeviceGetCount(self) -> int:
        return 1

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:
        return number

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(gpu=37)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(used=2**30, total=2**34)

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> int:
        return 61

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:
        raise self.NVMLError("not supported")


def test_stages_and_batches_are_timed(service):
    before = samples(service.client.get("/metrics").text)
    assert service.generate(n=2).status_code == 200
    assert service.generate(size="64x64").status_code == 200
    after = samples(service.client.get("/metrics").text)
    done = {stage: after[f'pixelmind_stage_seconds_count{{stage="{stage}"}}'] for stage in STAGES}
    assert done == {s: {"level_64": 1, "level_256": 0, "check": 0, "work": 0}.get(s, 2) for s in STAGES}
    assert all(before[f'pixelmind_stage_seconds_count{{stage="{stage}"}}'] == 0 for stage in STAGES)
    assert (after["pixelmind_batch_images_count"], after["pixelmind_batch_images_sum"]) == (2, 3)
    total = sum(after[f'pixelmind_stage_seconds_sum{{stage="{stage}"}}'] for stage in STAGES)
    answered = after['pixelmind_request_seconds_sum{method="POST",route="/v1/images/generations"}']
    assert 0 < total <= answered


def test_turns_and_decisions_are_counted_once(service):
    client = service.client
    session = client.post("/v1/sessions", json={}).json()["id"]
    reply = client.post(f"/v1/sessions/{session}/messages", json={"text": "a red potion, 16x16"}).json()
    service.generate()
    sprite = client.get("/v1/sprites").json()["data"][0]["id"]
    review = client.post("/v1/review", json={"sprite_id": sprite, "reason": "look"}).json()["id"]
    for _ in range(2):  # the second is the first one's answer
        told = client.post(f"/v1/review/{review}", json={"decision": "approve"}, headers={"Idempotency-Key": "k"})
        assert told.status_code == 200
    assert client.post(f"/v1/review/{review}", json={"decision": "reject"}).status_code == 409
    found = samples(client.get("/metrics").text)
    assert found[f'pixelmind_turns_total{{kind="{reply["kind"]}"}}'] == 1
    assert [found[f'pixelmind_review_decisions_total{{decision="{d}"}}'] for d in DECISIONS] == [1, 0, 0]
    assert found['pixelmind_stage_seconds_count{stage="work"}'] == 1


def test_drift_is_looked_for_and_told(make_service, tiny_engine, monkeypatch, caplog):
    service = make_service()
    state, user = service.app.state.pixelmind, service.db.users.ensure("local")
    watch = DriftWatch(state.fleet, service.db, state.metrics)
    watch.watch.size, watch.watch.window = 20, 10
    weights = tiny_engine.pipe.bundle.id
    for i in range(30):
        service.db.sprites.add(user, blob(color=(200, 40, 7 * i % 30)), prompt=f"a red {7 * i % 30}", weights=weights)
    watch.look()
    found = samples(service.client.get("/metrics").text)
    assert found["pixelmind_drift_windows_total"] == 1
    assert found['pixelmind_drift_p_value{of="prompts"}'] > 0.005
    assert found['pixelmind_drift_distance{of="outputs"}'] > 0
    for i in range(10):
        asked = f"thunderstorm over the orbital shipyard number {i}"
        service.db.sprites.add(user, blob(64, 64, (20, 40, 250)), prompt=asked, weights=weights)
    watch.look()
    watch.look()  # nothing new
    found = samples(service.client.get("/metrics").text)
    assert found["pixelmind_drift_windows_total"] == 2
    assert max(found[f'pixelmind_drift_p_value{{of="{of}"}}'] for of in ("prompts", "outputs")) < 0.005
    assert found['pixelmind_drift_stability_index{figure="side"}'] > 1
    assert "prompts drift" in caplog.text


def test_the_studios_figures_are_those_of_the_metrics(make_service):
    service = make_service()
    assert service.generate(n=2).status_code == 200
    assert service.client.get("/v1/sprites/none").status_code == 404
    service.app.state.pixelmind.metrics.drifted(Look(Drift(0.0, 0.5), Drift(0.0, 0.25, {"side": 0.1}), ""))
    told = service.client.get("/v1/stats/service").json()
    found = samples(service.client.get("/metrics").text)
    assert (told["requests"], told["by_status"], told["failed_share"]) == (2, {"200": 1, "404": 1}, 0)
    assert {stage["name"] for stage in told["stages"]} == {"queue", "text", "level_16", "finish", "keep"}
    (drawn,) = [route for route in told["routes"] if route["name"] == "POST /v1/images/generations"]
    assert 0 < drawn["p50_ms"] <= drawn["p95_ms"] <= 5000
    assert (drawn["count"], told["pictures"], told["pictures_a_batch"]) == (1, found["pixelmind_images_total"], 2)
    assert (told["drift"], told["stability"]) == ({"prompts": 0.5, "outputs": 0.25}, {"side": 0.1})
    assert told["memory_bytes"] == pytest.approx(found["process_resident_memory_bytes"], rel=0.2)
    assert (told["flagged"], told["turns"], told["question_share"], told["waiting_limit"]) == ({}, {}, None, 256)
    buckets = [(1.0, 0.0), (2.0, 10.0), (float("inf"), 20.0)]
    assert [quantile(buckets, q) for q in (0.25, 0.5, 0.9)] == [1.5, 2.0, 2.0]
    assert quantile([(1.0, 0.0), (float("inf"), 0.0)], 0.5) is None


def test_the_services_figures_are_for_admins(make_service):
    service = make_service(keys=True)
    user = service.db.users.ensure("ann")
    for scope, status in (("generate", 403), ("admin", 200)):
        _, token = service.db.keys.create(user, [scope])
        answer = service.client.get("/v1/stats/service", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_cards_are_read_where_there_are_any(monkeypatch):
    for absent in (Nvml(broken=True), None):  # no driver; not installed
        monkeypatch.setitem(sys.modules, "pynvml", absent)
        registry = CollectorRegistry()
        assert not gpu.register(registry)
        assert generate_latest(registry) == b""
    monkeypatch.setitem(sys.modules, "pynvml", Nvml())
    assert gpu.register(registry)
    found = samples(generate_latest(registry).decode())
    assert found == {
        'pixelmind_gpu_utilization_ratio{gpu="0"}': 0.37,
        'pixelmind_gpu_memory_used_bytes{gpu="0"}': 2**30,
        'pixelmind_gpu_memory_total_bytes{gpu="0"}': 2**34,
        'pixelmind_gpu_temperature_celsius{gpu="0"}': 61,
    }


def test_dashboard_and_rules_name_what_is_exported(make_service, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", Nvml())
    service = make_service()
    service.generate()
    session = service.client.post("/v1/sessions", json={}).json()["id"]
    service.client.post(f"/v1/sessions/{session}/messages", json={"text": "undo"})
    service.app.state.pixelmind.metrics.drifted(Look(Drift(0.0, 1.0), Drift(0.0, 1.0, {"side": 0.0}), ""))
    known = exported(service.client.get("/metrics").text)
    asked = expressions()
    assert len(asked) > 40
    for expression in asked:
        names = set(METRIC.findall(expression)) - {"pixelmind"}
        assert names <= set(known) | {"up"}, expression
        assert names or "up{" in expression
        labels = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(", ")}
        labels |= set(re.findall(r"(\w+)=~?\"", expression))
        allowed = {"instance", "job"}.union(*(known[name] for name in names))
        assert labels <= allowed, expression
    shown = {name for expression in asked for name in METRIC.findall(expression)}
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in shown}
    ours = {re.sub("_(bucket|sum|count)$", "", name) for name in known if name.startswith("pixelmind_")}
    unseen = {name for name in ours - families if not name.endswith("_created")}
    assert unseen == {"pixelmind_batches_total"}  # the histogram of their sizes counts them too


@promtool
def test_promtool_accepts_config_rules_and_panels(tmp_path):
    rules = [{"record": f"panel:number_{i}", "expr": e} for i, e in enumerate(expressions())]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    for command in (
        ["check", "config", str(DEPLOY / "prometheus.yml")],
        ["test", "rules", str(DEPLOY / "alerts_test.yml")],
        ["check", "rules", str(tmp_path / "panels.yml")],
    ):
        done = subprocess.run(["promtool", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("prometheus") is None, reason="Debian's prometheus is not installed")
def test_prometheus_scrapes_a_service(service, tmp_path):
    shutil.copy(DEPLOY / "alerts.yml", tmp_path)
    with serving(service.app) as address:
        text = (DEPLOY / "prometheus.yml").read_text().replace("127.0.0.1:7878", address.removeprefix("http://"))
        (tmp_path / "prometheus.yml").write_text(text.replace("15s", "1s"))
        service.generate()
        port = 19_000 + time.time_ns() % 10_000
        server = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'series'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                ask = "pixelmind_stage_seconds_count{stage='level_16'} and on (instance) up == 1"
                until, result = time.monotonic() + 60, []
                while not result and time.monotonic() < until:
                    time.sleep(0.5)
                    try:
                        result = client.get("/api/v1/query", params={"query": ask}).json()["data"]["result"]
                    except (httpx.TransportError, KeyError, ValueError):
                        continue
                assert [float(row["value"][1]) for row in result] == [1.0]
                alerts = client.get("/api/v1/rules").json()["data"]["groups"][0]["rules"]
                assert {rule["health"] for rule in alerts} <= {"ok", "unknown"}
                assert len(alerts) == len(yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"])
        finally:
            server.terminate()
            server.wait(20)
