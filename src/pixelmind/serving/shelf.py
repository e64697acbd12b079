"""Sprites of a dialogue by the ids of their rows: each is read when it is looked at, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pixelmind.errors import BadInput
from pixelmind.records import Sprite
from pixelmind.storage import Database, NotFound, SpriteRow


class Shelf:
    """The stored sprites of one person that one turn looks at."""

    def __init__(self, db: Database, user: str) -> None:
        self._db, self._user = db, user
        self._sprites: dict[str, Sprite] = {}

    def get(self, identity: str) -> Sprite:
        """A sprite; the same object each time.

        Raises:
            BadInput: it was deleted.
        """
        if identity not in self._sprites:
            try:
                self._sprites[identity] = self._db.sprites.get(self._user, identity).sprite
            except NotFound as error:
                raise BadInput("that picture was deleted; go to another version, or draw something new") from error
        return self._sprites[identity]

    def there(self, identities: Iterable[str]) -> list[str]:
        """Those of the ids that are still there."""
        return [i for i in identities if self.row(i) is not None]

    def row(self, identity: str | None) -> SpriteRow | None:
        """The row of a sprite, None where there is none any more."""
        try:
            return None if identity is None else self._db.sprites.get(self._user, identity)
        except NotFound:
            return None

    def later(self, identity: str) -> Callable[[], Sprite]:
        """What fetches a sprite when it is looked at."""
        return lambda: self.get(identity)

    def ids(self) -> dict[int, str]:
        """Ids of the sprites looked at so far, by `id()` of the object, which this shelf keeps alive."""
        return {id(sprite): identity for identity, sprite in self._sprites.items()}


def about_row(sprite: Sprite) -> dict[str, Any]:
    """What a row tells of a drawn sprite: prompt, seed and weights of its provenance."""
    told = sprite.provenance
    seed = told.get("seed")
    return {
        "prompt": str(told.get("prompt") or ""),
        "seed": seed if isinstance(seed, int) and 0 <= seed < 1 << 63 else None,
        "weights": str(told.get("weights") or ""),
    }
