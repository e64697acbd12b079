"""Helpers of this folder are importable by their file names; its fixtures stand in `in_browser`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from in_browser import chromium, engine, service, visit  # noqa: F401
