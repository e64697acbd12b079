"""Subject families, one a file. A module here that holds `FAMILY = Family(...)` is registered by being there."""
