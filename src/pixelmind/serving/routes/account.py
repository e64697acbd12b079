"""A person's account: what is kept, all of it as a zip, and an end to all of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from pixelmind.serving.dependencies import Anyone, RequestId, Service
from pixelmind.serving.objects import Body
from pixelmind.storage.ids import now

router = APIRouter(prefix="/v1/account", tags=["account"])


class AccountObject(BaseModel):
    """Who calls."""

    user: str = Field(description="The person's name.")
    id: str
    scopes: list[str]
    usage: dict[str, int] = Field(description="What was used of the day's quotas, by name.")
    limits: dict[str, int] = Field(description="The quotas of a day.")


class MemoryObject(BaseModel):
    """What the dialogue remembers of a person."""

    pairs: int = Field(description="Words of which it was told what they mean.")
    bytes: int


class Point(BaseModel):
    """One interaction on the learning curve."""

    turn: int
    kind: str = Field(description="What was done.")
    time: str
    foretold: float | None = Field(None, description="Chance given to the choice before it was learned from.")
    foretold_by_words: float | None = Field(None, description="The same without anything learned of the person.")
    tie: bool = False
    steps: int = Field(0, description="First-order steps on the weights after it.")
    seconds: float | None = Field(None, description="Time of the step that it ended.")
    rolled_back: str = Field("", description="Why something was taken back, if it was.")


class OnlineObject(BaseModel):
    """What is learned of a person from what they do."""

    on: bool = Field(description="Whether this service learns.")
    learning: bool = Field(description="Whether a step waits or runs.")
    turns: int = Field(description="Interactions learned from.")
    bytes: int
    error: str | None = Field(description="Why the last step failed.")
    curve: list[Point] = Field(description="The newest interactions, oldest first.")


class Goodbye(Body):
    """The word that deletes an account."""

    confirm: Literal["delete"]


@router.get("", response_model=AccountObject)
def account(service: Service, caller: Anyone) -> AccountObject:
    """Who calls, what the key may, and what was used today."""
    return AccountObject(
        user=service.db.users.get(caller.user).name,
        id=caller.user,
        scopes=sorted(caller.scopes),
        usage=service.db.quota.usage(caller.user),
        limits={"images": service.config.images_per_day},
    )


class _Pipe(io.RawIOBase):
    """What a zip is written to, taken out piece by piece."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        out, self.parts = b"".join(self.parts), []
        return out


def zipped(entries: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip of entries as they come, one in memory at a time."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
            if piece := pipe.taken():
                yield piece
    yield pipe.taken()


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {"application/zip": {}}}})
def export(service: Service, caller: Anyone, request_id: RequestId) -> StreamingResponse:
    """All that is kept of the person, as a zip of JSON Lines and pictures."""
    user = caller.user
    entries = chain(service.db.account.export(user), service.styles.files(user), service.learning.files(user))
    service.db.audit.write(caller.user, "account.export", request_id=request_id)
    headers = {"Content-Disposition": 'attachment; filename="pixelmind-account.zip"'}
    return StreamingResponse(zipped(entries), media_type="application/zip", headers=headers)


@router.delete("", status_code=204)
def delete(body: Goodbye, service: Service, caller: Anyone, request_id: RequestId) -> Response:
    """Delete the person and all that is theirs, for good; their keys no longer open anything."""

    def work() -> None:
        service.db.audit.write(caller.user, "account.delete", request_id=request_id)
        service.db.account.delete(caller.user)

    service.db.write(lambda _: work())
    service.styles.forget(caller.user)
    service.learning.forget(caller.user)
    return Response(status_code=204)


@router.get("/memory", response_model=MemoryObject)
def memory(service: Service, caller: Anyone) -> MemoryObject:
    """How much the dialogue remembers of the person."""
    kept = service.db.memory.load(caller.user)
    return MemoryObject(pairs=0, bytes=0) if kept is None else MemoryObject(pairs=kept[1]["pairs"], bytes=len(kept[0]))


@router.delete("/memory", status_code=204)
def forget(service: Service, caller: Anyone, request_id: RequestId) -> Response:
    """Forget what the dialogue remembers of the person, for good."""

    def work() -> None:
        service.db.memory.delete(caller.user)
        service.db.audit.write(caller.user, "memory.delete", request_id=request_id)

    service.db.write(lambda _: work())
    return Response(status_code=204)


@router.get("/online", response_model=OnlineObject)
def online(service: Service, caller: Anyone, points: Annotated[int, Query(ge=0, le=2000)] = 100) -> OnlineObject:
    """How much was learned of the person from what they did, and the learning curve of their last interactions."""
    told = service.learning.status(caller.user)
    curve = told.pop("curve")
    return OnlineObject(**told, curve=[Point(**point) for point in curve[max(0, len(curve) - points) :]])


@router.delete("/online", status_code=204)
def reset(service: Service, caller: Anyone, request_id: RequestId) -> Response:
    """Delete what was learned of the person, for good; only what they do from now on is learned from."""
    service.learning.forget(caller.user, now())
    service.db.audit.write(caller.user, "online.delete", request_id=request_id)
    return Response(status_code=204)
