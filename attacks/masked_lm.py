"""Words that a masked language model finds likely: BAE (Garg & Ramakrishnan 2020), CLARE (Li et al. 2021)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from robust.attack.candidates import Filters, vet
from robust.attack.choice import PLACERS, delicacy, editable, replaceable
from robust.attack.records import Edit
from robust.attack.relation import RELATED, relation
from robust.attack.scene import Scene
from robust.attack.scorers import Blank, Filling, Need
from robust.attack.sites import Site, SiteAttack
from robust.attack.substitution import is_article, word_edit
from robust.attack.vocabulary import blocked
from robust.attack.word_facts import usual
from robust.errors import UserError
from robust.words.frequency import capital_share, zipf
from robust.words.inflect import indefinite_article, match_case
from robust.words.lemmatise import lemmatise
from robust.words.stopwords import STOP_WORDS
from robust.words.tagger import analyse
from robust.words.tokens import Token
from robust.words.vectors import Vectors

OPERATIONS = ("replace", "insert", "merge")
# Edits of a place that are worth tagging the question for.
_KEPT = 3
# The least share of its uses in which an inserted word is an adjective, and the most of them with a capital.
_MOSTLY, _NAME_LIKE = 0.6, 0.5


@dataclass(frozen=True, kw_only=True, repr=False)
class MaskedLmAttack(SiteAttack):
    """One word replaced by one that a masked language model finds likely; put in or merged if asked for.

    ``operation`` is replace (a content word by another of its part of speech and inflection), insert (an
    adjective between an article and its noun) or merge (a modifier and its noun become one noun). A filling
    has a probability of ``least_probability`` or more, is no stop word, no form of a word that is there, and
    stays a word of its part of speech when the new question is tagged. What is likely need not mean the
    same (*father* and *son* are likely in the same places): so a word that replaces another is, by default
    (``related`` "close"), its synonym in WordNet, the noun right above it or a similar adjective, and of a
    cosine of ``least_similarity`` or more to it; "any" takes what WordNet does not contradict, as BAE and
    CLARE do.
    ``beside``: the question stands before its masked copy, so that the model sees the word (as in LSBert,
    Qiang et al. 2020). ``top`` fillings are asked for; the likeliest place stands first.
    ``model_sha256`` is filled in from the model that is given.

    The right answer is taken to stay the same. An insertion or a merge adds or loses a detail of the
    question, and a third of them changes what is asked, so that their drop is not one of robustness alone:
    "insert" and "merge" are refused unless ``may_change`` says that this is known. Measure with "replace".
    """

    name: ClassVar[str] = "masked-lm.v1"
    source: ClassVar[str] = "BAE (Garg & Ramakrishnan 2020, EMNLP); CLARE (Li et al. 2021, NAACL)"
    needs: ClassVar[Need | None] = "masked-lm"
    ranks: ClassVar[bool] = True

    operation: str = "replace"
    may_change: bool = False
    top: int = 100
    least_probability: float = 0.0005
    least_similarity: float = 0.2
    related: str = "close"
    beside: bool = True
    zipf_floor: float = 3.2
    model_sha256: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.operation not in OPERATIONS:
            raise UserError(
                f"{self.name}: operation {self.operation!r}: expected one of {', '.join(OPERATIONS)}"
            )
        if self.operation != "replace" and not self.may_change:
            raise UserError(
                f"{self.name}: operation {self.operation!r}: a third of its edits changes what is asked, and "
                "the old answer is still expected; give operation=replace, or may_change=true to accept that"
            )
        if self.top < 1:
            raise UserError(f"{self.name}: top {self.top}: expected a number from 1")
        if self.related not in RELATED:
            raise UserError(f"{self.name}: related {self.related!r}: expected one of {', '.join(RELATED)}")
        if not 0 < self.least_probability <= 1:
            raise UserError(
                f"{self.name}: least_probability {self.least_probability}: expected a share, above 0 to 1"
            )
        if not -1 <= self.least_similarity <= 1:
            raise UserError(
                f"{self.name}: least_similarity {self.least_similarity}: expected a cosine, -1 to 1"
            )

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the gaps and what may fill them, the gap with the likeliest filling first."""
        lm = scene.scorers.need_masked_lm(self.name)
        gaps = list(_GAPS[self.operation](scene, rejected))
        if not gaps:
            return []
        text = scene.question.text
        shown = f"{text.strip()} " if self.beside else ""
        blanks = [Blank(shown + text, len(shown) + gap.start, len(shown) + gap.end) for gap in gaps]
        sites = []
        for gap, fillings in zip(gaps, lm.fill(blanks, self.top), strict=True):
            edits = self._edits(scene, gap, fillings, rejected)
            if edits:
                sites.append(Site(edits))
            else:
                rejected["word: no likely filling"] += 1
        return sorted(sites, key=lambda site: -site.edits[0].score)

    def _edits(
        self, scene: Scene, gap: _Gap, fillings: Sequence[Filling], rejected: Counter[str]
    ) -> tuple[Edit, ...]:
        edits: list[Edit] = []
        for filling in fillings:
            if filling.score < math.log(self.least_probability) or len(edits) == _KEPT:
                break
            reason = self._refusal(scene, gap, filling.word)
            edit = None if reason else _edit(scene, gap, filling)
            if edit is not None and not _keeps_tag(scene, gap, edit, filling.word):
                reason = "other part of speech"
            if reason:
                rejected[f"substitute: {reason}"] += 1
            elif edit is not None:
                edits.append(edit)
        return tuple(edits)

    def _refusal(self, scene: Scene, gap: _Gap, word: str) -> str:
        """Return why the word may not fill the gap, or ""."""
        if not word.islower():
            return "name-like"
        if self.operation == "insert":
            return _unfit_adjective(scene, word, self.zipf_floor)
        token, pos = scene.tokens[gap.token], scene.pos(gap.token)
        lemma = lemmatise(word, token.tag)
        form, reason = vet(scene, gap.token, lemma, Filters(strict=True, zipf_floor=self.zipf_floor))
        if reason or form != word:
            return reason or "other inflection"
        kind = relation(scene.lexicon, token.lemma, lemma, pos)
        if kind not in RELATED[self.related]:
            return kind or "not related in WordNet"
        near = Vectors.open().similarity(token.lemma, lemma) >= self.least_similarity
        return "" if near else "not near in meaning"


