"""Simulated people: a hidden taste over measured features, and noisy answers. Whatever they say is labelled simulated.

Choice: Bradley-Terry (1952) in its logistic form, a Luce choice between two with a temperature; ties after R. Davidson, "On extending the
Bradley-Terry model to accommodate ties" (JASA 1970); position bias as an advantage of the left side, after Davidson and Beaver (1977);
lapses, a coin thrown now and then. Ratings: the cumulative logit model (P. McCullagh, "Regression models for ordinal data", JRSS B 1980).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.preference.features import FEATURES
from pixelmind.records import Feedback, PreferencePair, Sprite

F64 = NDArray[np.float64]
Outcome = Literal["left", "right", "tie"]
#: How a poisoned annotator answers: the opposite of the usual taste, a coin, or always the left one.
Poison = Literal["", "flip", "random", "left"]
POISONS: tuple[str, ...] = tuple(p for p in get_args(Poison) if p)
#: Rating axis -> the features that it is about.
AXES = {"accuracy": ("intent",), "aesthetics": ("harmony", "contrast"), "technical": ("technical",)}
#: A rating is 1 and one more for each of these that the opinion lies above, in standard deviations of a feature.
THRESHOLDS = np.array([-1.5, -0.5, 0.5, 1.5])


@dataclass(frozen=True, kw_only=True, eq=False)
class Annotator:
    """One simulated person.

    Attributes:
        user: the name in all records; it begins with "simulated".
        taste: float64 [4], the worth of a standard deviation of each of FEATURES.
        temperature: noise of choices and ratings; above 0, at 1 a difference of 1 in worth wins 73 %.
        tie: Davidson's nu; 0 never ties, 1 ties a third of equals.
        lapse: share of answers that are a coin's.
        left_bias: added worth of the left side in units of the temperature; 0 is fair.
        leniency: added to every opinion that is rated.
        poison: how it answers where it is no honest one.
    """

    user: str
    taste: F64
    temperature: float = 0.15
    tie: float = 0.0
    lapse: float = 0.0
    left_bias: float = 0.0
    leniency: float = 0.0
    poison: Poison = ""

    def __post_init__(self) -> None:
        if not self.user.startswith("simulated"):
            raise BadInput(f"a simulated annotator's name begins with simulated, got {self.user!r}")
        if self.taste.shape != (len(FEATURES),):
            raise BadInput(f"a taste has {len(FEATURES)} weights ({', '.join(FEATURES)}), got {self.taste.shape}")
        if self.temperature <= 0 or self.tie < 0 or not 0 <= self.lapse <= 1:
            raise BadInput("an annotator needs a temperature above 0, tie of 0 or more and lapse from 0 to 1")
        if self.poison and self.poison not in POISONS:
            raise BadInput(f"unknown poison {self.poison!r}; use one of {', '.join(POISONS)}")

    def worth(self, features: F64) -> F64:
        """Hidden worth [N] of sprites by their features [N, 4] as of `features.measure`."""
        return np.asarray(features @ self.taste * (-1 if self.poison == "flip" else 1))

    def chances(self, left: float, right: float) -> F64:
        """Chances of the answers (left, right, tie) for two worths, float64 [3]."""
        if self.poison == "left":
            return np.array([1.0, 0.0, 0.0])
        if self.poison == "random":
            return np.array([0.5, 0.5, 0.0])
        margin = (left - right) / self.temperature + self.left_bias
        log = np.array([margin / 2, -margin / 2, np.log(self.tie) if self.tie else -np.inf])
        share = np.exp(log - log.max())
        return np.asarray((1 - self.lapse) * share / share.sum() + self.lapse * np.array([0.5, 0.5, 0.0]))

    def choose(self, left: float, right: float, rng: np.random.Generator) -> Outcome:
        """Answer which of two worths is better."""
        return get_args(Outcome)[int(rng.choice(3, p=self.chances(left, right)))]  # type: ignore[no-any-return]

    def rate(self, features: F64, rng: np.random.Generator) -> dict[str, int]:
        """Rate one sprite by its features [4] on the three axes, 1 to 5."""
        if self.poison == "left":
            return dict.fromkeys(AXES, 3)
        if self.poison == "random":
            return {axis: int(rng.integers(1, 6)) for axis in AXES}
        out = {}
        for axis, names in AXES.items():
            columns = [FEATURES.index(name) for name in names]
            opinion = features[columns].sum() / np.sqrt(len(columns)) * (-1 if self.poison == "flip" else 1)
            heard = opinion + self.leniency + rng.logistic(0, self.temperature)
            out[axis] = 1 + int((heard > THRESHOLDS).sum())
        return out

    def pair(self, prompt: str, left: Sprite, right: Sprite, outcome: Outcome) -> PreferencePair | None:
        """The record of an answer, None for a tie."""
        if outcome == "tie":
            return None
        chosen, rejected = (left, right) if outcome == "left" else (right, left)
        return PreferencePair(prompt=prompt, chosen=chosen, rejected=rejected, user=self.user, simulated=True)

    def feedback(self, sprite_id: str, features: F64, rng: np.random.Generator) -> Feedback:
        """The record of a rating."""
        return Feedback(sprite_id=sprite_id, user=self.user, simulated=True, ratings=self.rate(features, rng))


#: What most people weigh, before each one's own deviation: all four count, the match with the words most.
COMMON_TASTE = np.array([0.5, 0.4, 0.8, 0.6])


def population(
    count: int,
    seed: int = 0,
    *,
    spread: float = 0.3,
    temperature: float = 0.15,
    tie: float = 0.15,
    poisoned: int = 0,
    poison: Poison = "flip",
) -> list[Annotator]:
    """Draw annotators with related tastes; the same arguments draw the same ones.

    At a temperature of 0.15 a person answers a random pair of one prompt again as before in about four of five cases.

    Tastes are COMMON_TASTE with a Gaussian deviation of `spread` a weight, scaled to length 1; temperatures vary by about a quarter,
    lapses lie from 0 to 5 %, left biases about 0 with a deviation of 0.15. The last `poisoned` of them are poisoned.

    Raises:
        BadInput: no annotator, or more poisoned ones than there are.
    """
    if count < 1 or not 0 <= poisoned <= count:
        raise BadInput(
            f"{count} annotators with {poisoned} poisoned ones make no sense; use 1 or more, and at most all"
        )
    if spread < 0 or temperature <= 0:
        raise BadInput(f"spread must be 0 or more and temperature above 0, got {spread:g} and {temperature:g}")
    out = []
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        taste = COMMON_TASTE + spread * rng.standard_normal(len(FEATURES))
        out.append(
            Annotator(
                user=f"simulated-{seed}-{i:03d}",
                taste=taste / max(float(np.linalg.norm(taste)), 1e-9),
                temperature=float(temperature * np.exp(0.25 * rng.standard_normal())),
                tie=tie,
                lapse=float(rng.uniform(0, 0.05)),
                left_bias=float(0.15 * rng.standard_normal()),
                leniency=float(0.3 * rng.standard_normal()),
                poison=poison if i >= count - poisoned else "",
            )
        )
    return out
