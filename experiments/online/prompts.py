"""Prompts of the experiment: subjects are parted into those that simulated people choose among, and those that are drawn for the figures.

No subject of one part is in another: `learn` (interactions), `dev` (settings were chosen on these) and `test` (reported).
"""

from __future__ import annotations

import numpy as np

SUBJECTS = (
    "knight",
    "wizard",
    "goblin",
    "skeleton",
    "dragon",
    "slime",
    "bat",
    "wolf",
    "spider",
    "ghost",
    "archer",
    "pirate",
    "robot",
    "alien",
    "fairy",
    "troll",
    "vampire",
    "zombie",
    "mermaid",
    "king",
    "cat",
    "dog",
    "horse",
    "owl",
    "snake",
    "frog",
    "fish",
    "crab",
    "bear",
    "rabbit",
    "castle",
    "cottage",
    "tower",
    "tent",
    "windmill",
    "lighthouse",
    "ship",
    "rocket",
    "car",
    "tank",
    "sword",
    "axe",
    "bow",
    "shield",
    "helmet",
    "potion",
    "scroll",
    "book",
    "key",
    "lantern",
    "torch",
    "crown",
    "ring",
    "gem",
    "coin",
    "chest",
    "barrel",
    "crate",
    "anvil",
    "hammer",
    "pickaxe",
    "apple",
    "cherry",
    "mushroom",
    "carrot",
    "bread",
    "cheese",
    "cake",
    "tree",
    "flower",
    "cactus",
    "bush",
    "rock",
    "crystal",
    "bridge",
    "well",
    "statue",
    "altar",
    "throne",
    "portal",
    "boots",
    "gloves",
    "cloak",
    "amulet",
    "wand",
    "staff",
    "bomb",
    "arrow",
    "drum",
    "flute",
    "hourglass",
    "skull",
    "feather",
    "egg",
    "candle",
    "map",
)
KINDS = (
    "red",
    "blue",
    "green",
    "golden",
    "dark",
    "small",
    "old",
    "glowing",
    "purple",
    "wooden",
    "silver",
    "frozen",
    "cursed",
    "",
)
PARTS = {"learn": 0, "dev": 1, "test": 2}


def prompts(part: str, count: int, seed: int = 0) -> list[str]:
    """`count` prompts of a part, such as "a red knight"; the subjects in turn, each time with other words.

    Raises:
        KeyError: another part than PARTS.
    """
    names = SUBJECTS
    order = np.random.default_rng(2026).permutation(len(names))
    own = [names[i] for n, i in enumerate(order) if n % 3 == PARTS[part]]
    rng = np.random.default_rng((seed, PARTS[part]))
    found: dict[str, None] = {}
    while len(found) < count:
        for subject in own:
            words = f"{KINDS[int(rng.integers(len(KINDS)))]} {subject}".strip()
            found.setdefault(f"{'an' if words[0] in 'aeiou' else 'a'} {words}")
    return list(found)[:count]
