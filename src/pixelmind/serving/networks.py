"""The networks of dialogues beside the generator: the intent parser, the policy and the memory machine of the same weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pixelmind.errors import CorruptFile

if TYPE_CHECKING:
    from pixelmind.dialogue.memory import Memory
    from pixelmind.dialogue.parser import IntentParser
    from pixelmind.dialogue.policy import Policy
    from pixelmind.generator.pipeline import PixelPipeline
    from pixelmind.quality.after import Check
    from pixelmind.serving.engine import Engine


class Networks:
    """Loaded when first asked for, which must be in the engine's thread (`Engine.run`, `waiting.perform`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def pipe(self) -> PixelPipeline:
        """The generator."""
        return self._engine.pipe

    def check(self) -> Check | None:
        """A check of what one turn or edit draws; None where nothing checks."""
        return self._engine.check()

    @cached_property
    def parser(self) -> IntentParser | None:
        """The intent parser; None where the weights hold none."""
        from pixelmind.dialogue.parser import PART, load_parser

        return load_parser(self.pipe.bundle.folder, self.pipe.text_tower) if PART in self.pipe.bundle else None

    @cached_property
    def policy(self) -> Policy:
        """When to ask."""
        from pixelmind.dialogue.policy import load_policy

        return load_policy(self.pipe.bundle.folder)

    @cached_property
    def _machine(self) -> Memory | None:
        from pixelmind.dialogue.memory import PART, load_memory

        return load_memory(self.pipe.bundle.folder, self.pipe.text_tower) if PART in self.pipe.bundle else None

    def memory(self, kept: tuple[bytes, Mapping[str, Any]] | None) -> Memory | None:
        """What is remembered of one person, from its kept state; empty where other weights wrote it or it is damaged, None where the
        weights hold no machine."""
        from pixelmind.dialogue.memory import Memory

        if self._machine is None:
            return None
        memory = Memory(self._machine.net, self._machine.weights, self._machine.tower)
        if kept is not None:
            try:
                memory.unpack(*kept)
            except CorruptFile:
                return Memory(self._machine.net, self._machine.weights, self._machine.tower)
        return memory
