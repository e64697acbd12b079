"""Noise and paraphrase: labels come along, values stay readable, nothing changes without a reason."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import grammar, noise, paraphrase
from pixelmind.dialogue.pieces import Draft, needs_an, spans, tidy

SEEDS = st.integers(0, 10_000)
DRAFT = Draft(
    [
        ("make the ", ""),
        ("grey roof", "region"),
        (" darker and ", ""),
        ("colorful", "color"),
        (", at ", ""),
        ("32x32", "size"),
        (" please", ""),
    ],
    "edit",
    "darken",
    "roof",
)


@settings(max_examples=150, deadline=None)
@given(SEEDS, SEEDS, st.sampled_from(grammar.CURRICULA))
def test_rough_turns_keep_every_label(seed: int, index: int, curriculum: str) -> None:
    draft = grammar.draw(seed, index, curriculum)
    said = noise.roughen(paraphrase.rephrase(draft, Rng(seed, "p")), Rng(seed, "n"), rough=1.0)
    assert [slot for _, slot in said.segments if slot].sort() == [slot for _, slot in draft.segments if slot].sort()
    assert (said.act, said.operation, said.region, said.ambiguous, said.contradictions) == (
        draft.act,
        draft.operation,
        draft.region,
        draft.ambiguous,
        draft.contradictions,
    )
    assert said.example().faults() == []
    assert set(said.resolved) <= {t for t, slot in said.segments if slot == "reference"}


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_finished_turns_are_faultless_and_found_again(index: int) -> None:
    draft = grammar.draw(3, index)
    example = grammar.finished(draft, Rng(index), 1.0)
    assert example.faults() == []
    pieces = sorted((slot, piece) for slot, ps in example.slots.items() for piece in ps)
    assert sorted((slot, example.text[a:b]) for slot, a, b in spans(example)) == pieces


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=14), SEEDS)
def test_a_typo_is_one_slip(word: str, seed: int) -> None:
    slipped = noise.typo(word, Rng(seed))
    assert abs(len(slipped) - len(word)) <= 1
    if len(slipped) == len(word):
        assert sum(a != b for a, b in zip(word, slipped)) <= 2


def test_neighbours_are_mutual() -> None:
    assert all(a in noise.NEIGHBOURS[b] for a, beside in noise.NEIGHBOURS.items() for b in beside)
    assert set(noise.NEIGHBOURS["g"]) >= set("fhtv")


def test_sizes_and_hex_values_are_never_mistyped() -> None:
    segments = [("draw a castle in ", ""), ("#ff8800 purple", "color"), (" at ", ""), ("sixteen by sixteen", "size")]
    for seed in range(200):
        slipped = noise.typos(segments, Rng(seed), 1.0)
        assert slipped[1] == segments[1]
        assert slipped[3] == segments[3]
        assert slipped[0] != segments[0]


def test_spelling_goes_both_ways_in_labelled_pieces_too() -> None:
    british = noise.spelling(DRAFT.segments, True)
    assert ("colourful", "color") in british
    assert noise.spelling(noise.spelling(DRAFT.segments, False), False) == noise.spelling(DRAFT.segments, False)


def test_cases() -> None:
    upper = noise.cased(DRAFT.segments, "upper", Rng(0))
    assert "".join(t for t, _ in upper) == DRAFT.text.upper()
    sentence = noise.cased(
        [("i think ", ""), ("it", "reference"), (" is nice. i like ", ""), ("it", "reference")], "sentence", Rng(0)
    )
    assert "".join(t for t, _ in sentence) == "I think it is nice. I like it"


def test_synonyms_touch_only_unlabelled_words() -> None:
    segments = [("please draw ", ""), ("maybe", "subject"), (" without a hat, thanks", "")]
    seen = {tuple(paraphrase._synonyms(segments, Rng(i))) for i in range(60)}
    assert len(seen) > 10
    assert {s[1] for s in seen} == {("maybe", "subject")}


def test_clauses_change_places_but_the_first() -> None:
    segments = [
        ("a ", ""),
        ("castle", "subject"),
        (", ", ""),
        ("32x32", "size"),
        (", ", ""),
        ("NES", "palette"),
        (" colors", ""),
    ]
    seen = {"".join(t for t, _ in paraphrase._reordered(segments, Rng(i))) for i in range(30)}
    assert seen == {"a castle, 32x32, NES colors", "a castle, NES colors, 32x32"}


def test_tidy_sets_articles_and_spaces() -> None:
    said = tidy([("draw  a~ ", ""), (" ice ", "attribute"), ("  a~ ", ""), ("castle", "subject"), (" ,  please ", "")])
    assert "".join(t for t, _ in said) == "draw an ice a castle, please"
    assert [t for t, slot in said if slot] == ["ice", "castle"]
    assert [
        needs_an(w) for w in ("apple", "unicorn", "hour", "NES", "8-bit", "one-eyed", "ufo", "umbrella", "castle")
    ] == [*(True, False, True, True, True, False, False, True, False)]
