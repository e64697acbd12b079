"""Is a candidate that learnt from choices better, and did it lose nothing? The report before and after, and the decision.

Both bundles draw the same prompts with the same seeds:
    held-out prompts of the pairs ─▶ win rate by simulated people's tastes, divergence, judge intent fidelity
    test pictures of a store      ─▶ judge intent fidelity, FID, KID
The candidate is refused when intent fidelity falls by more than `max_ifs_drop` on either, when FID or KID rises by more than
`max_fid_rise` of the reference's (KID also by more than its own spread), when the divergence is beyond its bound, or when the win
rate is below `min_win_rate`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.evaluation import core, measures, testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics.intent_fidelity import cosines
from pixelmind.evaluation.stage import find_judge
from pixelmind.files import write_json
from pixelmind.generator.canvas import to_canvas
from pixelmind.generator.conditioning import ConditionPrior, make_condition
from pixelmind.generator.denoiser import Denoiser
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.generator.schedule import add_noise
from pixelmind.generator.task import level_frames
from pixelmind.preference.dpo import even_timesteps, path_kl
from pixelmind.preference.dpo_config import DpoConfig
from pixelmind.preference.dpo_data import Pairs, torch_rng
from pixelmind.preference.dpo_task import prior_conditions
from pixelmind.preference.features import Scorer
from pixelmind.preference.win_rate import Prompt, WinRate, draw, interval, tastes, win_rate
from pixelmind.records import Sprite

SEED = 5_000_000_000  # of the gate's drawings, far from those of people
KL_DRAWS = 8
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A figure before and after, and the mean paired difference with its 95 % bootstrap interval where prompts are paired."""

    before: float
    after: float
    low: float | None = None
    high: float | None = None
    spread: float = 0.0
    """Standard deviation of the reference's figure, where it is known: a smaller rise tells nothing."""

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, kw_only=True)
class GateReport:
    """What was measured. Fields are None where there was nothing to measure with; `lacks` says why."""

    win_rate: WinRate | None
    kl: float | None
    held_out_right: float | None
    ifs: Shift | None
    test_ifs: Shift | None
    fid: Shift | None
    kid: Shift | None
    prompts: int
    lacks: tuple[str, ...]
    accepted: bool = False
    reasons: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


def held_out_prompts(held_out: Pairs, count: int) -> list[Prompt]:
    """The distinct words of held-out pairs and their pictures' sizes, at most `count`."""
    found = {p.prompt: p.chosen.indices.shape for p in held_out.pairs if p.prompt.strip()}
    return [Prompt(words=words, size=(size[0], size[1])) for words, size in list(found.items())[:count]]


def measure(
    config: DpoConfig,
    candidate: Path,
    reference: Path | None,
    held_out: Pairs,
    users: Sequence[str],
    out_dir: Path,
    *,
    data: Path | None = None,
    figures: dict[str, float] | None = None,
    longest: int = 16,
    tell: Tell = lambda _: None,
) -> GateReport:
    """Draw by both, compare, decide, and write `report.json` into `out_dir`.

    Args:
        config: how much is drawn, and the margins.
        candidate, reference: bundles; None: the released weights.
        held_out: pairs whose prompts were not trained on.
        users: names of the annotators whose pairs were trained on.
        data: store whose test pictures FID and KID are measured against.
        figures: what the training run said of held-out pairs ("val_right").
        longest: longest side in px of the test pictures that are asked for.

    Raises:
        BadInput: no bundle.
    """
    lacks: list[str] = []
    before, after = load(reference), load(candidate)
    judge = _judge(reference, lacks)
    prompts = held_out_prompts(held_out, config.gate_prompts)
    won, ifs, kl = None, None, None
    if not prompts:
        lacks.append("win rate: no prompt was held out; pairs of several prompts are needed")
    else:
        tell(f"{len(prompts)} held-out prompts x {config.gate_images}")
        old, new = (draw(p, prompts, config.gate_images, SEED) for p in (before, after))
        kl = divergence(after, before, prompts, new)
        if judge is not None:
            ifs = fidelity(judge, prompts, old, new)
        people = tastes(users)
        if people:
            won = win_rate(prompts, old, new, people, _scorer(before))
        else:
            lacks.append("win rate: real people's taste is not known; let them compare pictures of both in the studio")
    test_ifs, fid, kid = None, None, None
    if data is None:
        lacks.append("FID, KID: no store was named; --data STORE")
    elif judge is not None:
        try:
            test_ifs, fid, kid = on_store(config, before, after, judge, data, longest, tell)
        except BadInput as error:
            lacks.append(f"FID, KID: {error}")
    report = GateReport(
        win_rate=won,
        kl=kl,
        held_out_right=(figures or {}).get("val_right"),
        ifs=ifs,
        test_ifs=test_ifs,
        fid=fid,
        kid=kid,
        prompts=len(prompts),
        lacks=tuple(lacks),
    )
    reasons = decide(config, report)
    report = replace(report, accepted=not reasons, reasons=tuple(reasons))
    write_json(out_dir / "report.json", report.to_dict())
    return report


