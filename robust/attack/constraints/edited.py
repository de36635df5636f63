"""A question as some edits leave it, worked out when first asked for: what constraints measure."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

from robust.attack.records import Edit, Field, apply_edits
from robust.attack.scene import Scene
from robust.words.tagger import analyse
from robust.words.tokens import Token, forms


class Edited:
    """A scene and edits of it, which must not overlap."""

    def __init__(self, scene: Scene, edits: tuple[Edit, ...]) -> None:
        self.scene = scene
        self.edits = edits

    @cached_property
    def question(self) -> str:
        """The question after the edits."""
        return apply_edits(self.scene.question.text, self.edits)

    @cached_property
    def context(self) -> str:
        """The paragraph after the edits."""
        return apply_edits(self.scene.question.context, self.edits, "context")

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tagged tokens of the question after the edits."""
        if self.question == self.scene.question.text:
            return self.scene.tokens
        return tuple(analyse(self.question))

    @cached_property
    def steps(self) -> tuple[tuple[int, int, int, int], ...]:
        """What differs: tokens ``[i, j)`` of the question became tokens ``[k, m)`` of the edited one.

        Told by comparing the two, so that it does not matter how far an edit reaches beyond what it changes.
        """
        before = [token.text for token in self.scene.tokens]
        after = [token.text for token in self.tokens]
        if before == after:
            return ()
        found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return tuple((i, j, k, m) for kind, i, j, k, m in found if kind != "equal")

    @cached_property
    def gone(self) -> frozenset[int]:
        """Indices of the question's tokens that are no longer there."""
        return frozenset(index for i, j, _, _ in self.steps for index in range(i, j))

    @cached_property
    def replaced(self) -> tuple[tuple[Token, Token], ...]:
        """(before, after) of each word that one other word replaced; a changed article is none."""
        return tuple(
            (before, after)
            for i, j, k, m in self.steps
            if j - i == m - k
            for before, after in zip(self.scene.tokens[i:j], self.tokens[k:m], strict=True)
            if before.text.lower() not in ("a", "an")
        )

    def words_changed(self, field: Field) -> int:
        """Return how many tokens of a text were replaced, deleted or inserted."""
        if field == "question":
            return sum(max(j - i, m - k) for i, j, k, m in self.steps)
        return sum(_differing(forms(e.before), forms(e.after)) for e in self.of(field))

    def of(self, field: Field) -> Iterator[Edit]:
        """Yield the edits of the question, or of the context."""
        return (edit for edit in self.edits if edit.field == field)


def _differing(before: list[str], after: list[str]) -> int:
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return sum(max(j - i, m - k) for kind, i, j, k, m in found if kind != "equal")


@lru_cache(maxsize=64)
def context_words(context: str) -> frozenset[str]:
    """Return the lower-case words of a paragraph."""
    return frozenset(form.lower() for form in forms(context))
