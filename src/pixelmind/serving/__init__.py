"""The service: one engine for many people, behind an API and a web page.

In: HTTP requests. Out: sprites and everything people say about them, kept. One command: `pixelmind studio`.
"""
