"""The data room: real art and drawn scenes become one store of pictures with words, licence and credit.

In: game checkouts, folders of pictures (`data/sources`), procedural scenes (`data/procedural`).
Out: a store (`Store`: Lance table + manifest.json) and batches for training (`Loader`).
Command: ``pixelmind data import DIR... --out STORE`` (also ``synth``, ``stats``, ``show``).
"""
