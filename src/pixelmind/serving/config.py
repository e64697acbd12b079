"""What a service is told when it starts: where it listens, what it keeps, and how much it takes on."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from pixelmind.errors import BadInput

DEFAULT_PORT = 7878
MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of one service.

    Without `keys` it is the service of one person on this machine: nobody shows a key, everything belongs to the user "local", and
    only this machine may call. With `keys` each call shows one, and `origins` lists the other web pages (scheme://host) that may.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    keys: bool = False
    origins: tuple[str, ...] = ()
    database_url: str = ""  # empty: a file in `home`
    weights: Path | None = None
    threads: int | None = None
    online: bool = False  # learn from what each person does, and draw with it
    check: bool = True  # inspect finished pictures, where the weights hold a critic
    best_of: int | None = None  # first-level candidates a picture; None is the pipeline's own
    max_batch: int = 16
    max_queue: int = 256  # pictures that wait
    window_ms: float = 4.0
    max_images: int = 16  # of one request
    max_json_bytes: int = MIB
    max_upload_bytes: int = 8 * MIB
    wait_seconds: float = 600.0  # a request that waits longer for the engine is given up
    requests_per_minute: int = 600  # of one key
    images_per_day: int = 5_000  # of one user
    failures_per_minute: int = 30  # wrong keys from one address

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise BadInput(f"port {self.port} is out of range: use 0 to 65535")
        if not self.keys and not is_loopback(self.host):
            raise BadInput(
                f"without keys only this machine may call: listen on 127.0.0.1 instead of {self.host}, or ask for keys with --keys"
            )

    @property
    def database(self) -> str:
        """The database's URL: the one asked for, PIXELMIND_DATABASE_URL, or a SQLite file in `home`."""
        return (
            self.database_url
            or os.environ.get("PIXELMIND_DATABASE_URL", "")
            or f"sqlite:///{(self.home / 'pixelmind.db').resolve()}"
        )


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
