"""A tuned bundle against another through the whole gate, with the pipeline as it ships (ranked candidates).

    python experiments/dpo_sprites/gate.py --store STORE --candidate RUN/bundle --out OUT

`train dpo` does this against the weights it started from; after several rounds the question is the released weights. Held-out prompts
are those of `study.py` (captions of the val split), the people the eight whose choices were learnt from. Writes OUT/report.json.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from collect import captions

from pixelmind.cli.output import log
from pixelmind.cli.train import config_of
from pixelmind.cli.train_dpo import lines
from pixelmind.evaluation.stage import find_judge
from pixelmind.files import write_json
from pixelmind.generator.pipeline import load
from pixelmind.lifecycle.preference_gate import SEED, GateReport, decide, divergence, fidelity, on_store
from pixelmind.preference.annotators import population
from pixelmind.preference.dpo_config import DpoConfig
from pixelmind.preference.features.intent import released_scorer
from pixelmind.preference.win_rate import Prompt, draw, win_rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--candidate", type=Path, required=True)
    parser.add_argument("--reference", type=Path, help="default: the released weights")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--people", type=int, default=8)
    args = parser.parse_args()
    torch.set_num_threads(1)
    settings = [f"dpo.gate_prompts={args.prompts}", f"dpo.gate_images={args.images}"]
    config = config_of(DpoConfig, "dpo", "small", settings)
    prompts = [Prompt(words=w, size=(16, 16)) for w in captions(args.store, "val", args.prompts, 1)]
    before, after = load(args.reference), load(args.candidate)
    judge = find_judge(None, None)
    old, new = (draw(p, prompts, args.images, SEED) for p in (before, after))
    test_ifs, fid, kid = on_store(config, before, after, judge, args.store, 16, log)
    report = GateReport(
        win_rate=win_rate(prompts, old, new, population(args.people, 0), released_scorer()),
        kl=divergence(after, before, prompts, new),
        held_out_right=None,
        ifs=fidelity(judge, prompts, old, new),
        test_ifs=test_ifs,
        fid=fid,
        kid=kid,
        prompts=len(prompts),
        lacks=(),
    )
    reasons = decide(config, report)
    report = replace(report, accepted=not reasons, reasons=tuple(reasons))
    args.out.mkdir(parents=True, exist_ok=True)
    write_json(args.out / "report.json", report.to_dict())
    print("\n".join([*lines(report), "accepted" if report.accepted else f"refused: {'; '.join(reasons)}"]))


if __name__ == "__main__":
    main()
