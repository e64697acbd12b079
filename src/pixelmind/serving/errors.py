"""Every error in OpenAI's shape: {"error": {"message", "type", "param", "code"}}, one clear line, no traceback."""

from __future__ import annotations

import logging
import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from pixelmind.errors import BadInput
from pixelmind.storage import Conflict, DatabaseDown, DiskFull, NotFound, OverQuota, Unauthorized

log = logging.getLogger("pixelmind.serving")

#: `type` and `code` of a status.
KINDS = {
    400: ("invalid_request_error", "bad_input"),
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", "forbidden"),
    404: ("not_found_error", "not_found"),
    405: ("invalid_request_error", "method_not_allowed"),
    409: ("conflict_error", "conflict"),
    413: ("invalid_request_error", "too_large"),
    415: ("invalid_request_error", "unsupported_media_type"),
    421: ("permission_error", "wrong_host"),
    422: ("invalid_request_error", "invalid_value"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    499: ("cancelled_error", "client_gone"),
    500: ("server_error", "internal_error"),
    503: ("server_error", "unavailable"),
    507: ("server_error", "disk_full"),
}


class ErrorDetail(BaseModel):
    """What went wrong, in one line."""

    message: str = Field(description="One line that says what to do.")
    type: str = Field(description="The family of the error, as OpenAI's clients know it.")
    param: str | None = Field(None, description="The field that is wrong, where one is.")
    code: str | None = Field(None, description="A word for programs.")


class ErrorBody(BaseModel):
    """The body of every answer from 400 on."""

    error: ErrorDetail


class ApiError(Exception):
    """An error with its HTTP status; `retry_after` in seconds tells when to come again."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None, retry_after: float = 0
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code
        self.retry_after = retry_after


def as_api_error(error: Exception) -> ApiError:
    """The answer to any exception; what nobody foresaw is 500 and goes to the log with its traceback."""
    from pixelmind.serving.engine import Busy, Cancelled, EngineClosed, QueueFull

    match error:
        case ApiError():
            return error
        case HTTPException(status_code=404, detail="Not Found"):
            return ApiError(404, "there is nothing at this path; the reference is at /docs")
        case HTTPException(status_code=405):
            return ApiError(405, "this path takes other methods; the reference is at /docs")
        case HTTPException():
            return ApiError(error.status_code, str(error.detail))
        case QueueFull():
            return ApiError(429, str(error), code="queue_full", retry_after=error.retry_after)
        case Busy():
            return ApiError(503, str(error), retry_after=error.retry_after)
        case Cancelled():
            return ApiError(499, "the request was given up before its picture was drawn")
        case EngineClosed():
            return ApiError(503, "the service is stopping; try again soon", retry_after=5)
        case NotFound():
            return ApiError(404, str(error) or "there is no such thing here")
        case Conflict():
            return ApiError(409, str(error))
        case Unauthorized():
            return ApiError(401, str(error))
        case OverQuota():
            return ApiError(429, str(error), code="quota_exceeded", retry_after=error.retry_after)
        case BadInput():
            return ApiError(400, " ".join(str(error).split()))
        case DiskFull():
            return ApiError(507, "the service's disk is full; nothing was kept", retry_after=60)
        case DatabaseDown():
            return ApiError(
                503, "the database does not answer; nothing was kept, try again", code="database_down", retry_after=5
            )
    log.error("unforeseen error", exc_info=error)
    return ApiError(500, "something went wrong here, not with your request; the log has the details")


def body(error: ApiError) -> dict[str, Any]:
    """The JSON of an error."""
    kind, code = KINDS.get(error.status, ("invalid_request_error" if error.status < 500 else "server_error", None))
    detail = ErrorDetail(message=error.message, type=kind, param=error.param, code=error.code or code)
    return ErrorBody(error=detail).model_dump()


def answer(error: Exception) -> JSONResponse:
    """The response to an exception."""
    api = as_api_error(error)
    headers = {"Retry-After": str(max(1, math.ceil(api.retry_after)))} if api.retry_after else {}
    if api.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body(api), status_code=api.status, headers=headers)


def _first_fault(error: RequestValidationError) -> ApiError:
    faults = error.errors()
    fault: dict[str, Any] = faults[0] if faults else {"loc": (), "msg": "invalid request"}
    if fault.get("type") == "json_invalid":
        return ApiError(
            400, f"the body is not JSON: {fault.get('ctx', {}).get('error', fault['msg'])}", code="bad_json"
        )
    if fault.get("type") == "model_attributes_type" and tuple(fault["loc"]) == ("body",):
        return ApiError(422, "the body must be a JSON object, sent with Content-Type: application/json")
    where = [str(part) for part in fault["loc"] if part not in ("body", "query", "path", "header")]
    name = ".".join(where) or None
    message = str(fault["msg"]).removeprefix("Value error, ")
    return ApiError(422, f"{name}: {message}" if name else message, param=name)


def install(app: FastAPI) -> None:
    """Answer every exception of the app in this shape."""

    async def validation(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(_first_fault(error))

    async def any_other(_: Request, error: Exception) -> JSONResponse:
        return answer(error)

    app.add_exception_handler(RequestValidationError, validation)
    for kind in (HTTPException, ApiError, BadInput, NotFound, Conflict, Unauthorized, OverQuota, DatabaseDown):
        app.add_exception_handler(kind, any_other)
    from pixelmind.serving.engine import EngineError

    app.add_exception_handler(EngineError, any_other)


def _documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    texts = {
        400: "Bad input: one line says what to do.",
        401: "No key, a wrong one, or one that has expired or been revoked.",
        403: "The key lacks the scope.",
        404: "There is no such thing, or it is somebody else's.",
        409: "In conflict with what is kept.",
        413: "The body is too large.",
        422: "A field has a value out of range.",
        429: "Too much at once; Retry-After says when to come again.",
        500: "A fault of the service.",
        503: "Not ready, or the database does not answer; Retry-After says when to come again.",
        507: "The disk is full; nothing was kept.",
    }
    return {s: {"model": ErrorBody, "description": texts[s]} for s in statuses}


#: What every route may answer; given to the app, so that each operation documents it.
RESPONSES = _documented(400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 507)
