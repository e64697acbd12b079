"""The service as one FastAPI app: routes, guards, errors, and the studio at `/`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from pixelmind import __version__
from pixelmind.errors import BadInput
from pixelmind.serving import errors
from pixelmind.serving.config import Config
from pixelmind.serving.dependencies import State
from pixelmind.serving.drifting import DriftWatch
from pixelmind.serving.engine import Engine
from pixelmind.serving.fleet import Arm, Fleet, model_folder, whole
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
    tones,
)
from pixelmind.serving.security import Guard
from pixelmind.storage import Database, DatabaseDown

if TYPE_CHECKING:
    from pixelmind.generator.pipeline import PixelPipeline
    from pixelmind.quality.inspector import QualityInspector

log = logging.getLogger("pixelmind.serving")
DAY = 86_400
FOLLOW_SECONDS, JUDGE_SECONDS, DRIFT_SECONDS = 1.0, 10.0, 600.0
STUDIO = Path(__file__).parent / "studio"
ROUTES = (
    images,
    sdapi,
    models,
    styles,
    sprites,
    tones,
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


def load_pipeline(config: Config, weights: Path | None = None) -> PixelPipeline:
    """The pipeline that a service with this config draws with, from other `weights` than the config's where they are given."""
    from pixelmind.generator.pipeline import BEST_OF, load

    best_of = BEST_OF if config.best_of is None else config.best_of
    return load(weights or config.weights, threads=config.threads, best_of=best_of)


def load_engine(config: Config, find: Callable[[], Path | None] = lambda: None) -> Engine:
    """An engine that loads its networks in its own thread, from the folder that `find` tells there (None: the config's weights)."""
    found: list[Path | None] = []

    def pipeline() -> PixelPipeline:
        import pixelmind.generator.pipeline  # noqa: F401  (while the folder is looked for)

        found.append(find())
        return load_pipeline(config, found[-1])

    def inspector() -> QualityInspector | None:
        from pixelmind.quality.inspector import load_inspector

        return load_inspector(found[-1] or config.weights)

    return Engine(
        pipeline,
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


async def _every(seconds: float, work: Callable[[], None]) -> None:
    """Do work in a thread, now and again and again, also where the database was down."""
    while True:
        try:
            await run_in_threadpool(work)
        except (DatabaseDown, BadInput) as error:
            log.warning("not done now: %s", error)
        await asyncio.sleep(seconds)


def create_app(config: Config, *, db: Database | None = None, engine: Engine | None = None) -> FastAPI:
    """An app that is ready to be served; what is not given is made from the config and closed with the app.

    Raises:
        BadInput: the config asks for what cannot be. DatabaseDown: the database does not answer.
    """
    own_db, own_engine = db is None, engine is None
    # The engine first: its thread imports what it needs while this one opens the database, which knows the champion.
    where: Future[Path | None] = Future()
    engine = engine or load_engine(config, where.result)
    try:
        db = opened = db or open_database(config)
        follows = own_engine and config.weights is None
        champion = opened.models.champion() if follows else None
    except Exception as error:
        where.set_exception(error)
        if own_engine:
            engine.close(0)
        raise
    first = Arm("", engine)
    try:
        first.model, folder = ("", None) if champion is None else whole(config, opened, champion)
        where.set_result(folder)
    except BadInput as error:  # damaged: told by the engine, as damaged weights are
        where.set_exception(error)

    def load(model: str) -> Engine:
        loaded = load_engine(config, lambda: model_folder(config, opened, model))
        loaded.meter = metrics
        return loaded

    fleet = Fleet(config, db, first, load if follows else None)
    engine.meter = metrics = Metrics(fleet)
    state = State(config, db, fleet, Limiter(), metrics)
    fleet.bound = lambda user: next(state.styles.files(user), None) is not None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        jobs = (
            (DAY, opened.tidy),
            (FOLLOW_SECONDS, fleet.follow),
            (JUDGE_SECONDS, fleet.judge),
            (DRIFT_SECONDS, DriftWatch(fleet, opened, metrics).look),
        )
        tasks = [asyncio.create_task(_every(seconds, work)) for seconds, work in jobs]
        await run_in_threadpool(state.styles.resume)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await run_in_threadpool(state.styles.close)
        await run_in_threadpool(state.learning.close)
        await run_in_threadpool(fleet.close, own_engine)
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
