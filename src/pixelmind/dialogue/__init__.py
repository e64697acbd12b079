"""Dialogue: what a person's words ask for, what to ask back, edits that change nothing else, and the memory of what was said.

In: the words of a turn, the turns before, the sprite talked about. Out: an `Intent`, a question, or a sprite with its changed cells.
Command: ``pixelmind edit IMAGE "make the sky darker"``, ``pixelmind chat``.
"""