class _Gap(NamedTuple):
    """A stretch of the question to be filled, and the token whose place, or whose noun, it is."""

    start: int
    end: int
    token: int


def _replacing(scene: Scene, rejected: Counter[str]) -> Iterator[_Gap]:
    for index in replaceable(scene, rejected):
        delicate = delicacy(scene, index)[0]
        if delicate in ("part of a compound", "governs a preposition"):
            rejected[f"word: {delicate}"] += 1
            continue
        token = scene.tokens[index]
        yield _Gap(token.start, token.end, index)


def _inserting(scene: Scene, rejected: Counter[str]) -> Iterator[_Gap]:
    """Yield the place between each article and the common noun right after it, unless of a compound."""
    for index in editable(scene, rejected, "n"):
        before = scene.tokens[index - 1] if index else None
        after = scene.tokens[index + 1].tag if index + 1 < len(scene.tokens) else ""
        article = before is not None and (before.text.lower() == "the" or is_article(scene, index - 1))
        if not article or after.startswith("NN"):
            rejected["word: no article before it"] += 1
        else:
            start = scene.tokens[index].start
            yield _Gap(start, start, index)


def _merging(scene: Scene, rejected: Counter[str]) -> Iterator[_Gap]:
    """Yield each adjective or noun with the common noun after it that ends its phrase."""
    for index in editable(scene, rejected, "n"):
        before = scene.tokens[index - 1] if index else None
        after = scene.tokens[index + 1].tag if index + 1 < len(scene.tokens) else ""
        modified = before is not None and before.tag in ("JJ", "NN") and index - 1 not in scene.untouchable
        if before is None or not modified or after.startswith("NN"):
            rejected["word: no modifier before it"] += 1
        else:
            yield _Gap(before.start, scene.tokens[index].end, index)


_GAPS = {"replace": _replacing, "insert": _inserting, "merge": _merging}


def _edit(scene: Scene, gap: _Gap, filling: Filling) -> Edit:
    """Return the edit that fills the gap, with the article before it."""
    token, text = scene.tokens[gap.token], scene.question.text
    if (gap.start, gap.end) == (token.start, token.end):
        return word_edit(scene, gap.token, filling.word, score=filling.score, reason="replace")
    inserted = gap.start == gap.end
    first = next(i for i, other in enumerate(scene.tokens) if other.start == gap.start)
    after = match_case(filling.word, scene.tokens[first].text) + (" " if inserted else "")
    start = gap.start
    if first and is_article(scene, first - 1):
        article = scene.tokens[first - 1]
        start = article.start
        fitting = match_case(indefinite_article(after), article.text)
        after = fitting + text[article.end : gap.start] + after
    return Edit(
        field="question",
        start=start,
        end=gap.end,
        before=text[start : gap.end],
        after=after,
        lemma="" if inserted else token.lemma,
        tag="a" if inserted else scene.pos(gap.token),
        score=filling.score,
        reason="insert" if inserted else "merge",
    )


def _keeps_tag(scene: Scene, gap: _Gap, edit: Edit, word: str) -> bool:
    """Return whether the new question, tagged, has the word as the part of speech that its place asks for."""
    wanted = "JJ" if edit.reason == "insert" else scene.tokens[gap.token].tag
    text = scene.question.text
    tagged: list[Token] = analyse(text[: edit.start] + edit.after + text[edit.end :])
    end = edit.start + len(edit.after.rstrip())
    return any(token.end == end and token.text.lower() == word and token.tag == wanted for token in tagged)


def _unfit_adjective(scene: Scene, word: str, floor: float) -> str:
    """Return why the word is no adjective that may be put into this question, or ""."""
    lexicon = scene.lexicon
    if word in STOP_WORDS or word in blocked():
        return "stop word" if word in STOP_WORDS else "offensive"
    if not lexicon.senses(word, "a") or usual(lexicon, word, "a") < _MOSTLY:
        return "other part of speech"
    if word in PLACERS:
        return "placing adjective"
    if word in scene.lemmas or word in scene.answer_words:
        return "in the question already"
    if capital_share(word) > _NAME_LIKE:
        return "name-like"
    return "rare" if zipf(word) < floor else ""
