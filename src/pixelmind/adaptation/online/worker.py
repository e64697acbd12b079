"""Steps of online adaptation in a process of its own, for a service that goes on drawing: `python -m pixelmind.adaptation.online.worker`.

In: a line of JSON on stdin, {"database", "home", "weights", "seconds"}, then a line {"user"} for each step. Out: {"ready": true}, then for
each step {"user", "interactions", "steps", "rolled_back", "seconds"}, or {"user", "error"}. One thread at low priority; it ends with stdin.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from pixelmind.adaptation.worker import NICE
from pixelmind.errors import BadInput


def _tell(**about: Any) -> None:
    print(json.dumps(about), flush=True)


def main() -> None:
    """Learn until stdin ends."""
    told = json.loads(sys.stdin.readline())
    os.nice(NICE)
    import torch

    from pixelmind.adaptation.online.learner import Learner, OnlineConfig
    from pixelmind.storage import Database, NotFound

    torch.set_num_threads(1)
    try:
        learner = Learner(told["weights"], OnlineConfig(seconds=told["seconds"]))
        if learner.config.steps:
            learner.adapter.warm()
    except BadInput as error:
        _tell(error=" ".join(str(error).split()))
        return
    with Database(told["database"]) as db:
        _tell(ready=True)
        for line in sys.stdin:
            user = json.loads(line)["user"]
            try:
                found = learner.step(db, Path(told["home"]), user)
            except NotFound:
                _tell(user=user, interactions=0)
            except BadInput as error:
                _tell(user=user, error=" ".join(str(error).split()))
            except Exception as error:
                logging.getLogger(__name__).exception("a step of online adaptation failed")
                _tell(user=user, error=f"the step failed ({type(error).__name__}); the service's log has the details")
            else:
                done = {} if found is None else {k: v for k, v in vars(found).items() if k != "state"}
                _tell(user=user, **{"interactions": 0, **done})


if __name__ == "__main__":
    main()
