"""Edits: a picture, an instruction in plain words, the picture after it, and the region that was allowed to change.

In: a seed (`EditConfig`), which draws procedural scenes and edits them. Out: `Edit` pairs in a table DIR/edits.lance.
Command: ``pixelmind data edits --count 1000 --out DIR`` (``--show PNG`` writes a contact sheet).

color, shape, geometry   exact operations on any picture: pure functions of (rgba, region, arguments); `exact.apply` calls them by name
scenes, redraw           operations that only a picture whose parts are known can show: add, remove, replace, count, pose, style
instructions             what people say for an operation
counterfactuals          captions false of a picture in exactly one fact
"""
