"""Synonyms from a file of the user's, in any language that has a pack: how Chinese questions are attacked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.home import shipped_datasets
from robust.squad.metric import normaliser
from robust.words.language import language
from robust.words.thesaurus import thesaurus


@dataclass(frozen=True, kw_only=True, repr=False)
class SynonymFile(SiteAttack):
    """A word of the question replaced by a synonym out of a file, in English or Chinese.

    ``synonyms`` is the file (none: a sample in Chinese), UTF-8 text. Each line holds words that mean the
    same, in their base form, with spaces, tabs or commas between them; a first word that ends in ``=`` names
    the group, and a line that begins with ``#`` is a note:

        # words that mean the same, a group a line
        build construct erect
        large= big large sizeable

    Tables of the Open Multilingual Wordnet are read, too (``02084071-n TAB cmn:lemma TAB word``).
    ``language`` is the pack that cuts the question into words: ``en``, ``zh``, or what a package offers. It
    is ``zh`` unless you say otherwise: give ``language=en`` with a file in English.
    Words of the answer, names, numbers, quotations and question words stay. No sense is chosen: a file
    that mixes senses gives wrong synonyms. One that stands in the question or its answers, whatever its
    letter case, or holds an answer, is turned down.
    """

    name: ClassVar[str] = "synonym-file.v1"
    source: ClassVar[str] = "QADS (Lin et al. 2020) with the user's synonyms"

    synonyms: str = ""
    language: str = "zh"

    def __post_init__(self) -> None:
        super().__post_init__()
        language(self.language)

    def settings(self) -> dict[str, Any]:
        """Return the settings; the file is known by its content, not by its path."""
        return super().settings() | {"synonyms": thesaurus(self.path).sha256}

    @property
    def path(self) -> Path:
        """The file of synonyms."""
        return Path(self.synonyms) if self.synonyms else shipped_datasets() / "zh-demo" / "synonyms.txt"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return each word that has synonyms, with an edit for each, in the file's order."""
        pack, known = language(self.language), thesaurus(self.path)
        question = scene.question
        tokens = pack.analyse(question.text)
        answers = [answer.text for answer in question.answers]
        stay = pack.untouchable(question.text, tokens, answers, question.context)
        there = [text.lower() for text in (question.text, *answers)]
        normal = normaliser(question.text)
        golds = [f" {gold} " for answer in answers if (gold := normal(answer))]
        found: list[Site] = []
        for index, token in enumerate(tokens):
            if index in stay:
                rejected[f"word: {stay[index]}"] += 1
                continue
            edits = []
            for word, group in known.synonyms(token.lemma):
                form = pack.form(tokens, index, word)
                if form is None:
                    rejected["substitute: no such form"] += 1
                elif any(form.lower() in text for text in there) or any(
                    gold in f" {normal(form)} " for gold in golds
                ):
                    rejected["substitute: in the question or its answer"] += 1
                else:
                    edits.append(
                        Edit(
                            "question",
                            token.start,
                            token.end,
                            token.text,
                            form,
                            lemma=token.lemma,
                            sense=group,
                            reason="synonym of the file",
                        )
                    )
            if edits:
                found.append(Site(tuple(edits)))
            else:
                rejected["word: no usable synonym"] += 1
        return found
