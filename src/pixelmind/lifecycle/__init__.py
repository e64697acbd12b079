"""The lifecycle room: trained weights come in, a released bundle goes out, only if it measures better than the one before.

One command: `pixelmind release --minutes 60` (or `make release MINUTES=60`).
"""
