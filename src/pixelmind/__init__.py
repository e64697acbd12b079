"""PixelMind-X: words to true pixel art, corrected in plain language, learning from every correction.

The rooms, in the way of the data: records, pixels, training, data, encoder, generator, dialogue, quality,
preference, adaptation, evaluation, lifecycle, serving, cli.

>>> import pixelmind
>>> pipe = pixelmind.load()                                  # doctest: +SKIP
>>> pipe("a green slime with a crown", size=(32, 32)).sprites  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "load"]

if TYPE_CHECKING:
    from pixelmind.generator.pipeline import load


def __getattr__(name: str) -> Any:
    """Load heavy parts only when asked for, so that `import pixelmind` stays without torch."""
    if name == "load":
        from pixelmind.generator.pipeline import load

        return load
    raise AttributeError(f"module 'pixelmind' has no attribute {name!r}")
