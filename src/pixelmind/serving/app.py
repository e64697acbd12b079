"""The service as one FastAPI app: routes, guards, errors, and the studio at `/`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from pixelmind import __version__
from pixelmind.serving import errors
from pixelmind.serving.config import Config
from pixelmind.serving.dependencies import State
from pixelmind.serving.engine import Engine
from pixelmind.serving.limits import Limiter
from pixelmind.serving.metrics import Metrics
from pixelmind.serving.routes import (
    account,
    feedback,
    health,
    images,
    limits,
    models,
    palettes,
    preferences,
    review,
    sdapi,
    sessions,
    sprites,
    stats,
    styles,
)
from pixelmind.serving.security import Guard
from pixelmind.storage import Database, DatabaseDown

if TYPE_CHECKING:
    from pixelmind.generator.pipeline import PixelPipeline
    from pixelmind.quality.inspector import QualityInspector

log = logging.getLogger("pixelmind.serving")
DAY = 86_400
STUDIO = Path(__file__).parent / "studio"
ROUTES = (
    images,
    sdapi,
    models,
    styles,
    sprites,
    sessions,
    palettes,
    feedback,
    preferences,
    review,
    account,
    stats,
    limits,
    health,
)


def load_pipeline(config: Config) -> PixelPipeline:
    """The pipeline that a service with this config draws with."""
    from pixelmind.generator.pipeline import BEST_OF, load

    best_of = BEST_OF if config.best_of is None else config.best_of
    return load(config.weights, threads=config.threads, best_of=best_of)


def load_engine(config: Config) -> Engine:
    """An engine that loads its networks in its own thread."""

    def inspector() -> QualityInspector | None:
        from pixelmind.quality.inspector import load_inspector

        return load_inspector(config.weights)

    return Engine(
        lambda: load_pipeline(config),
        config.max_batch,
        config.max_queue,
        config.window_ms,
        inspector if config.check else None,
    )


def open_database(config: Config) -> Database:
    """The service's database, brought to the newest schema."""
    config.home.mkdir(parents=True, exist_ok=True)
    db = Database(config.database)
    db.upgrade()
    return db


async def _tidying(db: Database) -> None:
    """Forget what no one needs any more, now and each day."""
    while True:
        try:
            await run_in_threadpool(db.tidy)
        except DatabaseDown as error:
            log.warning("not tidied: %s", error)
        await asyncio.sleep(DAY)


def create_app(config: Config, *, db: Database | None = None, engine: Engine | None = None) -> FastAPI:
    """An app that is ready to be served; what is not given is made from the config and closed with the app.

    Raises:
        BadInput: the config asks for what cannot be. DatabaseDown: the database does not answer.
    """
    own_db, own_engine = db is None, engine is None
    # The engine first: its thread loads the networks while this one opens the database.
    engine = engine or load_engine(config)
    try:
        db = db or open_database(config)
    except Exception:
        if own_engine:
            engine.close(0)
        raise
    state = State(config, db, engine, Limiter(), Metrics(engine))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tidying = asyncio.create_task(_tidying(state.db))
        yield
        tidying.cancel()
        with suppress(asyncio.CancelledError):
            await tidying
        await run_in_threadpool(state.styles.close)
        if own_engine:
            state.engine.close()
        if own_db:
            state.db.close()

    app = FastAPI(
        title="PixelMind-X",
        version=__version__,
        description="Words to true pixel art, corrected in plain language, learning from every correction.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=errors.RESPONSES,
    )
    app.state.pixelmind = state
    errors.install(app)
    for module in ROUTES:
        app.include_router(module.router)
    if STUDIO.is_dir():
        app.mount("/", StaticFiles(directory=STUDIO, html=True), name="studio")
    app.add_middleware(Guard, state=state)
    return app
