"""Is B better than A? The gate of `make release`.

Both answer the same prompts, so they are compared prompt by prompt: a paired bootstrap (Efron and Tibshirani 1993, ch. 16) over
the prompts' share of pictures that the judge ranks first among 100. B is better when that rises with a probability of at least
`SURE`; or, where it stands within noise, when KID falls by more than its spread. Where B can do what A cannot (a level, references,
layouts), it need not be clearly better, but must not be worse: a fall with a probability of `SURE`, or a KID that rises by more than
its spread, keeps it out. No guard may fail: conformance stays at 1;
near copies do not pass 1 % (or the rate of held-out real pictures, where that is higher) by more than their interval; exact
copies do not rise above both A's share and the held-out share.
Both reports must be of one judge, one set of test pictures and one configuration, else they cannot be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.evaluation.differences import read_report
from pixelmind.evaluation.metrics.bootstrap import probability_of_rise

MAIN = "judge R@1 share"
SURE = 0.9
MAX_NEAR_COPIES = 0.01


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether B is better, the two main figures, and one line a reason."""

    better: bool
    main_a: float
    main_b: float
    reasons: tuple[str, ...]


def _figure(report: dict[str, Any], section: str, metric: str) -> dict[str, Any] | None:
    return next((f for f in report["figures"] if (f["section"], f["metric"]) == (section, metric)), None)


def _hits(report: dict[str, Any]) -> dict[str, float]:
    """Share of each prompt's pictures that the judge ranks first."""
    return {
        f"{n} {p['prompt']}": float(np.mean(np.asarray(p["ranks"]) == 1))
        for n, p in enumerate(report.get("prompts", ()))
    }


def compare(a: dict[str, Any], b: dict[str, Any], *, gains: Sequence[str] = ()) -> Decision:
    """Decide between two report.json contents: `a` is released, `b` the candidate, which can do `gains` beyond `a`.

    Raises:
        BadInput: the reports cannot be compared, or lack the main figure.
    """
    for what, path in (
        ("judge", ("judge", "sha256")),
        ("configuration", ("config",)),
        ("test pictures", ("data", "test_pictures")),
    ):
        one, two = a, b
        for key in path:
            one, two = one.get(key, {}), two.get(key, {})
        if one != two:
            raise BadInput(f"the reports differ in {what}; evaluate both with the same one")
    figures = [_figure(r, "prompts", MAIN) for r in (a, b)]
    if figures[0] is None or figures[1] is None:
        raise BadInput(f"a report has no {MAIN!r}; run eval core on both again")
    main_a, main_b = figures[0]["value"], figures[1]["value"]
    hits_a, hits_b = _hits(a), _hits(b)
    if hits_a.keys() != hits_b.keys() or not hits_a:
        raise BadInput("the reports answer different prompts; evaluate both with the same configuration and store")
    sure = probability_of_rise([hits_b[k] - hits_a[k] for k in hits_a])
    kid_a, kid_b = (_figure(r, "distribution", "KID x 1000") for r in (a, b))
    kid_fell = bool(kid_a and kid_b and kid_b["value"] < kid_a["value"] - (kid_a["spread"] or 0.0))
    kid_rose = bool(kid_a and kid_b and kid_b["value"] > kid_a["value"] + (kid_a["spread"] or 0.0))
    told = f"{MAIN} went from {main_a:.4f} to {main_b:.4f} (rises with probability {sure:.2f})"
    if kid_a and kid_b:
        told += f", KID x 1000 from {kid_a['value']:.2f} to {kid_b['value']:.2f}"
    failed = []
    if gains:
        told = f"it also does {', '.join(gains)}; {told}"
        if sure <= 1 - SURE or kid_rose:
            failed.append(f"worse: {told}")
    elif sure < SURE and not (kid_fell and sure > 1 - SURE):
        failed.append(f"not clearly better: {told}")
    conformance = _figure(b, "pixels", "conformance")
    if conformance is None or conformance["value"] < 1:
        failed.append(f"conformance is {conformance['value'] if conformance else 'missing'}, it must be 1")
    near = _figure(b, "copies", "near copies of training pictures")
    if near is None:
        failed.append("near copies were not measured")
    elif near["value"] - (near["spread"] or 0.0) > (limit := max(MAX_NEAR_COPIES, near["baseline"] or 0.0)):
        failed.append(f"near copies {near['value']:.4f} are above {limit:.4f}")
    exact_b, exact_a = _figure(b, "copies", "exact copies"), _figure(a, "copies", "exact copies")
    if exact_b and exact_b["value"] > max(exact_b["baseline"] or 0.0, exact_a["value"] if exact_a else 0.0):
        failed.append(f"exact copies of training pictures rose to {exact_b['value']:.4f}")
    reasons = tuple(failed) or (f"{told}; every guard holds",)
    return Decision(better=not failed, main_a=main_a, main_b=main_b, reasons=reasons)


def compare_files(a: Path | str, b: Path | str, *, gains: Sequence[str] = ()) -> Decision:
    """`compare` on two report.json files (or the folders they lie in)."""
    return compare(read_report(a), read_report(b), gains=gains)
