"""Two services behind one address, by Ray Serve."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from pixelmind.errors import BadInput
from pixelmind.serving.config import Config
from pixelmind.serving.replicas import Scale, serving

ASKED = {"prompt": "a red key", "size": "16x16", "seed": 3}


def test_how_many_are_asked_for():
    assert (Scale.parse("2").least, Scale.parse("2").most) == (2, 2)
    assert (Scale.parse("1-8").least, Scale.parse(" 1-8 ").most) == (1, 8)
    for wrong in ("", "0", "3-2", "0-2", "-1", "2-", "many"):
        with pytest.raises(BadInput, match=r"--replicas .*: give a number such as 2"):
            Scale.parse(wrong)


def replicas():
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "ServeReplica" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def picture(client):
    answer = client.post("/v1/images/generations", json=ASKED)
    answer.raise_for_status()
    return answer.json()["data"][0]["b64_json"]


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("ray_here")
def test_two_replicas_are_one_service(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        serving(Config(home=tmp_path, port=port), Scale(2, 2)) as url,
        httpx.Client(base_url=url, timeout=120) as client,
    ):
        both = replicas()
        assert len(both) == 2
        before = [sum(p.cpu_times()[:2]) for p in both]
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(picture, [client] * 24))) == 1  # whoever draws it, the same bytes
        assert all(sum(p.cpu_times()[:2]) > was + 0.1 for p, was in zip(both, before))  # both drew

        # What one keeps, the other knows.
        session = client.post("/v1/sessions", json={}).json()["id"]
        assert {client.get(f"/v1/sessions/{session}").status_code for _ in range(8)} == {200}

        # Errors are ours, and an answer has one id.
        assert client.post("/v1/images/generations", json={"prompt": ""}).json()["error"]["code"] == "invalid_value"
        answer = client.get("/v1/models", headers={"X-Request-Id": "mine-1"})
        assert answer.headers.get_list("x-request-id") == ["mine-1"]
        assert client.get("/v1/models", headers={"Host": "evil.example"}).status_code == 421

        # One is killed: the other goes on, and a new one comes.
        both[0].kill()
        until = time.monotonic() + 90
        while len([p for p in replicas() if p.pid != both[0].pid]) < 2:
            assert time.monotonic() < until
            time.sleep(0.5)
            assert client.get("/healthz").status_code in (200, 500, 503)
        assert picture(client) == picture(client)
    assert not replicas()
