"""`train dpo` from stored choices to a candidate and its report, with tiny networks."""

from __future__ import annotations

import functools
import json
import math
import operator
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind import cli
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle, released
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.lifecycle.preference_gate import GateReport, Shift, decide
from pixelmind.pixels.png import encode_png
from pixelmind.preference.annotators import population
from pixelmind.preference.dpo_config import DpoConfig
from pixelmind.preference.dpo_data import batches, read
from pixelmind.preference.dpo_task import DpoTask, prior_conditions
from pixelmind.preference.features import measure
from pixelmind.preference.material import Group
from pixelmind.preference.simulate import simulate
from pixelmind.preference.stage import run
from pixelmind.preference.win_rate import Prompt, WinRate, interval, tastes, win_rate
from pixelmind.records import PreferencePair, Sample, Sprite, content_id
from pixelmind.storage import Database
from pixelmind.training.config import LoopConfig
from pixelmind.training.lora import LoraConfig

WORDS = ("a red castle", "a blue dragon", "a green slime", "a white bone")
LOOP = LoopConfig(steps=6, batch_size=4, lr=1e-3, warmup_steps=1, threads=1, weight_decay=0.0, autocast="none",
                  ema_halflife_samples=(), log_every=2, checkpoint_every_steps=2)  # fmt: skip
CONFIG = DpoConfig(loop=LOOP, min_pairs=4, held_out=0.3, gate_prompts=2, gate_images=1)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """Two random levels and the released judge."""
    torch.manual_seed(0)
    found = Bundle.create(tmp_path_factory.mktemp("weights"), preset="test")
    for level, channels in ((16, 4), (64, 8)):
        net = Denoiser(DenoiserConfig(width=32, depth=2, heads=2, in_channels=channels, cell_features=8, layout=4))
        torch.nn.init.normal_(net.output.weight, std=0.3)
        modules: dict[str, torch.nn.Module] = {"denoiser": net}
        if level == 16:
            modules["prior"] = ConditionPrior()
        found.put_level(level, modules, net.config, Vocabulary(("flat", "outlined")))
    known = Bundle(released()).manifest["parts"]["judge"]
    about = {k: v for k, v in known.items() if k not in ("file", "sha256", "bytes")}
    found.adopt("judge", released() / known["file"], **about)
    return found.folder


def pair(draw: Callable[..., Sprite], i: int, **values: object) -> PreferencePair:
    told: dict = dict(prompt=WORDS[i % 4], chosen=draw(2 * i), rejected=draw(2 * i + 1), user="simulated-0-000")
    return PreferencePair(**{**told, "simulated": True, **values})


@pytest.fixture
def lines(tmp_path, draw) -> Path:
    """Twelve pairs of one simulated person."""
    return write(tmp_path / "pairs.jsonl", [pair(draw, i) for i in range(12)])


def write(path: Path, pairs: list[PreferencePair]) -> Path:
    path.write_text("".join(json.dumps(p.to_dict()) + "\n" for p in pairs))
    return path


# ---------------------------------------------------------------------------------------------------------------- data
def test_human_and_simulated_choices_are_not_mixed_silently(tmp_path, draw):
    both = [pair(draw, i) for i in range(3)] + [pair(draw, 3, user="ana", simulated=False)]
    path = write(tmp_path / "both.jsonl", both)
    with pytest.raises(BadInput, match=r"real people \(1\) and of simulated ones \(3\).*--whose"):
        read(path)
    assert [len(read(path, whose)) for whose in ("human", "simulated", "both")] == [1, 3, 4]  # type: ignore[arg-type]
    only = write(tmp_path / "only.jsonl", both[:3])
    with pytest.raises(BadInput, match="no choices of human people, only of simulated"):
        read(only, "human")


def test_bad_feedback_is_refused_in_one_line(tmp_path, draw):
    broken = tmp_path / "broken.jsonl"
    for text, words in (("{", "line 1 is no record"), ('{"chosen": 3}', "line 1"), ("\n", "no pairs to learn from")):
        broken.write_text(text)
        with pytest.raises(BadInput, match=words) as caught:
            read(broken)
        assert "\n" not in str(caught.value)
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="there is no database"):
        read(tmp_path / "none.db")
    one = pair(draw, 0)
    both_ways = [one, replace(one, chosen=one.rejected, rejected=one.chosen)]
    with pytest.raises(BadInput, match="the only annotator chose each of 1 pairs both ways"):
        read(write(broken, both_ways))
    with pytest.raises(BadInput, match="different sizes"):
        read(write(broken, [replace(one, rejected=draw(1, 12))]))
    with pytest.raises(BadInput, match="no pairs to learn from"):
        read(write(broken, [replace(one, rejected=one.chosen)]))


