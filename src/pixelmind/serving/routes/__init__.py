"""The routes of the API, a module a subject; each holds a `router`."""
