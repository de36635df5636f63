"""The WordNet swap: what exactly comes out."""

from __future__ import annotations

from collections import Counter

from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.squad.records import Question


def sites(text: str) -> dict[str, set[str]]:
    scene = Scene(Question("q", text, "", (), "T", False, "T:1", "T"))
    found = make("wordnet-swap.v1").sites(scene, 0, Counter())  # type: ignore[attr-defined] # it has places
    return {site.edits[0].before: {edit.after for edit in site.edits} for site in found}


def test_every_sense_and_part_of_speech_gives_its_single_words_uninflected():
    found = sites("Which doctors buy cars?")
    assert found["cars"] == {"car", "auto", "automobile", "machine", "motorcar", "railcar", "gondola"}
    assert {"doctor", "physician", "doc", "repair", "mend", "fix"} <= found["doctors"]
    assert not any("_" in word or " " in word for words in found.values() for word in words)


def test_names_question_words_and_stop_words_stay():
    assert set(sites("Which doctors of Paris buy a car?")) == {"doctors", "buy", "car"}
