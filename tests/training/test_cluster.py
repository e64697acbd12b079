import socket

import pytest

from pixelmind.errors import BadInput
from pixelmind.training import cluster


def square(number):
    return number**2


def test_a_missing_ray_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"--backend ray needs Ray: pip install .*, or use --backend local$"):
        cluster.need("--backend ray", "--backend local")
    with pytest.raises(BadInput, match="needs Ray"), cluster.connected(what="eval ablation"):
        pass


def test_a_dead_address_is_told_at_once(monkeypatch):
    pytest.importorskip("ray", reason="needs the extra 'ray'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(BadInput, match="no Ray cluster answers at RAY_ADDRESS=127"), cluster.connected():
            pass


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("ray_here")
def test_two_workers_answer_and_nothing_is_left():
    with cluster.connected(2) as ray:
        assert ray.cluster_resources()["CPU"] == 2
        with cluster.connected() as inner:  # the same connection, left open
            assert inner is ray
        assert ray.get([ray.remote(square).remote(i) for i in range(4)]) == [0, 1, 4, 9]
    assert not ray.is_initialized()