def test_ties_in_a_database_and_a_poisoned_annotator_count_nothing(db: Database, groups: list[Group]):
    people = population(6, 3, spread=0.0, temperature=0.05, tie=0.0, poisoned=1)
    simulate(db, groups, people, 24, seed=3, rate=False)
    ana = db.users.ensure("ana")
    left, right = (db.sprites.add(ana, s, prompt="x", source="generated").id for s in groups[0].sprites[:2])
    db.feedback.prefer(ana, left, right, tie=True)
    with pytest.raises(BadInput, match="all 1 answers are ties"):
        read(db.url, "human")
    found = read(db.url, "simulated")
    assert {p.user for p in found.pairs} == {p.user for p in people}
    trust = {t.annotator: t for t in found.crowd.trust}
    bad = people[-1].user
    assert trust[bad].poisoned
    assert all(w == 0 for p, w in zip(found.pairs, found.weights) if p.user == bad)
    assert all(w > 0.4 for p, w in zip(found.pairs, found.weights) if p.user != bad)
    assert (read(db.url, "simulated", reliability=False).weights == 1).all()


def test_prompts_are_held_out_whole(lines):
    found = read(lines)
    train, held_out = found.split(0.3)
    told = [{p.prompt for p in part.pairs} for part in (train, held_out)]
    assert not told[0] & told[1]
    assert (len(told[0]), len(told[1]), len(train) + len(held_out)) == (2, 2, 12)
    assert len(found.rows([0, 4, 8]).split(0.5)[1]) == 0  # of one prompt none can be held out
    assert len(found.split(0.0)[1]) == 0


def test_an_epoch_has_every_row_once():
    buckets = [list(range(8)), [100, 101, 102, 103]]
    epoch = [batches(buckets, 4, step, 0) for step in range(3)]
    assert sorted(functools.reduce(operator.iadd, epoch, [])) == functools.reduce(operator.iadd, buckets, [])
    assert epoch == [batches(buckets, 4, step, 0) for step in range(3)]
    assert epoch != [batches(buckets, 4, step, 0) for step in range(3, 6)]
    assert sorted(set(batches([[5, 6, 7]], 5, 0, 1))) == [5, 6, 7]  # filled up from its beginning
    assert sorted(batches([[5, 6, 7]], 3, 0, 1)) == [5, 6, 7]


# ---------------------------------------------------------------------------------------------------------------- task
@pytest.fixture
def task(bundle, lines, tmp_path) -> DpoTask:
    pairs = read(lines)
    modules, vocabulary = Bundle(bundle).get_level(16)
    cache = TextCache(tmp_path / "text")
    cache.ensure(WORDS)
    denoiser, prior = modules["denoiser"], modules["prior"]
    assert isinstance(denoiser, Denoiser)
    assert isinstance(prior, ConditionPrior)
    return DpoTask(CONFIG, 16, denoiser, prior, vocabulary, *pairs.split(0.3), cache)


