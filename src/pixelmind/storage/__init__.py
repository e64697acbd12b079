"""What is kept for people: accounts, keys, sprites, dialogues, feedback and reviews, in SQLite or PostgreSQL. No torch here.

In: records. Out: records. One command: `pixelmind db upgrade`.
"""
