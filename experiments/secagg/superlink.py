"""Four questions to SuperLink and SuperNode of Flower 1.41.0 as carriers of our messages. Flower is no dependency: see flower.py.

FLWR_TELEMETRY_ENABLED=0 /tmp/flower/bin/python experiments/secagg/superlink.py
"""

from __future__ import annotations

import datetime
import importlib
import inspect
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main() -> None:
    auth: Any = importlib.import_module("flwr.superlink.routers.fleet.node_auth")
    ec: Any = importlib.import_module("cryptography.hazmat.primitives.asymmetric.ec")
    keys: Any = importlib.import_module("flwr.supercore.primitives.asymmetric")
    private = ec.generate_private_key(ec.SECP256R1())
    public = keys.public_key_to_bytes(private.public_key())
    auth.get_linkstate = lambda request: SimpleNamespace(get_node_id_by_public_key=lambda key: 7)

    def headers(ahead: float) -> dict[str, str]:
        stamp = (auth.now() + datetime.timedelta(seconds=ahead)).isoformat()
        return {
            auth.FLEET_HTTP_PUBLIC_KEY_HEADER: b64encode(public).decode(),
            auth.FLEET_HTTP_SIGNATURE_HEADER: b64encode(keys.sign_message(private, stamp.encode())).decode(),
            auth.TIMESTAMP_HEADER: stamp,
        }

    def accepted(shown: dict[str, str], body: str) -> bool:
        state = SimpleNamespace(protobuf_request=SimpleNamespace(node_id=7, body=body))
        try:
            auth.authenticate_node(SimpleNamespace(headers=shown, state=state))
        except Exception:
            return False
        return True

    for ahead in (-400, -200, 0, 4, 10):
        print(f"a node whose clock is {ahead} s ahead is accepted: {accepted(headers(ahead), 'x')}")
    once = headers(0)
    print(f"one signature is good for two different bodies: {accepted(once, 'x') and accepted(once, 'y')}")
    client = inspect.getsource(importlib.import_module("flwr.supernode.runtime.run_clientapp"))
    print(f"the client installs what the server sends: {'install_from_fab(fab.content, skip_prompt=True)' in client}")
    command = [Path(sys.executable).with_name("flower-supernode"), "--help"]
    told = " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    print(f"its help says that it shows no client certificate: {'This is not a client certificate for mTLS' in told}")


if __name__ == "__main__":
    main()
