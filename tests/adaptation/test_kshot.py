"""The k-shot experiment runs from store to figure at the smallest size."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

from pixelmind.adaptation.meta_test import interval

RUN = Path(__file__).resolve().parents[2] / "experiments" / "kshot" / "run.py"


def test_curves_of_two_methods(style_store, style_bundle, tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("kshot", RUN)
    kshot = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "kshot", kshot)
    spec.loader.exec_module(kshot)
    given = ["--data", style_store, "--weights", style_bundle, "--out", tmp_path, "--shots", "1,4", "--episodes", 2]
    given += ["--rate", 0.1, "--long", 2, "--lr", 0.01]
    monkeypatch.setattr(sys, "argv", ["run.py", *map(str, given)])
    kshot.main()
    found = json.loads((tmp_path / "results.json").read_text())
    assert len(found["styles"]) == 1  # a quarter of four
    for cells in found["query_loss"].values():
        assert set(cells) == {"nothing", "references", "fine-tuning", "2 AdamW steps"}
        assert cells["references"]["gain"] == 0
        assert cells["2 AdamW steps"]["loss"] != cells["references"]["loss"]
    assert (tmp_path / "kshot.png").stat().st_size > 1000
    low, high = interval(np.array([0.9, 1.1, 1.0, 1.0]), ["a", "a", "b", "b"])
    assert 0.9 <= low <= 1.0 <= high <= 1.1
