"""What routes ask for: the service's state, who calls, and the id of the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pixelmind.serving.auth import Caller, identify
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine
from pixelmind.serving.fleet import Arm, Fleet
from pixelmind.serving.learning import OnlineLearning
from pixelmind.serving.limits import Limiter
from pixelmind.serving.metrics import Metrics
from pixelmind.serving.networks import Networks
from pixelmind.serving.style_making import StyleMaker
from pixelmind.storage import Database

__all__ = [
    "Admin",
    "Anyone",
    "Caller",
    "Generating",
    "IdempotencyKey",
    "Rating",
    "RequestId",
    "Reviewing",
    "Service",
    "State",
    "current_user",
    "request_id",
    "state",
]


@dataclass(frozen=True)
class State:
    """What one service holds; made by `create_app`, the same for all requests."""

    config: Config
    db: Database
    fleet: Fleet
    limiter: Limiter
    metrics: Metrics

    @property
    def engine(self) -> Engine:
        """What draws: the champion's, for a request that of its arm."""
        return self.fleet.champion.engine

    @property
    def networks(self) -> Networks:
        """The networks of dialogues beside `engine`."""
        return self.fleet.champion.networks

    @cached_property
    def styles(self) -> StyleMaker:
        """The callers' own styles."""
        return StyleMaker(self.config)

    @cached_property
    def learning(self) -> OnlineLearning:
        """What is learned of the callers from what they do."""
        return OnlineLearning(self.config, self.metrics)


class _Seen:
    """The state as one request sees it: it keeps the arm that it first asked for, whatever is promoted meanwhile."""

    def __init__(self, state: State, request: Request) -> None:
        self._state, self._request = state, request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)

    @cached_property
    def _arm(self) -> Arm:
        return self._state.fleet.arm(self._request.scope)

    @property
    def engine(self) -> Engine:
        return self._arm.engine

    @property
    def networks(self) -> Networks:
        return self._arm.networks


def state(request: Request) -> State:
    """The service's state, as this request sees it."""
    return cast(State, _Seen(request.app.state.pixelmind, request))


def request_id(request: Request) -> str:
    """The id of this request, as the answer's X-Request-Id says it."""
    found: str = request.scope.get("pixelmind.request_id", "")
    return found


_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key made with `pixelmind keys create`. A service without keys takes none.",
)


def current_user(scope: str | None = None) -> Callable[..., Caller]:
    """A dependency that tells who calls, with a key that holds `scope` (None: any key).

    Raises (when called): 401 no or a wrong key, 403 the key lacks the scope, 429 too many requests.
    """

    def caller(
        request: Request,
        service: Annotated[State, Depends(state)],
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Caller:
        address = request.client.host if request.client else ""
        token = credentials.credentials if credentials else None
        found = identify(service.config, service.db, service.limiter, token, address, scope)
        request.scope["pixelmind.user"] = found.user
        return found

    return caller


Service = Annotated[State, Depends(state)]
RequestId = Annotated[str, Depends(request_id)]
Anyone = Annotated[Caller, Depends(current_user())]
Generating = Annotated[Caller, Depends(current_user("generate"))]
Rating = Annotated[Caller, Depends(current_user("feedback"))]
Reviewing = Annotated[Caller, Depends(current_user("review"))]
Admin = Annotated[Caller, Depends(current_user("admin"))]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        description="The same key with the same request gives the answer of the first time and does nothing twice.",
    ),
]
