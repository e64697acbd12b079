"""Evaluation: is it good, and is it its own? Everything measured, every figure with its n, spread, floor and ceiling.

In: the store's `test` split, a judge (independent text-image encoder trained on the `judge` split only) and anything
that generates sprites. Out: `report.json` (one row a figure) and `report.html` rendered from it.
One command: `pixelmind eval core --weights BUNDLE --out DIR`.

The judge is a ruler: nothing that generates, ranks or trains the generator may import this room (import-linter and
`tests/evaluation/test_independence.py` check it).
"""