def decide(config: DpoConfig, report: GateReport) -> list[str]:
    """Reasons to refuse; none: it may be taken."""
    found = []
    for name, shift in (("held-out prompts", report.ifs), ("test prompts", report.test_ifs)):
        if shift is not None and shift.change < -config.max_ifs_drop:
            found.append(
                f"judge intent fidelity on {name} falls from {shift.before:.4f} to {shift.after:.4f}, "
                f"more than {config.max_ifs_drop:g}"
            )
    for name, shift in (("FID", report.fid), ("KID", report.kid)):
        if shift is not None and shift.change > max(config.max_fid_rise * abs(shift.before), shift.spread):
            found.append(
                f"{name} rises from {shift.before:.4g} to {shift.after:.4g}, more than {100 * config.max_fid_rise:g} %"
            )
    if report.kl is not None and report.kl > config.max_kl:
        found.append(
            f"the divergence from the reference is {report.kl:.1f} nats a picture, its bound is {config.max_kl:g}"
        )
    won = report.win_rate
    if won is not None and won.value < config.min_win_rate:
        found.append(
            f"it wins {won.value:.3f} [{won.low:.3f}, {won.high:.3f}] of comparisons, less than {config.min_win_rate:g}"
        )
    return found


def _judge(weights: Path | None, lacks: list[str]) -> Judge | None:
    try:
        return find_judge(weights, None)
    except BadInput:
        lacks.append("judge intent fidelity, FID, KID: the weights hold no judge")
        return None


def _scorer(pipe: PixelPipeline) -> Scorer | None:
    if "encoder" not in pipe.bundle:
        return None
    from pixelmind.preference.features.intent import released_scorer

    return released_scorer(pipe.bundle.folder)


def fidelity(
    judge: Judge, prompts: Sequence[Prompt], before: Sequence[Sequence[Sprite]], after: Sequence[Sequence[Sprite]]
) -> Shift:
    """Mean cosine of words and pictures by the judge, before and after, paired by prompt."""
    text = judge.text_features([p.words for p in prompts])

    def score(groups: Sequence[Sequence[Sprite]]) -> NDArray[np.float64]:
        images = judge.image_features([s.rgba() for g in groups for s in g])
        return cosines(images, text.repeat(len(groups[0]), axis=0)).reshape(len(groups), -1).mean(1)

    old, new = score(before), score(after)
    _, low, high = interval(list(new - old))
    return Shift(before=float(old.mean()), after=float(new.mean()), low=low, high=high)


@torch.no_grad()
def divergence(
    after: PixelPipeline, before: PixelPipeline, prompts: Sequence[Prompt], drawn: Sequence[Sequence[Sprite]]
) -> float:
    """KL(policy || reference) of the first level in nats a picture, on what the policy drew (`dpo.path_kl`), without guidance."""
    policy, reference = (_exact(p) for p in (after, before))
    rng = np.random.default_rng(0)
    tower, found = TextTower(), []
    prior = before.prior
    assert isinstance(prior, ConditionPrior)
    for number, (prompt, sprites) in enumerate(zip(prompts, drawn)):
        target, valid, _ = level_frames([to_canvas(s.rgba()) for s in sprites], 16, policy.config.patch)
        count = len(sprites)
        text = tower.encode([prompt.words] * count)
        kinds, styles = prior_conditions(
            prior, before.vocabulary, text.pooled, [s.provenance.get("seed") for s in sprites], rng
        )
        cond = make_condition(text, [prompt.size] * count, styles, kinds, [None] * count)
        cond = cond.rows(torch.arange(count).repeat(KL_DRAWS))
        draws = torch_rng(number)
        t = even_timesteps(KL_DRAWS * count, draws)
        noise = torch.randn(KL_DRAWS * count, *target.shape[1:], generator=draws)
        noisy = add_noise(target.repeat(KL_DRAWS, 1, 1, 1), noise, t)
        gap = path_kl(policy(noisy, t, cond), reference(noisy, t, cond), t, valid.repeat(KL_DRAWS, 1, 1, 1))
        found.append(float(gap.mean()))
    return float(np.mean(found))


def _exact(pipe: PixelPipeline) -> Denoiser:
    """The first level in float32; the pipeline's own may hold bfloat16, whose rounding is divergence too."""
    denoiser = pipe.bundle.get_level(16)[0]["denoiser"]
    assert isinstance(denoiser, Denoiser)
    return denoiser


def on_store(
    config: DpoConfig,
    before: PixelPipeline,
    after: PixelPipeline,
    judge: Judge,
    data: Path,
    longest: int,
    tell: Tell,
) -> tuple[Shift | None, Shift | None, Shift | None]:
    """(intent fidelity, FID, KID x 1000) on a store's test prompts, before and after."""
    items = testset.load_items([data], max_size=max(longest, 16))
    real = [i for i in items if i.origin == "real"] or items
    settings = EvaluationConfig(num_prompts=config.gate_prompts, num_images=config.gate_images, max_size=longest)
    scores, shown = [], []
    for name, pipe in (("reference", before), ("candidate", after)):
        tell(f"{name}: {config.gate_prompts} test prompts x {config.gate_images}")
        asked = core.ask(pipe, judge, real, settings, count=config.gate_prompts, num_images=config.gate_images)
        text = asked.text_features[asked.pools[:, 0]]
        each = [cosines(asked.generated[:, j], text) for j in range(config.gate_images)]
        scores.append(np.mean(each, axis=0))
        report = measures.Report()
        measures.measure_distribution(report, judge, asked, real, settings.seed)
        shown.append({f.metric: f for f in report.figures})
    _, low, high = interval(list(scores[1] - scores[0]))
    ifs = Shift(before=float(scores[0].mean()), after=float(scores[1].mean()), low=low, high=high)

    def shift(name: str, spread: bool) -> Shift | None:
        if name not in shown[0] or name not in shown[1]:
            return None
        old, new = shown[0][name], shown[1][name]
        return Shift(before=old.value, after=new.value, spread=(old.spread or 0.0) if spread else 0.0)

    # The same prompts and seeds twice: FID's interval says little of the difference. KID is near 0, where a share says little.
    return ifs, shift("FID", False), shift("KID x 1000", True)
