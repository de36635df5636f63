"""From new texts of single tokens to edits: moving a phrase is dropping it here and saying it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from robust.attack.base import Edits
from robust.attack.records import Edit
from robust.words.tokens import Token

Changes = Mapping[int, str]
"""Token index -> what stands in its place; "" drops the token."""


def token_edits(text: str, tokens: Sequence[Token], changes: Changes, reason: str) -> Edits:
    """Return the edits of a question that give its tokens the texts in ``changes``, as few as possible.

    Changed neighbours make one edit. A dropped token takes along the white space after it (before it, where
    it is the last): what is left reads on.
    """
    wanted = sorted(i for i, after in changes.items() if after != tokens[i].text)
    runs: list[list[int]] = []
    for i in wanted:
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    edits = []
    for run in runs:
        start, end = tokens[run[0]].start, tokens[run[-1]].end
        after = ""
        for i, following in pairwise([*run, -1]):
            after += changes[i]
            if following >= 0 and changes[i]:
                after += text[tokens[i].end : tokens[following].start]
        if not changes[run[-1]]:
            after = after.rstrip() + " " if after else after
            if run[-1] + 1 < len(tokens) and text[end : end + 1].isspace():
                end = tokens[run[-1] + 1].start
            elif run[0] and not after.strip():
                start = tokens[run[0] - 1].end
            else:
                after = after.rstrip()
        edits.append(Edit("question", start, end, text[start:end], after, reason=reason))
    return tuple(edits)
