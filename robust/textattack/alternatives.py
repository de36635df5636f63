"""What may stand in for a part of a recipe that is not here; a recipe with such a part loses its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from robust.errors import UserError
from robust.textattack.dataset import columns
from robust.textattack.library import nltk_has, no_downloads, textattack
from robust.textattack.merges import OwnMerges
from robust.textattack.tags import tag
from robust.words.sentence_encoder import SentenceEncoder
from robust.zoo.architecture import positions
from robust.zoo.masked_lm import load_masked_lm

# TextAttack pads every text for a masked LM to so many tokens
_LONGEST = 512


class Nothing(textattack.constraints.Constraint):
    """In the place of a constraint that was left out; it refuses nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__(compare_against_original=True)

    def _check_constraint(self, transformed_text: Any, reference_text: Any) -> bool:
        return True


class SameMeaning(textattack.constraints.Constraint):
    """The cosine of the questions' vectors (all-MiniLM-L6-v2) is at least ``threshold``.

    Takes what the Universal Sentence Encoder takes; the metric is the cosine always, and so is the scale: a
    threshold of the one is not the same demand on the other.
    """

    def __init__(self, threshold: float = 0.8, compare_against_original: bool = True, **_: Any) -> None:
        super().__init__(compare_against_original)
        self.threshold = threshold
        self._vector = lru_cache(maxsize=4_096)(SentenceEncoder.open().text)

    def _check_constraint(self, transformed_text: Any, reference_text: Any) -> bool:
        one, other = (self._vector(columns(text)[0]) for text in (transformed_text, reference_text))
        cosine = float(one @ other / max(1e-12, float(np.linalg.norm(one) * np.linalg.norm(other))))
        transformed_text.attack_attrs["similarity_score"] = cosine
        return cosine >= self.threshold

    def extra_repr_keys(self) -> list[str]:
        """Return what TextAttack prints of it."""
        return ["threshold", *super().extra_repr_keys()]


class SameTag(textattack.constraints.Constraint):
    """A swapped word keeps its part of speech, by our tagger; verb and noun count as one where allowed."""

    def __init__(
        self, allow_verb_noun_swap: bool = True, compare_against_original: bool = True, **_: Any
    ) -> None:
        super().__init__(compare_against_original)
        self.allow_verb_noun_swap = allow_verb_noun_swap

    def _check_constraint(self, transformed_text: Any, reference_text: Any) -> bool:
        for index in transformed_text.attack_attrs["newly_modified_indices"]:
            now, then = tag(transformed_text, index), tag(reference_text, index)
            if now != then and not (self.allow_verb_noun_swap and {now, then} <= {"n", "v"}):
                return False
        return True

    def check_compatibility(self, transformation: Any) -> bool:
        """Return whether words are swapped, so that word stands against word."""
        return bool(textattack.shared.validators.transformation_consists_of_word_swaps(transformation))


class Inflections(textattack.transformations.WordSwapInflections):
    """The inflections that lemminflect knows of a word, its part of speech by our tagger, in sorted order."""

    def _get_transformations(self, current_text: Any, indices_to_modify: set[int]) -> list[Any]:
        universal = {"n": "NOUN", "v": "VERB", "a": "ADJ"}
        return [
            current_text.replace_word_at_index(index, form)
            for index in sorted(indices_to_modify)
            if (pos := universal.get(tag(current_text, index)))
            for form in sorted(set(self._get_replacement_words(current_text.words[index], pos)))
            if form != current_text.words[index]
        ]


def synonyms_of_wordnet(*_: Any, **__: Any) -> Any:
    """Return TextAttack's WordNet swap, made without the download it would try; it takes no settings.

    Raises UserError where NLTK's WordNet is not there.
    """
    if not nltk_has("corpora/wordnet"):
        raise UserError(
            "NLTK's WordNet is missing here; python -m nltk.downloader wordnet, or point NLTK_DATA to it"
        )
    with no_downloads():
        return textattack.transformations.WordSwapWordNet()


def _masked_lm(encoder: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in for recipes' masked LMs, and for the module that CLARE loads one with."""
    try:
        loaded = load_masked_lm(encoder)  # the head must be there: transformers would draw one by chance
    except UserError as error:
        raise UserError(f"--swap masked-lm={encoder}: {error}") from None
    model, tokenizer = loaded.model, loaded.tokenizer
    own = {
        "masked_language_model": model,
        "tokenizer": tokenizer,
        "max_length": min(_LONGEST, positions(model.config)),
    }

    def using(part: str) -> Callable[..., Any]:
        made = given.get(part, getattr(textattack.transformations, part))
        return lambda **settings: made(**{**settings, **own})

    loads = SimpleNamespace(from_pretrained=lambda *_, **__: model)
    return {
        **{part: using(part) for part in ("WordSwapMaskedLM", "WordInsertionMaskedLM", "WordMergeMaskedLM")},
        "transformers": SimpleNamespace(
            AutoModelForCausalLM=loads,
            AutoModelForMaskedLM=loads,
            AutoTokenizer=SimpleNamespace(from_pretrained=lambda *_, **__: tokenizer),
        ),
    }


def find(part: str, other: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in for a part of a recipe, by the name that the recipe's code knows it by.

    ``given`` are stand-ins that are there already: a masked LM goes into those that ask one.
    """
    if part == "masked-lm":
        return _masked_lm(other, given)
    none = {
        "sentence-encoder": ("UniversalSentenceEncoder",),
        "tagger": ("PartOfSpeech",),
        "language-model": (
            "GPT2",
            "ThoughtVector",
            "Google1BillionWordsLanguageModel",
            "LearningToWriteLanguageModel",
        ),
    }
    if other == "none":
        return dict.fromkeys(none[part], Nothing)
    stand_ins: dict[tuple[str, str], dict[str, Any]] = {
        ("embedding", "wordnet"): {
            "WordSwapEmbedding": synonyms_of_wordnet,
            "WordEmbeddingDistance": Nothing,
        },
        ("sentence-encoder", "minilm"): {"UniversalSentenceEncoder": SameMeaning},
        ("tagger", "robust"): {"PartOfSpeech": SameTag},
        ("inflections", "robust"): {"WordSwapInflections": Inflections},
        ("merges", "robust"): {"WordMergeMaskedLM": OwnMerges},
    }
    return stand_ins[part, other]
