"""Errors a person can act on. The command line turns them into one line and exit code 2; the API into HTTP 4xx."""


class BadInput(ValueError):
    """The request itself is wrong. The message is one clear line that says what to do instead."""


class CorruptFile(BadInput):
    """A file of ours (weights, store, checkpoint) does not match its recorded hash or cannot be read."""
