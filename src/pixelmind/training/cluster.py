"""The one way to Ray (Moritz et al. 2018, arXiv 1712.05889): the cluster that RAY_ADDRESS names, else this machine alone.

    with cluster.connected(cpus=2) as ray:
        task = ray.remote(num_cpus=1)(work)
        results = ray.get([task.remote(job) for job in jobs])

Nothing is reported to anybody and no dashboard is started. Imports no torch, and Ray only when asked for it.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from pixelmind.errors import BadInput

#: Set before Ray is imported. Names of Ray's own settings; what the user has set stays.
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # tasks without a GPU see the GPUs as they are; what will be Ray's default
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_TRAIN_V2_ENABLED": "1",
}


def need(what: str, instead: str = "") -> None:
    """See that Ray is installed. `what` asked for it (`--engine ray`); `instead` is what does without.

    Raises:
        BadInput: it is not.
    """
    if find_spec("ray") is None:
        other = f", or use {instead}" if instead else ""
        raise BadInput(f"{what} needs Ray: pip install -c constraints.txt 'pixelmind[ray]'{other}")


@contextmanager
def connected(cpus: int | None = None, *, what: str = "this") -> Iterator[Any]:
    """Yield the module `ray`, connected; what was started here is stopped at the end.

    With RAY_ADDRESS set (`auto`, or `head:6379`) it joins that cluster; otherwise it starts one of `cpus` cores (default:
    all) on this machine, with a secret of its own. Inside another `connected` it is the same connection. Workers run this Python with
    this environment; on a cluster every machine needs pixelmind of the same version and sees the same folders.

    Raises:
        BadInput: Ray is not installed, or no cluster answers at RAY_ADDRESS.
    """
    need(what)
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    address = os.environ.get("RAY_ADDRESS")
    # Ray listens on the network and runs what it is sent. What it reads at its import stays so for this process.
    if not address and "RAY_AUTH_MODE" not in os.environ and "ray" not in sys.modules:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    import ray

    if ray.is_initialized():
        yield ray
        return
    missing = f"no Ray cluster answers at RAY_ADDRESS={address}: start one (bash runs/cluster.sh head), or unset it"
    if address and not _answers(address):
        raise BadInput(missing)
    alone: dict[str, Any] = {} if address else {"address": "local", "num_cpus": cpus, "include_dashboard": False}
    with warnings.catch_warnings():  # of forks and of coming releases
        warnings.simplefilter("ignore")
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **alone)
        except (ConnectionError, ValueError, RuntimeError) as error:
            first_line = str(error).strip().partition("\n")[0]
            raise BadInput(missing if address else f"Ray cannot start here: {first_line}") from error
    logging.getLogger("ray.train").setLevel(logging.ERROR)  # what it is about to do is told by us
    try:
        yield ray
    finally:
        ray.shutdown()


def _answers(address: str) -> bool:
    """Whether something listens at host:port; Ray itself would wait for minutes. Other forms (`auto`) Ray judges fast."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return True
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return True
    except OSError:
        return False
