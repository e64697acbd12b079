"""Requests made up from the OpenAPI document, good and bad: none may be a fault of the service.

The default run takes a few examples an operation; `-m slow` many more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from service_parts import blob

from pixelmind.generator.pipeline import PixelPipeline
from pixelmind.serving.app import create_app
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine
from pixelmind.storage import Database

schemathesis = pytest.importorskip("schemathesis")
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
HERE = {"Host": "127.0.0.1"}


@dataclass
class Api:
    """The document of a service, and what makes things in it whose ids requests can name."""

    schema: Any
    db: Database
    user: str
    seen: Counter[int] = field(default_factory=Counter)

    def real(self, name: str) -> str | None:
        """The id of a fresh thing of the kind that a path's parameter names."""
        if name == "sprite_id":
            return self.db.sprites.add(self.user, blob(), prompt="a disc").id
        if name == "session_id":
            return self.db.sessions.create(self.user, settings={}).id
        if name == "review_id":
            return self.db.review.flag(self.user, self.db.sprites.add(self.user, blob()).id, "odd").id
        return "pico-8" if name == "name" else None

    def ask(self, case: Any) -> None:
        """Send a request as made up, and again with ids of things that are there."""
        self._send(case)
        parameters = dict(case.path_parameters or {})
        if parameters:
            case.path_parameters = {k: self.real(k) or v for k, v in parameters.items()}
            self._send(case)

    def _send(self, case: Any) -> None:
        answer = case.call(headers=HERE)
        self.seen[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, tiny_pipe: PixelPipeline) -> Iterator[Api]:
    """The API of a service that draws one picture at a time."""
    folder: Path = tmp_path_factory.mktemp("api")
    config = Config(home=folder, max_images=1)
    engine = Engine(tiny_pipe, window_ms=0)
    with Database(config.database) as db:
        db.upgrade()
        app = create_app(config, db=db, engine=engine)
        schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=HERE)
        yield Api(schema, db, db.users.ensure("local").id)
        engine.close()


def faults(api: Api, examples: int) -> list[str]:
    """What was wrong with the answers to `examples` requests an operation."""
    found = []
    for result in api.schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
        )
        def ask(case: Any) -> None:
            api.user = api.db.users.ensure("local").id  # a request may have deleted the account
            api.ask(case)

        try:
            ask()
        except BaseExceptionGroup as group:
            found.append(f"{operation.label}: {group.exceptions}")
        except Exception as error:
            found.append(f"{operation.label}: {error}")
    return found


def test_no_made_up_request_is_a_fault(api):
    assert faults(api, 3) == []
    assert sum(api.seen[status] for status in (200, 201, 204)) > 40
    assert api.seen[404] > 10


@pytest.mark.slow
def test_many_made_up_requests(api):
    assert faults(api, 150) == []
