"""How many dialogues the clarifying policy needs to learn a population: python experiments/dialogue_outcomes/curve.py

Simulated people of one population are served by the released policy, or asked about every open point; their dialogues (records as
`pixelmind.dialogue.outcomes` makes them, without drawing and parsing) retrain it. What counts is the match less the cost of questions
of 4,000 others of the same population, and of other populations.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from pixelmind.dialogue.defaults import close, entry, fill, open_points
from pixelmind.dialogue.grounding import to_dict
from pixelmind.dialogue.outcome_stage import DialogueConfig, shift
from pixelmind.dialogue.outcomes import OWN_WORDS, Dialogue, Point
from pixelmind.dialogue.policy import MAX_QUESTIONS, Policy, load_policy
from pixelmind.dialogue.policy_stage import served
from pixelmind.dialogue.simulated import DECIDE, Person, match, person
from pixelmind.dialogue.worth import relearned
from pixelmind.serving.simulated_talk import CORRECTS

OTHERS, TEST = 500, 4000


def talked(one: Person, policy: Policy, rng: np.random.Generator) -> Dialogue:
    """The dialogue of a person who is served by a policy."""
    wish, points = one.says, []
    for asked in range(MAX_QUESTIONS):
        if (point := policy.choose(wish, asked)) is None:
            break
        readings = entry(point.slot, point.word)[1]
        reading = one.meant.get(point.slot, readings[0]) if rng.random() >= DECIDE else readings[0]
        meant = reading.label if reading in readings else OWN_WORDS
        points.append(Point(slot=point.slot, word=point.word, wish=to_dict(wish), asked=True, meant=meant))
        wish = close(wish, point, reading)
    taken = rng.random() < match(fill(wish)[0], one)
    told = to_dict(wish)
    for point in open_points(wish):
        reading, readings = one.meant.get(point.slot), entry(point.slot, point.word)[1]
        corrects = not taken and reading in readings[1:] and rng.random() < CORRECTS
        meant = reading.label if reading is not None and corrects else ""
        points.append(Point(slot=point.slot, word=point.word, wish=told, asked=False, meant=meant))
    corrected = any(p.meant and not p.asked for p in points)
    outcome = "accepted" if taken else "iterated" if corrected else "abandoned"
    return Dialogue(session="", user="", simulated=True, created="", outcome=outcome, points=tuple(points))


def net(policy: Policy, cost: float, people: list[Person]) -> np.ndarray:
    """[N] match less the cost of questions."""
    return np.asarray(served(people, lambda w, n, _: policy.choose(w, n), 3) @ (1.0, -cost))


def main() -> None:
    """One JSON line a number of dialogues."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialogues", type=int, nargs="+", default=[100, 300, 1000, 3000, 10000])
    parser.add_argument("--worlds", type=int, nargs="+", default=[100, 101, 102])
    parser.add_argument("--ask-all", action="store_true")
    arguments = parser.parse_args()
    start, config = load_policy(), DialogueConfig()
    logging = Policy(cost=0.0) if arguments.ask_all else start
    others = [person(i, 90, world=OTHERS + i % 50) for i in range(TEST)]
    for count in arguments.dialogues:
        own, away, silent = [], [], []
        for world in arguments.worlds:
            rng = np.random.default_rng((world, count))
            found = [talked(person(i, 91, world), logging, rng) for i in range(count)]
            people = [person(i, 92, world) for i in range(TEST)]
            after = relearned(start, found, config.prior, config.silence)
            deaf = relearned(start, found, config.prior, 0.0)
            before = net(start, start.cost, people)
            own.append((before, net(after, start.cost, people)))
            silent.append((before, net(deaf, start.cost, people)))
            away.append((net(start, start.cost, others), net(after, start.cost, others)))
        told = {
            name: shift(*(np.concatenate(part) for part in zip(*rows)), 0)
            for name, rows in (("same population", own), ("same, silence 0", silent), ("other populations", away))
        }
        print(json.dumps({"dialogues": count, **told}), flush=True)


if __name__ == "__main__":
    main()
