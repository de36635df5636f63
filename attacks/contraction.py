"""Contractions and expansions, after CheckList (Ribeiro et al. 2020)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.errors import UserError
from robust.words.inflect import match_case
from robust.words.tokens import Token
from robust.words.untouchable import NAME, QUOTATION

WAYS = ("both", "contract", "expand")
# What takes n't; "cannot" and "won't" stand apart.
_NEGATED = {
    **{verb: f"{verb}n't" for verb in (
        "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "could", "would", "should",
        "must",
    )},
    "can": "can't",
    "will": "won't",
}  # fmt: skip
_AUXILIARY = {"ca": "can", "wo": "will"} | {verb: verb for verb in _NEGATED if verb not in ("can", "will")}
# What takes 's for "is".
_IS = frozenset(("what", "who", "where", "when", "how", "why", "that", "there", "it", "he", "she"))
_PRONOUNS = frozenset(("i", "you", "we", "they", "he", "she", "it"))
_ADVERBS = frozenset(("why", "when", "where", "how"))
_DO = frozenset(("do", "does", "did"))
# A verb form, or an adverb before one: then the subject stands before the auxiliary.
_PREDICATE = frozenset(("VB", "VBN", "VBG", "VBD", "RB"))
# What may stand between a possessive and its noun, or begin a predicate.
_DESCRIBING = frozenset(("RB", "JJ", "VBN", "VBG"))
_SUBJECT = frozenset(("DT", "PRP", "PRP$", "POS", "JJ", "NN", "NNS", "NNP", "NNPS", "CD"))
# What may follow "is" but no possessive: who's the king, but not who's king (whose).
_NO_POSSESSED = frozenset(("DT", "VBN", "VBG", "IN", "PRP$", "RB"))


@dataclass(frozen=True, kw_only=True, repr=False)
class Contraction(SiteAttack):
    """Contractions written out and the reverse: what is, what's; did not, didn't; it has been, it's been.

    ``way`` is contract, expand or both. Only what is grammatical where it stands: *didn't* before its subject
    (*Why didn't it?*) is not written out, *it is* at the end of a clause not contracted. The apostrophe is
    that of the question or else of its paragraph, straight or curly; case is kept.
    """

    name: ClassVar[str] = "contraction.v1"
    source: ClassVar[str] = "CheckList (Ribeiro et al. 2020, ACL)"

    way: str = "both"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.way not in WAYS:
            raise UserError(f"{self.name}: way {self.way!r}: expected one of {', '.join(WAYS)}")

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the pairs of words that can be contracted or written out, none overlapping another."""
        mark = _apostrophe(scene)
        sites: list[Site] = []
        last = 0
        for index, token in enumerate(scene.tokens):
            start, after = index - 1, ""
            if token.text.lower() == "cannot" and self.way != "expand":
                start, after = index, match_case("can't", token.text)
            elif index:
                after = self._rewritten(scene, index)
            if not after or scene.tokens[start].start < last:
                continue
            if reason := _protected(scene, start, index):
                rejected[f"word: {reason}"] += 1
                continue
            first = scene.tokens[start]
            edit = Edit(
                field="question",
                start=first.start,
                end=token.end,
                before=scene.question.text[first.start : token.end],
                after=after.replace("'", mark),
                lemma=token.lemma,
                reason="contracted" if len(after) < token.end - first.start else "written out",
            )
            sites.append(Site((edit,)))
            last = token.end
        return sites

    def _rewritten(self, scene: Scene, index: int) -> str:
        """Return what token ``index`` and the one before it become, "" where they must stay."""
        first, second = scene.tokens[index - 1], scene.tokens[index]
        apart = first.end < second.start
        after = ""
        if apart and self.way != "expand":
            after = _contracted(scene, index)
        elif not apart and self.way != "contract":
            after = _expanded(scene, index)
        loud = first.text.isupper() and second.text.isupper() and len(first.text) > 1
        return after.upper() if loud else match_case(after, first.text)


def _contracted(scene: Scene, index: int) -> str:  # noqa: PLR0911 (one line a case reads best)
    """Return the contraction of two words in lower case, or ""."""
    one, two = (token.text.lower() for token in scene.tokens[index - 1 : index + 1])
    following = _at(scene, index + 1)
    if two == "not":
        return "" if following.text.lower() in ("only", "just", "") else _NEGATED.get(one, "")
    # at the end of a clause it stays whole: "what it is?", "than it is today"
    if not following.text[:1].isalnum() or following.text.lower() in ("n't", "n’t"):
        return ""
    if _at(scene, index - 2).text.lower() in ("than", "as"):
        return ""
    if two == "is" and one in _IS:
        return f"{one}'s"
    if one not in _PRONOUNS:
        return ""
    if two == "has" and following.tag == "VBN" and one in _IS:
        return f"{one}'s"
    if (two == "are" and one in ("you", "we", "they")) or (two == "am" and one == "i"):
        return f"{one}'{'re' if two == 'are' else 'm'}"
    if two == "have" and following.tag == "VBN" and one not in ("he", "she", "it"):
        return f"{one}'ve"
    return f"{one}'ll" if two == "will" and following.tag in ("VB", "RB") else ""


def _expanded(scene: Scene, index: int) -> str:
    """Return what a contraction stands for, in lower case, or ""."""
    one, two = (token.text.lower().replace("’", "'") for token in scene.tokens[index - 1 : index + 1])
    following = _at(scene, index + 1)
    if two == "n't" and one in _AUXILIARY:
        before = _at(scene, index - 2).text.lower()
        if not before[:1].isalnum() or before in _ADVERBS or following.tag not in _PREDICATE:
            return ""  # its subject comes after it
        if one in (*_DO, "ca", "wo", "could", "would", "should", "must") and following.tag not in (
            "VB",
            "RB",
        ):
            return ""
        return "cannot" if one == "ca" else f"{_AUXILIARY[one]} not"
    if two == "'s" and one in _IS:
        if following.text.lower() in ("been", "had", "got", "become"):
            return f"{one} has"
        unclear = _possessive(scene, index) or _perfect(scene, index)
        return "" if unclear or not following.text[:1].isalnum() else f"{one} is"
    whole = {"'re": "are", "'ve": "have", "'ll": "will", "'m": "am"}.get(two, "")
    if two == "'d":
        whole = {"VB": "would", "VBN": "had"}.get(following.tag, "")
    return f"{one} {whole}" if whole and one in (*_PRONOUNS, *_IS) else ""


def _possessive(scene: Scene, index: int) -> bool:
    """Return whether *it's* or *who's* is, or may be, a misspelt *its* or *whose*: *found it's home*."""
    if _at(scene, index - 1).text.lower() not in ("who", "it"):
        return False
    if _at(scene, index + 1).tag not in _NO_POSSESSED or _at(scene, index + 1).text.lower() == "home":
        return True
    after = _first_after(scene, index, _DESCRIBING)
    return after.tag.startswith("NN") and _at(scene, index + 1).tag in _DESCRIBING


def _perfect(scene: Scene, index: int) -> bool:
    """Return whether 's may be *has* before its subject: *What's he done?* but *Where's it built?*"""
    following = _at(scene, index + 1)
    persons = following.tag == "PRP" and following.text.lower() != "it"
    if following.tag not in _SUBJECT or not (
        persons or _at(scene, index - 1).text.lower() in ("what", "who")
    ):
        return False
    after = _first_after(scene, index, _SUBJECT)
    return after.tag in ("VBN", "VBD") and after.text.lower() not in ("called", "named", "known")


def _first_after(scene: Scene, index: int, tags: frozenset[str]) -> Token:
    """Return the first token after ``index`` that has none of the tags."""
    rest = scene.tokens[index + 1 :]
    return next((token for token in rest if token.tag not in tags), Token("", 0, 0))


def _at(scene: Scene, index: int) -> Token:
    return scene.tokens[index] if 0 <= index < len(scene.tokens) else Token("", 0, 0)


def _protected(scene: Scene, first: int, last: int) -> str:
    """Return why words may not be touched: they are quoted, of a name, or the answer's; or ""."""
    for index in range(first, last + 1):
        reason = scene.untouchable.get(index, "")
        if reason in (QUOTATION, NAME):
            return reason
        if scene.tokens[index].text.lower() in scene.answer_words:
            return "answer word"
    return ""


def _apostrophe(scene: Scene) -> str:
    """Return the apostrophe that the question uses, or else its paragraph; straight where neither does."""
    for text in (scene.question.text, scene.question.context):
        if "'" in text:
            return "'"
        if "’" in text:
            return "’"
    return "'"
