"""Lets the tests of the data room import their drawing helper (`drawn.py`) whatever pytest's import mode."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
