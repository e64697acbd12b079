"""Procedural scenes: a grammar that draws pixel by pixel at native size (8 to 64) and knows everything it drew.

In: a seed, or a `SynthConfig` (how many, which families, art styles and sizes).
Out: `RawSprite`s with region masks, parameters and varied captions (`scene.draw_scene`), or rows of a store (`stage.synth`).
Command: ``pixelmind data synth -n 10000 --out STORE``.

A new subject is one file in `families/`. Training data and test oracle only: nothing a user asks for is drawn by it.
"""