def test_the_policy_starts_as_the_reference(task):
    told = task.loss(task.batch(0), torch.Generator().manual_seed(0))
    assert told["dpo"].item() == pytest.approx(np.log(2))
    assert told["kl"].item() == 0
    told["loss"].backward()
    touched = {n for n, p in task.denoiser.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert {"output.weight", "blocks.0.qkv.weight"} <= touched
    assert not any(n.startswith(("cells.", "regions.", "palette_head.", "layout")) for n in touched)
    assert all(p.grad is None for p in task.reference.parameters())


def test_pairs_share_noise_and_are_learnt(task):
    optimizer = torch.optim.Adam([p for p in task.denoiser.parameters() if p.requires_grad], 1e-3)
    batch = task.batch(0)
    before = task.validate(task.modules())
    assert before["right"] == pytest.approx(0.5)
    for step in range(25):
        told = task.loss(batch, torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        told["loss"].backward()
        optimizer.step()
    after = task.loss(batch, torch.Generator().manual_seed(0))
    assert after["dpo"].item() < 0.5
    assert after["right"].item() == 1
    assert after["kl"].item() > 0
    task.config = replace(task.config, told_style=0.0)  # else each picture is told its own style
    batch = task.batch(0)
    ratios = task.ratios(task.denoiser, {**batch, "pictures": batch["pictures"][[0, 0]]}, torch.Generator(), 3)
    assert torch.equal(ratios["chosen"], ratios["rejected"])  # same picture, same noise


def test_the_bound_holds_the_policy_back(bundle, lines, tmp_path):
    def kl(config: DpoConfig) -> float:
        result = run(config, lines, tmp_path / f"{config.max_kl:g}", weights=bundle)
        return result.levels[16].metrics["val_kl"]

    loop = replace(LOOP, steps=12)
    free, held = (kl(replace(CONFIG, beta=0.01, max_kl=b, kl_penalty=10.0, loop=loop)) for b in (1e6, 0.05))
    assert held < 0.5 * free


def test_styles_and_kinds_are_drawn_as_in_drawing():
    torch.manual_seed(1)
    prior, vocabulary = ConditionPrior(), Vocabulary(("flat", "outlined"))
    pooled = torch.randn(6, 384)
    rng = np.random.default_rng(0)
    kinds, styles = prior_conditions(prior, vocabulary, pooled, [3, 3, 4, None, 5, 6], rng)
    assert all(1 <= k <= len(vocabulary.kinds) for k in kinds)
    assert set(styles) <= {1, 2}
    again = prior_conditions(prior, vocabulary, pooled, [3, 3, 4, None, 5, 6], rng)[1]
    assert [again[i] for i in (0, 1, 2, 4, 5)] == [styles[i] for i in (0, 1, 2, 4, 5)]  # by the seed


@pytest.mark.parametrize("tune", ["modulation", "offsets"])
def test_only_what_modulates_is_trained(bundle, lines, tmp_path, tune):
    before, _ = Bundle(bundle).get("level16")
    result = run(replace(CONFIG, tune=tune), lines, tmp_path / "run", weights=bundle)
    after, _ = Bundle(result.bundle).get("level16")
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert {"denoiser.blocks.0.modulation", "denoiser.shared.bias"} <= moved
    assert not any(n.startswith(("denoiser.blocks.0.qkv", "denoiser.embed", "denoiser.text", "prior")) for n in moved)
    assert ("denoiser.shared.weight" in moved) == (tune == "modulation")


def test_low_rank_dpo_learns_and_comes_out_as_plain_weights(bundle, lines, tmp_path):
    config = replace(CONFIG, tune="lora", lora=LoraConfig(rank=2, alpha=2.0), loop=replace(LOOP, steps=12))
    result = run(config, lines, tmp_path / "run", weights=bundle)
    before, _ = Bundle(bundle).get("level16")
    after, _ = Bundle(result.bundle).get("level16")
    assert before.keys() == after.keys()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert "denoiser.blocks.0.qkv.weight" in moved
    assert all(name.startswith("denoiser.blocks.") and name.endswith(".weight") for name in moved)
    change = (after["denoiser.blocks.0.up.weight"] - before["denoiser.blocks.0.up.weight"]).float()
    values = torch.linalg.svdvals(change)
    assert values[2] < 0.05 * values[0]  # of rank two, but for fp16's rounding
    rows = [json.loads(line) for line in (tmp_path / "run" / "level16" / "metrics.jsonl").read_text().splitlines()]
    losses = [r["dpo"] for r in rows if "dpo" in r]
    assert losses[-1] < losses[0] < math.log(2)  # where it starts


# --------------------------------------------------------------------------------------------------------------- stage
def test_a_stopped_run_goes_on_as_if_it_had_not(bundle, lines, tmp_path):
    whole = run(CONFIG, lines, tmp_path / "whole", weights=bundle)
    steps = iter([False, False, True])
    cut = run(CONFIG, lines, tmp_path / "cut", weights=bundle, stop=lambda: next(steps))
    assert cut.interrupted
    again = run(CONFIG, lines, tmp_path / "cut", weights=bundle)
    assert again.levels[16].step == 6
    one, two = (Bundle(r.bundle).manifest["parts"]["level16"]["sha256"] for r in (whole, again))
    assert one == two
    assert Bundle(whole.bundle).manifest["parts"]["level64"] == Bundle(bundle).manifest["parts"]["level64"]
    told = Bundle(whole.bundle).manifest["preferences"]
    assert (told["simulated"], told["human"], told["start"]) == (12, 0, Bundle(bundle).id)
    with pytest.raises(BadInput, match="begun with another config"):
        run(replace(CONFIG, beta=0.3), lines, tmp_path / "cut", weights=bundle)


def test_several_runs_are_averaged(bundle, lines, tmp_path):
    short = replace(LOOP, steps=2)
    both = run(replace(CONFIG, runs=2, loop=short), lines, tmp_path / "both", weights=bundle)
    alone = [
        run(replace(CONFIG, loop=replace(short, seed=short.seed + k)), lines, tmp_path / f"{k}", weights=bundle)
        for k in range(2)
    ]
    first, second, mean = (Bundle(r.bundle).get("level16")[0] for r in (*alone, both))
    name = "denoiser.blocks.0.qkv.weight"
    assert not torch.equal(first[name], second[name])
    torch.testing.assert_close(
        mean[name].float(), (first[name].float() + second[name].float()) / 2, atol=2e-4, rtol=1e-3
    )
    assert Bundle(both.bundle).manifest["parts"]["level16"]["dpo_pairs"] == 2 * 2 * short.batch_size


def test_level_64_learns_from_larger_pictures(bundle, tmp_path, draw):
    told = [pair(draw, i, chosen=draw(2 * i, 24), rejected=draw(2 * i + 1, 24)) for i in range(8)]
    path = write(tmp_path / "large.jsonl", told)
    result = run(replace(CONFIG, loop=replace(LOOP, steps=2)), path, tmp_path / "run", weights=bundle, levels=(64,))
    assert result.levels[64].step == 2
    small = write(tmp_path / "small.jsonl", [pair(draw, i) for i in range(8)])
    with pytest.raises(BadInput, match="no pair has pictures that level 64 draws"):
        run(CONFIG, small, tmp_path / "none", weights=bundle, levels=(64,))


def test_too_few_pairs_and_missing_levels(bundle, lines, tmp_path):
    with pytest.raises(BadInput, match="12 pairs are too few to learn from, 20 are needed"):
        run(replace(CONFIG, min_pairs=20), lines, tmp_path / "few", weights=bundle)
    with pytest.raises(BadInput, match="no level256 to tune"):
        run(CONFIG, lines, tmp_path / "none", weights=bundle, levels=(256,))


# ---------------------------------------------------------------------------------------------------- win rate and gate
def test_win_rate_knows_better_pictures(draw):
    people = population(3, 0)
    prompts = [Prompt(words="x", size=(16, 16))] * 8
    sprites = sorted((draw(i) for i in range(32)), key=lambda s: sum(float(p.worth(measure([s]))[0]) for p in people))
    worse, better = ([(sprites[start + i], sprites[start + 8 + i]) for i in range(8)] for start in (0, 16))
    same = win_rate(prompts, worse, worse, people)
    assert (same.value, same.low, same.high, same.answered) == pytest.approx((0.5, 0.5, 0.5, 0.5))
    up, down = win_rate(prompts, worse, better, people), win_rate(prompts, better, worse, people)
    assert up.value > 0.9
    assert 0.5 < up.answered < 1
    assert up.value == pytest.approx(1 - down.value)
    assert up.answered == pytest.approx(1 - down.answered)
    assert up.worth_after > up.worth_before
    assert up.low <= up.value <= up.high
    assert (up.prompts, up.pictures, up.annotators) == (8, 16, 3)


def test_tastes_come_back_from_names():
    people = population(4, 7, poisoned=1)
    found = tastes([p.user for p in people] + ["ana", "simulated-x"])
    assert [p.user for p in found] == [p.user for p in people]
    assert all((a.taste == b.taste).all() and a.temperature == b.temperature for a, b in zip(found, people))
    assert not any(p.poison for p in found)
    assert interval([1.0, 1.0]) == (1.0, 1.0, 1.0)


def test_the_gate_says_why():
    won = WinRate(value=0.3, low=0.2, high=0.4, answered=0.4, answered_low=0.3, answered_high=0.5, prompts=9, pictures=9,
                  annotators=1, worth_before=0, worth_after=0)  # fmt: skip
    good = replace(won, value=0.7, low=0.6, high=0.8)
    fine = GateReport(win_rate=good, kl=10.0, held_out_right=0.7, ifs=Shift(before=0.4, after=0.391), prompts=9, lacks=(),
                      test_ifs=None, fid=Shift(before=1.0, after=1.09), kid=None)  # fmt: skip
    assert decide(CONFIG, fine) == []
    assert decide(CONFIG, replace(fine, kid=Shift(before=-0.1, after=0.4, spread=0.6))) == []
    for change, words in (
        ({"ifs": Shift(before=0.4, after=0.389)}, "held-out prompts falls from 0.4000 to 0.3890"),
        ({"test_ifs": Shift(before=0.4, after=0.3)}, "test prompts falls"),
        ({"fid": Shift(before=1.0, after=1.11)}, "FID rises from 1 to 1.11"),
        ({"kid": Shift(before=2.0, after=2.5)}, "KID rises"),
        ({"kl": 61.0}, "61.0 nats"),
        ({"win_rate": won}, r"wins 0.300 \[0.200, 0.400\]"),
        ({"win_rate": replace(won, value=0.42, high=0.9)}, "wins 0.420"),
    ):
        (reason,) = decide(CONFIG, replace(fine, **change))
        assert words.replace("\\", "") in reason


# ------------------------------------------------------------------------------------------------------------- command
@pytest.fixture
def command(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run(["train", "dpo", "--preset", "nano", *(str(a) for a in arguments)])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Sixteen test pictures of 16x16."""
    from tests.preference.conftest import blocks

    samples = []
    for i in range(16):
        sprite = blocks(500 + i)
        identity = content_id(sprite.rgba())
        told = dict(source="drawn", licence="CC0-1.0", credit="tests", tags={"kind": "icon"}, split="test")
        samples.append(Sample(id=identity, png=encode_png(sprite), height=16, width=16, captions=(f"block {i}",),
                              cluster=identity[:8], **told))  # fmt: skip
    folder = tmp_path_factory.mktemp("store")
    Store.open_or_create(folder).append(samples)
    return folder


def test_from_a_database_to_a_candidate(command, bundle, store, db, groups, tmp_path):
    simulate(db, groups, population(3, 0), 8, rate=False)
    path = db.url.removeprefix("sqlite:///")
    common = (
        "--feedback",
        path,
        "--out",
        "run",
        "--init-from",
        bundle,
        "--data",
        store,
        "--set",
        "dpo.max_ifs_drop=1.0",
    )
    code, out, err = command(*common, "--set", "dpo.max_fid_rise=50.0", "--set", "dpo.min_win_rate=0.0", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["accepted"]
    assert told["win_rate"]["annotators"] == 3
    assert told["ifs"]["before"] != told["ifs"]["after"]
    assert told["fid"]["before"] > 0
    assert told["fid"]["spread"] == 0  # the gate looks at a share of it alone
    assert 0 < told["kl"] < 60
    assert Bundle("run/bundle").id != Bundle(bundle).id
    assert json.loads(Path("run/report.json").read_text())["accepted"]
    assert json.loads(Path("run/pairs.json").read_text())["simulated"] == told["train_pairs"] + told["held_out_pairs"]
    code, out, err = command(*common, "--set", "dpo.max_kl=1e-9", "--set", "dpo.kl_penalty=0.0")
    assert code == 2  # another bound is another run
    assert "begun with another config" in err


def test_a_refused_candidate_is_exit_code_1_and_kept(command, bundle, lines):
    code, out, err = command("--feedback", lines, "--out", "run", "--weights", bundle, "--set", "dpo.max_kl=1e-6",
                             "--set", "dpo.kl_penalty=0.0")  # fmt: skip
    assert code == 1
    assert "refused: " in err
    assert "the divergence from the reference is" in err
    assert "win rate (simulated people" in out
    assert "not measured: FID, KID: no store was named" in out
    assert Path("run/bundle/manifest.json").is_file()
    assert not json.loads(Path("run/report.json").read_text())["accepted"]


def test_commands_that_make_no_sense(command, lines, bundle):
    for arguments, words in (
        (("--out", "run"), "--feedback"),
        (("--feedback", lines, "--out", "run", "--whose", "dogs"), "unknown --whose"),
        (("--feedback", lines, "--out", "run", "--level", "256"), "--level 16, 64"),
        (("--feedback", lines, "--out", "run", "--data", "a", "--data", "b"), "one store"),
        (("--feedback", lines, "--out", "run", "--weights", bundle, "--set", "dpo.min_pairs=99"), "too few"),
    ):
        code, _, err = command(*arguments)
        assert code == 2
        assert words in err
