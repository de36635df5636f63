"""What the tagger looks at: the features of a word, its neighbours, and the tags before it.

A feature is a string. They are made in groups that depend on as little as possible, so that the tagger can
keep each group's summed weights: what a word says is summed once for all the places where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence

SIDES = ("-2", "-1", "+1", "+2")


def kind(tags: Sequence[str]) -> str:
    """Return one name for a set of possible tags: the class of a word."""
    return "|".join(tags)


def own_features(lower: str, look: str, initial: bool, class_: str) -> list[str]:
    """Return the features of a word of some ``shape`` alone; ``initial`` tells that it opens a sentence."""
    place = "i" if initial else "m"
    return [
        "b",
        f"w {lower}",
        f"s1 {lower[-1:]}",
        f"s2 {lower[-2:]}",
        f"s3 {lower[-3:]}",
        f"s4 {lower[-4:]}",
        f"p3 {lower[:3]}",
        f"k {class_}",
        f"h {place}{look}",
        f"hk {place}{look} {class_}",
        f"hs {place}{look} {lower[-2:]}",
    ]


def neighbour_features(side: str, lower: str, look: str, class_: str) -> list[str]:
    """Return what a word of some ``shape`` and class says about the word at whose ``side`` it stands."""
    return [f"{side}w {lower}", f"{side}s {lower[-3:]}", f"{side}k {class_}", f"{side}h {look}"]


def beside_feature(side: str, lower: str, about: str) -> str:
    """Return what the word next to a word of class ``about`` says of it, by their pair."""
    return f"{side}wk {lower} {about}"


def after_features(lower: str, previous: str) -> list[str]:
    """Return the features of a word and the tag before it."""
    return [f"tw {previous} {lower}", f"ts {previous} {lower[-3:]}"]


def tag_features(class_: str, previous: str, second: str, opened: str, finite: str) -> list[str]:
    """Return the features of a word's class, the two tags before it, and the verb that is awaited."""
    return [
        f"t {previous}",
        f"tt {second} {previous}",
        f"tk {previous} {class_}",
        f"ttk {second} {previous} {class_}",
        f"o {opened} {class_}",
        f"ot {opened} {previous} {class_}",
        f"f {finite} {previous} {class_}",
    ]


def clause_feature(class_: str, opened: str, finite: str, first: str) -> str:
    """Return the feature of a word's class, the verbs so far, and how the text begins."""
    return f"of {opened} {finite} {first} {class_}"


def right_features(class_: str, previous: str, opened: str, right: str) -> list[str]:
    """Return the features of a word's class and the class of the word after it."""
    return [f"kr {class_} {right}", f"tkk {previous} {class_} {right}", f"or {opened} {class_} {right}"]


def shape(form: str) -> str:
    """Return the look of a word: lower, Title, UPPER, Mixed, 0 (has a digit), with "-" if hyphenated."""
    hyphen = "-" if "-" in form[1:] else ""
    if form.isalpha() and form.islower():
        return "l"
    if any(c.isdigit() for c in form):
        return "0"
    if form.islower() or not any(c.isupper() for c in form):
        return "l" + hyphen
    if form.isupper():
        return ("U" if len(form) > 1 else "I") + hyphen
    return ("T" if form[0].isupper() and form[1:].islower() else "M") + hyphen
