"""A service under load, for test_durability: writes feedback from four threads and prints "NUMBER ID" of each write that returned.

Arguments: database URL, user id, sprite id. Numbers come on stdin, one a line. The test kills it at any moment.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from pixelmind.storage import Database

url, user, sprite = sys.argv[1:]
database = Database(url)


def write(number: str) -> None:
    """One write under its idempotency key; its line is printed whole, after the commit."""
    answer = database.idempotency.run(
        user,
        f"key-{number}",
        f"hash-{number}",
        lambda _: {"id": database.feedback.event(user, sprite, "view", details={"number": int(number)}).id},
    )
    sys.stdout.write(f"{number} {answer['id']}\n")
    sys.stdout.flush()


with ThreadPoolExecutor(4) as pool:
    list(pool.map(write, sys.stdin.read().split()))
