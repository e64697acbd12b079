"""Procedural scenes: a grammar that draws pixel by pixel at native size (8 to 256) and knows everything it drew.

In: a seed, or a `SynthConfig` (how many, which families, art styles and sizes).
Out: `RawSprite`s with region masks, parameters and varied captions (`scene.draw_scene`), or rows of a store (`stage.synth`).
Command: ``pixelmind data synth -n 10000 --out STORE``.

A scene is one subject (a family draws it) or a composition: `compose` puts subjects in a place (`places`, painted by `outdoors` and
`indoors`) at a time and in some `weather`, `telling` says what is true of it. `sight` reads colours from the finished pixels, so that
`captions` say nothing the picture does not show; `regions` gathers part names under classes; `genres` tells the world of a subject.

A new subject is one file in `families/`. Training data and test oracle only: nothing a user asks for is drawn by it.
"""
