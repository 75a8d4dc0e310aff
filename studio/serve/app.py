"""The HTTP interface: routes, token, bounds, and errors that say what to do."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from studio import __version__
from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.paths import resource
from studio.serve.questions import (
    LARGEST_BODY,
    Answer,
    Change,
    Generate,
    Offer,
    Problem,
)
from studio.serve.shelf import SERVED, Busy, NoSuchModel, Shelf

log = logging.getLogger(__name__)

_BEARER = HTTPBearer(auto_error=False)
_OPEN = frozenset({"/health", "/docs", "/openapi.json"})  # what tells nothing of the user
_ERRORS: dict[int | str, dict[str, object]] = {
    code: {"model": Problem} for code in (400, 401, 404, 413, 422, 503)
}


def new_token() -> str:
    """Return a secret that nobody guesses."""
    return secrets.token_urlsafe(24)


def make_app(project: Path, token: str, hosts: list[str]) -> FastAPI:
    """Return the service.

    Args:
        project: The project whose models are served.
        token: What callers must know.
        hosts: Names under which it answers: a page on the internet cannot reach it by another.
    """
    shelf = Shelf(project)
    app = FastAPI(
        title="AIGC Studio",
        version=__version__,
        description="Trained models of one project. Every request carries the header"
        " `Authorization: Bearer TOKEN`.",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    _guard(app, token)
    _explain_errors(app)
    guarded = [Depends(_BEARER)]  # the guard has checked it; this writes it into the schema

    @app.get("/health", summary="Whether the service answers")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(resource("serve", "docs.html").read_text("utf-8"))

    @app.get("/models", dependencies=guarded, responses=_ERRORS, summary="What can be asked")
    def offers() -> list[Offer]:
        return shelf.offers()

    @app.post(
        "/models/{model}/generate",
        dependencies=guarded,
        responses=_ERRORS,
        summary="Make new pictures, texts or pieces",
    )
    def generate(model: str, question: Generate) -> Answer:
        return shelf.generate(model, question)

    @app.post(
        "/models/{model}/{task}",
        dependencies=guarded,
        responses=_ERRORS,
        summary="Change or answer something of your own by one of the model's tasks",
    )
    def change(model: str, task: Task, question: Change) -> Answer:
        if task not in SERVED:
            raise NoSuchModel
        return shelf.change(model, task, question)

    return app


def _guard(app: FastAPI, token: str) -> None:
    @app.middleware("http")
    async def guarded(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        """Refuse who does not know the token, and bodies that are too large, unread."""
        if request.url.path not in _OPEN:
            kind, _, given = request.headers.get("authorization", "").partition(" ")
            right = secrets.compare_digest(given.encode(), token.encode())
            if kind.lower() != "bearer" or not right:
                return _problem(401, "The token is missing or wrong", "Send it as Bearer TOKEN.")
        length = request.headers.get("content-length", "")
        if request.method == "POST" and not length.isdigit():
            return _problem(411, "The length is missing", "Send a Content-Length header.")
        if length and int(length) > LARGEST_BODY:
            limit = f"At most {LARGEST_BODY >> 20} MB are taken."
            return _problem(413, "The request is too large", limit)
        return await call(request)


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(StudioError)
    async def studio_error(_request: Request, error: StudioError) -> JSONResponse:
        return _problem(400, error.title, error.message, error.hint)

    @app.exception_handler(NoSuchModel)
    async def no_model(_request: Request, _error: NoSuchModel) -> JSONResponse:
        return _problem(404, "There is no such model", "GET /models lists models and their tasks.")

    @app.exception_handler(Busy)
    async def busy(_request: Request, _error: Busy) -> JSONResponse:
        return _problem(503, "Too much is asked at once", "Try again in a moment.")

    @app.exception_handler(RequestValidationError)
    async def wrong(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return _problem(422, "The request is not understood", f"{place}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> JSONResponse:
        return _problem(error.status_code, "Refused", str(error.detail))

    @app.exception_handler(Exception)
    async def fault(_request: Request, error: Exception) -> JSONResponse:
        log.error("a request failed", exc_info=error)
        return _problem(500, "Something unexpected went wrong", "The service's log has details.")


def _problem(code: int, title: str, message: str, hint: str = "") -> JSONResponse:
    body = Problem(title=title, message=message, hint=hint)
    return JSONResponse(body.model_dump(), status_code=code)
