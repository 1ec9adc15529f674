"""Which characters look alike, by the tables of UTS 39 (https://www.unicode.org/reports/tr39/).

Characters that the tables call confusable, directly or through others, form a class; the smallest of a class stands
for it. Pairs of one character with several (m and rn) are left out.
"""

from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data


@lru_cache(maxsize=1)
def _classes() -> dict[str, str]:
    """Each character that looks like another, with the one that stands for its class."""
    parent: dict[str, str] = {}

    def root(character: str) -> str:
        while (above := parent.get(character, character)) != character:
            character = above
        return character

    for character, similar in confusables_data.items():
        for other in similar:
            if len(character) == 1 == len(other["c"]):
                low, high = sorted((root(character), root(other["c"])))
                parent[high] = low
    return {character: root(character) for character in parent}


def skeleton(name: str) -> str:
    """The form that all names share that look like *name*, which is folded."""
    classes = _classes()
    return "".join(classes.get(character, character) for character in name)
