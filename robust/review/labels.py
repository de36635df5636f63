"""What a rater may say of a variant: a verdict, and a reason why not."""

from __future__ import annotations

VERDICTS = ("accept", "reject", "unsure")
# "answer kept" is for variants whose old answer should be wrong and is not.
REASONS = ("wrong sense", "bad grammar", "answer changed", "other", "answer kept")

# One-word labels of earlier rounds (docs/judged), each a verdict and its reason.
_ONE_WORD = {"right": ("accept", ""), **{reason: ("reject", reason) for reason in REASONS}}


def read_label(text: str) -> tuple[str, str] | None:
    """Return the verdict and the reason that ``text`` stands for, ("", "") for nothing; None if unknown.

    Case, white space around it and underscores do not matter. ``right`` is accept; a reason alone is reject.
    """
    label = text.strip().lower().replace("_", " ")
    if label in ("", *VERDICTS):
        return label, ""
    return _ONE_WORD.get(label)


def read_reason(text: str) -> str | None:
    """Return the reason that ``text`` stands for, "" for none; None if unknown."""
    reason = text.strip().lower().replace("_", " ")
    return reason if reason in ("", *REASONS) else None
