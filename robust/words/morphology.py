"""WordNet's morphy: from an inflected form to the lemmas it may come from.

The rules of detachment of https://wordnet.princeton.edu/documentation/morphy7wn, applied once and in NLTK's
order; an exception list goes before the rules. The lexicon and its compiler share this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

POS_ORDER = "nvar"

SUFFIX_RULES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "n": (
        ("s", ""),
        ("ses", "s"),
        ("ves", "f"),
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ),
    "v": (
        ("s", ""),
        ("ies", "y"),
        ("es", "e"),
        ("es", ""),
        ("ed", "e"),
        ("ed", ""),
        ("ing", "e"),
        ("ing", ""),
    ),
    "a": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "r": (),
}

# Most forms end in a letter that no rule begins from.
_RULES_BY_LETTER = {
    pos: {
        letter: [rule for rule in rules if rule[0][-1] == letter] for letter in {old[-1] for old, _ in rules}
    }
    for pos, rules in SUFFIX_RULES.items()
}


def base_forms(
    form: str, pos: str, exceptions: Mapping[str, Sequence[str]], known: Callable[[str, str], bool]
) -> tuple[str, ...]:
    """Return the lemmas of part of speech ``pos`` that ``form`` may inflect, itself first where it is one.

    ``form`` is lower-case with underscores; ``exceptions`` are those of ``pos``; ``known(lemma, pos)`` says
    whether the database has the lemma. No lemma, an empty tuple.
    """
    irregular = exceptions.get(form)
    if irregular is not None:
        candidates = [form, *irregular]
    else:
        rules = _RULES_BY_LETTER[pos].get(form[-1:], ())
        candidates = [form, *(form[: -len(old)] + new for old, new in rules if form.endswith(old))]
    return tuple(c for c in dict.fromkeys(candidates) if c and known(c, pos))
