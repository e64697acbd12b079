"""Settings of the procedural stage, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass

from pixelmind.data.procedural import engines
from pixelmind.errors import BadInput

MIN_SIDE, MAX_SIDE = 8, 256


@dataclass(frozen=True, kw_only=True)
class SynthConfig:
    """What `stage.synth` draws."""

    #: Scenes to draw; exact duplicates are stored once, so a few fewer may arrive.
    num_samples: int = 10_000
    #: Seed of the shard; scene i has the seed `seed * 2**32 + i`.
    seed: int = 0
    #: Families to draw, by name; empty means all, by weight.
    families: tuple[str, ...] = ()
    #: Art styles to draw in, by name; empty means all, by weight.
    styles: tuple[str, ...] = ()
    #: Genres to draw, by name; empty means all.
    genres: tuple[str, ...] = ()
    #: Share of compositions (subjects in a place) where size and families allow.
    composed: float = 0.3
    #: Shortest and longest side in pixels.
    min_size: int = MIN_SIDE
    max_size: int = MAX_SIDE
    #: Captions false in one fact that are kept beside each scene, at most; 0 keeps none.
    counterfactuals: int = 0
    #: Processes that draw (Ray tasks at once); 1 draws in this one.
    workers: int = 1
    #: Where they run: "local" or "ray"; the store is the same.
    engine: str = "local"
    #: Scenes of a shard: what a killed run may lose, a worker.
    shard: int = 2048
    #: Show progress on stderr.
    progress: bool = True

    def __post_init__(self) -> None:
        from pixelmind.data.procedural.family import GENRES
        from pixelmind.data.procedural.scene import COMPOSED_SIZES, composable, families, families_of
        from pixelmind.data.procedural.styles import STYLES

        if self.num_samples < 1:
            raise BadInput("num_samples must be at least 1")
        if self.workers < 1 or self.shard < 1:
            raise BadInput("workers and shard must be at least 1")
        engines.check(self.engine)
        if self.counterfactuals < 0:
            raise BadInput(f"counterfactuals is a number of captions, got {self.counterfactuals}")
        if not MIN_SIDE <= self.min_size <= self.max_size <= MAX_SIDE:
            raise BadInput(
                f"procedural sizes lie between {MIN_SIDE} and {MAX_SIDE} px, got {self.min_size} to {self.max_size}"
            )
        if not 0 <= self.composed <= 1:
            raise BadInput(f"composed is a share between 0 and 1, got {self.composed}")
        for what, asked, known in (
            ("family", self.families, families()),
            ("style", self.styles, STYLES),
            ("genre", self.genres, GENRES),
        ):
            unknown = [name for name in asked if name not in known]
            if unknown:
                raise BadInput(f"no {what} named {unknown[0]!r}; there are: {', '.join(known)}")
        for genre in self.genres if self.families else ():
            if not set(self.families) & set(families_of(genre)):
                raise BadInput(f"no chosen family is of the genre {genre!r}; it has: {', '.join(families_of(genre))}")
        chosen = self.families or tuple(families())
        alone = any(self.fits(size) for name in chosen for size in families()[name].sizes)
        together = self.composed > 0 and any(map(self.fits, COMPOSED_SIZES)) and set(chosen) & set(composable())
        if not alone and not together:
            raise BadInput(f"no chosen family is drawn between {self.min_size} and {self.max_size} px; widen the sizes")

    def fits(self, size: tuple[int, int]) -> bool:
        """Whether both sides of (height, width) lie in the range."""
        return self.min_size <= min(size) and max(size) <= self.max_size
