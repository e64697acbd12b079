"""What people like: which pairs are worth asking about, how far people agree, and simulated people for studies.

In: sprites and stored feedback. Out: PreferencePair records. One command: `pixelmind preference stats`.
"""
