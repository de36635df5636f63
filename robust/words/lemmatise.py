"""From a form and its tag to the lemma: ``found`` + VBD is ``find``, ``founded`` + VBD is ``found``.

WordNet's morphy and the inflection table propose lemmas; a proposal stands only if inflecting it for the tag
gives the form back, which is what tells *lie/lay* and *find/found* apart.
"""

from __future__ import annotations

from functools import lru_cache

from robust.words.closed_class import word_set
from robust.words.inflection_table import forms_by_lemma, readings_by_form, regular_form
from robust.words.lexicon import Lexicon
from robust.words.morphology import SUFFIX_RULES
from robust.words.tokens import coarse

_BASE_TAGS = frozenset(("NN", "VB", "JJ", "RB"))
_BE = frozenset(("be", "am", "are", "is", "was", "were", "been", "being", "'m", "'re", "’m", "’re"))
# Forms whose lemma no rule finds.
_CLOSED = {
    ("ca", "MD"): "can",
    ("wo", "MD"): "will",
    ("sha", "MD"): "shall",
    ("'ll", "MD"): "will",
    ("'d", "MD"): "would",
    ("'ve", "VBP"): "have",
    ("'ve", "VB"): "have",
    ("'d", "VBD"): "have",
    ("'s", "VBZ"): "be",
    ("n't", "RB"): "not",
    ("cannot", "MD"): "can",
    ("better", "RBR"): "well",
    ("best", "RBS"): "well",
    ("more", "RBR"): "more",
    ("most", "RBS"): "most",
    ("less", "RBR"): "less",
    ("least", "RBS"): "least",
    ("more", "JJR"): "more",
    ("most", "JJS"): "most",
    ("less", "JJR"): "less",
    ("least", "JJS"): "least",
}


def lemmatise(form: str, tag: str) -> str:
    """Return the lower-case lemma of ``form`` under a Penn tag; the form itself where none is known."""
    return _lemmatise(form.lower(), tag)


@lru_cache(maxsize=200_000)
def _lemmatise(form: str, tag: str) -> str:
    closed = _CLOSED.get((form.replace("’", "'"), tag))
    if closed:
        return closed
    pos = coarse(tag)
    if pos == "v" and form in _BE:
        return "be"
    if not pos or tag in _BASE_TAGS:
        return form
    return lemmas(form, tag)[0]


@lru_cache(maxsize=200_000)
def lemmas(form: str, tag: str) -> tuple[str, ...]:
    """Return every lemma of which the lower-case ``form`` is the inflection ``tag``, likeliest first.

    Never empty: where nothing fits, the best guess of morphy, then of the regular endings, then the form.
    """
    pos = coarse(tag)
    if not pos or tag in _BASE_TAGS:
        return (form,)
    proposals = dict.fromkeys(_lexicon().morphy(form, pos))
    proposals.update(
        dict.fromkeys(lemma for lemma, reading in readings_by_form().get(form, ()) if reading == tag)
    )
    fitting = [lemma for lemma in proposals if form in forms(lemma, tag)]
    if fitting:
        return tuple(sorted(fitting, key=lambda lemma: forms(lemma, tag).index(form)))
    others = [lemma for lemma in proposals if lemma != form]
    if others:
        return (others[0],)
    if form in proposals or pos in "ar":
        return (form,)
    guesses = [
        form[: -len(old)] + new for old, new in (("ied", "y"), *SUFFIX_RULES[pos]) if form.endswith(old)
    ]
    return next(((guess,) for guess in guesses if regular_form(guess, tag) == form), (form,))


def forms(lemma: str, tag: str) -> tuple[str, ...]:
    """Return the lower-case forms of ``lemma`` for a tag, preferred first.

    Where the table does not know the lemma under that tag, regular endings answer for plurals and verbs; the
    degrees of adjectives and adverbs are never guessed.
    """
    entry = forms_by_lemma().get(lemma, {})
    if tag in entry:
        return entry[tag]
    if tag == "VBP":
        return (lemma,)
    if coarse(tag) in ("n", "v") and lemma.replace("-", "").isalpha():
        guess = regular_form(lemma, tag)
        return (guess,) if guess else ()
    return ()


@lru_cache(maxsize=200_000)
def table_tags(form: str) -> tuple[str, ...]:
    """Return the open-class Penn tags under which the tables and the lexicon know a lower-case form."""
    found = {tag for _, tag in readings_by_form().get(form, ())}
    # The plural of a mass noun is listed as the singular: "furniture" is no NNS.
    if "NNS" in found and "NN" in found and not form.endswith("s") and form not in _ALSO_PLURAL:
        found.discard("NNS")
    lexicon = _lexicon()
    for pos, tags in (("n", ("NN",)), ("v", ("VB", "VBP")), ("a", ("JJ",)), ("r", ("RB",))):
        if lexicon.senses(form, pos):
            found.update(tags)
    for pos, endings in _ENDINGS.items():
        inflected = [tag for ending, tags in endings if form.endswith(ending) for tag in tags]
        if inflected and any(lemma != form for lemma in lexicon.morphy(form, pos)):
            found.update(inflected)
    if "VBG" in found:
        found.add("NN")
    return tuple(sorted(found))


# What an inflected form that only morphy knows may be, by its ending.
_ENDINGS = {
    "n": (("s", ("NNS",)),),
    "v": (("s", ("VBZ",)), ("ing", ("VBG",)), ("ed", ("VBD", "VBN"))),
    "a": (("er", ("JJR",)), ("est", ("JJS",))),
}

# Plurals that look like their singulars.
_ALSO_PLURAL = word_set(
    """
    people police cattle fish sheep deer aircraft data species offspring staff media spacecraft
    """
)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon.open()
