"""Which world a subject belongs to: from the words it is called by, else from its family."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pixelmind.data.procedural.family import GENRES, Family
from pixelmind.data.procedural.rng import Rng

#: Genre: words of a subject's names that place it there, whatever its family says.
_WORDS: dict[str, str] = {
    "western": "cowboy gunslinger sheriff outlaw saloon cactus revolver wagon stagecoach lasso",
    "pirate": "pirate buccaneer corsair galleon treasure parrot rum cannon",
    "feudal japan": "ninja samurai ronin shogun katana pagoda geisha shuriken torii bonsai sushi japanese",
    "sci-fi": "robot astronaut spaceman cyborg android laser alien ufo hologram mech blaster arcade hatch",
    "space": "astronaut spaceman alien ufo rocket spaceship planet saturn satellite meteor moon comet",
    "horror": "ghost zombie skull vampire bat coffin pumpkin witch demon cultist mummy tombstone undead reaper spider",
    "farm": "farmer cow pig chicken hen rooster barn tractor carrot haystack sheep windmill horse scarecrow crops duck goat corn",
    "modern": "car taxi truck ambulance skyscraper computer laptop phone guitar burger pizza soda bus train bicycle police shop television",
    "underwater": "fish shark octopus whale jellyfish crab coral submarine mermaid seahorse squid diver dolphin",
    "prehistoric": "dinosaur caveman mammoth raptor triceratops stegosaurus pterodactyl trex",
    "steampunk": "airship gear cog clockwork zeppelin blimp",
    "winter": "snowman penguin igloo sled snowflake santa reindeer yeti snowy",
    "ancient": "pharaoh pyramid sphinx gladiator centurion mummy pyramid temple amphora toga roman greek golem",
    "cyberpunk": "cyborg hacker neon hologram punk",
    "post-apocalyptic": "wastelander raider scavenger mutant gas-mask zombie",
    "fantasy": "knight wizard mage elf orc goblin dwarf dragon drake slime castle fortress potion sword staff unicorn fairy king queen "
    "archer viking hero mimic golem crossbow witch",
}
#: Families that name no world of their own: any everyday or old one suits them.
_PLAIN: dict[str, tuple[str, ...]] = {
    "animal": ("farm", "modern"),
    "face": ("modern", "fantasy"),
    "flower": ("farm", "modern", "fantasy"),
    "tree": ("farm", "fantasy", "modern"),
    "food": ("modern", "farm"),
    "house": ("farm", "fantasy", "modern"),
    "vehicle": ("modern",),
    "ship": ("pirate",),
    "isometric": ("modern", "fantasy"),
    "landscape": ("fantasy", "farm"),
    "element": ("fantasy", "modern"),
    "terrain": ("fantasy", "farm"),
    "mushroom": ("fantasy", "farm"),
}


@lru_cache(maxsize=1)
def _by_word() -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for genre in GENRES:
        for word in _WORDS.get(genre, "").split():
            out[word] = (*out.get(word, ()), genre)
    return out


def genres_of(family: Family, nouns: Sequence[str]) -> tuple[str, ...]:
    """The worlds a subject with these names may belong to, the likeliest first."""
    own = family.genres
    if own == ("fantasy",):
        own = _PLAIN.get(family.name, own)
    return _told_by(tuple(nouns)) or own


@lru_cache(maxsize=1 << 14)
def _told_by(nouns: tuple[str, ...]) -> tuple[str, ...]:
    table = _by_word()
    found = [genre for noun in nouns for word in re.split(r"\W+", noun.lower()) for genre in table.get(word, ())]
    return tuple(dict.fromkeys(found))


def pick_genre(genres: Sequence[str], rng: Rng) -> str:
    """One of the genres, the first the likeliest."""
    return rng.choice(genres, [1 / (i + 1) for i in range(len(genres))])
