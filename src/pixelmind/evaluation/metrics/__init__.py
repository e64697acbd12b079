"""One metric a file: what it measures, the paper it comes from and how it can mislead. Plain NumPy, no torch."""
