"""English as a language pack: the tokeniser, tagger, rules and inflection that every English attack uses."""

from __future__ import annotations

from collections.abc import Sequence

from robust.words.inflect import indefinite_article, inflect, match_case
from robust.words.tagger import analyse
from robust.words.tokens import Token
from robust.words.untouchable import untouchable


class English:
    """English."""

    code = "en"

    def analyse(self, text: str) -> Sequence[Token]:
        """Return the tagged tokens with lemmas."""
        return analyse(text)

    def untouchable(
        self, text: str, tokens: Sequence[Token], answers: Sequence[str], context: str
    ) -> dict[int, str]:
        """Return token index -> why no attack may exchange it."""
        return untouchable(text, tokens, answers, context)

    def form(self, tokens: Sequence[Token], index: int, word: str) -> str | None:
        """Return the word inflected as the token is; None where an article before it would have to change."""
        form = inflect(word, tokens[index].tag)
        before = tokens[index - 1].text.lower() if index else ""
        if form is None or (before in ("a", "an") and before != indefinite_article(form)):
            return None
        return match_case(form, tokens[index].text)
