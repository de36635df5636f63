"""That the edits make no error of grammar: by our own rules, or by LanguageTool where its server runs."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from robust.attack.constraints.base import Kind
from robust.attack.constraints.edited import Edited, context_words
from robust.attack.sentences import sentences
from robust.errors import UserError, first_line
from robust.words.grammar import Fault, new_faults


def grammar_errors(edited: Edited) -> float:
    """Return how many errors the edited question, or an edited sentence of the context, has and had not."""
    return len(new_errors(edited))


def new_errors(edited: Edited) -> list[Fault]:
    """Return the new errors, by the rules of ``robust.words.grammar``; words of the paragraph are words."""
    found: list[Fault] = []
    question, context = edited.scene.question.text, edited.scene.question.context
    known = context_words(context)
    if edited.question != question:
        found += new_faults(
            question,
            edited.question,
            tokens_before=edited.scene.tokens,
            tokens_after=edited.tokens,
            known=known,
        )
    if edited.context != context:
        before, after = surroundings(context, edited.context)
        found += new_faults(before, after, known=known)
    return found


def surroundings(before: str, after: str) -> tuple[str, str]:
    """Return what differs between two texts with the sentences it stands in, in the one and in the other."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    parts, stop = sentences(before), len(before) - end
    first = max((part.start for part in parts if part.start <= start), default=0)
    last = min((part.end for part in parts if part.end >= stop), default=len(before))
    return before[first:last], after[first : len(after) - (len(before) - last)]


def language_tool_errors(edited: Edited) -> float:
    """Return how many matches of LanguageTool the edited texts have and had not, told by rule and words."""
    found = _matches(edited.question) - _matches(edited.scene.question.text)
    count = len(found)
    if edited.context != edited.scene.question.context:
        before, after = surroundings(edited.scene.question.context, edited.context)
        count += len(_matches(after) - _matches(before))
    return count


@lru_cache(maxsize=4096)
def _matches(text: str) -> frozenset[tuple[str, str]]:
    found = _server().check(text)
    return frozenset((match.rule_id, match.matched_text) for match in found)


@cache
def _server() -> Any:
    """Return LanguageTool on its local Java server."""
    try:
        import language_tool_python

        return language_tool_python.LanguageTool("en-US")
    except Exception as error:  # no package, no Java, no download: whatever it is, there is no server
        raise UserError(
            f"constraint language-tool: LanguageTool does not start ({first_line(error)}); pip install "
            "language-tool-python, which needs Java and fetches its server once, or use: grammar"
        ) from error


KINDS = (
    Kind("grammar", grammar_errors, True, 0, "new errors by our own rules"),
    Kind("language-tool", language_tool_errors, True, 0, "new errors by LanguageTool (language-tool-python, "
         "a Java server)", "LanguageTool"),
)  # fmt: skip
