"""Questions a second that get a synonym: our builder, TextAttack's WordNet augmenter, a loop over pywsd.

The same questions of SQuAD 2.0 dev, one process. They do not do equal work, so only time is compared: ours
tags, chooses a sense in the light of question and paragraph, inflects, checks and never touches answers and
names; TextAttack's augmenter swaps a tenth of the words by any lemma of any synset; the loop takes, for the
first noun, verb or adjective that has one, another lemma of the synset that pywsd's adapted Lesk chooses in
the question (tokens and tags are ours: NLTK's models come by its downloader alone). ``result``: how many
were changed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robust.build.sample import stratified_sample
from robust.squad.catalogue import load
from robust.squad.records import Question

sys.path.insert(0, str(Path(__file__).resolve().parent))
from side import Clock, run

_PARTS = {"N": "n", "V": "v", "J": "a"}


def asked(quick: bool) -> tuple[list[Question], list[Question]]:
    """Return the questions, a paragraph's together, and a few others to warm up with."""
    every = load("squad2:dev")
    questions = stratified_sample(every, 60 if quick else 600, seed=0)
    taken = {question.id for question in questions}
    return questions, [q for q in every if q.id not in taken][:20]


def ours(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Rewrite by ``qads.v1``."""
    from robust.attack.registry import make

    questions, warm = asked(quick)
    attack = make("qads.v1")
    for question in warm:
        attack.attempt(question, 0)
    with clock.timed():
        changed = sum(bool(attack.attempt(question, 0).variants) for question in questions)
    return len(questions), changed


def textattack(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Augment by ``textattack.augmentation.WordNetAugmenter``."""
    from robust.textattack.library import no_downloads

    questions, warm = asked(quick)
    random.seed(0)
    with no_downloads():
        from textattack.augmentation import WordNetAugmenter

        augmenter = WordNetAugmenter(transformations_per_example=1)
    for question in warm:
        augmenter.augment(question.text)
    with clock.timed():
        changed = sum(augmenter.augment(q.text) != [q.text] for q in questions)
    return len(questions), changed


def pywsd(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Replace one word by pywsd's choice of sense."""
    import nltk

    from robust.words.tagger import default_tagger
    from robust.words.tokens import forms

    def tag(words: Sequence[str]) -> list[str]:
        return [kind for _, kind in default_tagger().decide(words)]

    nltk.sent_tokenize = nltk.tokenize.sent_tokenize = lambda text, *_: [text]
    nltk.pos_tag = nltk.tag.pos_tag = lambda words, **_: [*zip(words, tag(list(words)), strict=True)]
    from pywsd.lesk import adapted_lesk

    questions, warm = asked(quick)

    def changed(text: str) -> bool:
        words = forms(text)
        for word, kind in zip(words, tag(words), strict=True):
            if (part := _PARTS.get(kind[:1])) is None:
                continue
            sense = adapted_lesk(text, word, pos=part)
            if sense is not None and any(name.lower() != word.lower() for name in sense.lemma_names()):
                return True
        return False

    for question in warm:
        changed(question.text)
    with clock.timed():
        found = sum(changed(question.text) for question in questions)
    return len(questions), found


SIDES = {"robust": ours, "TextAttack augmenter": textattack, "pywsd loop": pywsd}

if __name__ == "__main__":
    run(SIDES)
