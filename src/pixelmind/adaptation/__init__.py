"""Weights that fit one person or one style: low-rank adapters, meta-learned starts for them, and adapters from a few sprites.

In: a store's styles (`pixelmind train maml`), or 1 to 16 sprites (`pixelmind adapt style --images DIR --name mine`). Out: the bundle's part
"adapter", or PIXELMIND_HOME/adapters/NAME, which `pixelmind generate --style NAME` merges into the networks for a drawing.
"""
