"""TextAttack's recipes by name, against a reader: with our goal, in the question alone, answer words kept.

A recipe is built by its own code, whatever it consists of. What that code would download is looked for first;
what is not there is named, in one line. Another part can stand in for a missing one where that is asked for;
what comes out is then no longer that recipe, and does not carry its name.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.textattack import alternatives
from robust.textattack.dataset import QuestionDataset
from robust.textattack.goal import WrongAnswer
from robust.textattack.library import nltk_has, no_downloads, textattack
from robust.textattack.merges import Merges
from robust.textattack.rules import AnswerWords, question_only
from robust.zoo.lookup import find_encoder

_RECIPES: dict[str, str] = textattack.attack_args.ATTACK_RECIPE_NAMES
# what a recipe is for that no reader of questions can be: another goal, another kind of model
REFUSED = {
    "a2t": "follows the gradients of a classifier, which a reader does not offer",
    "hotflip": "follows the gradients of a classifier, which a reader does not offer",
    "input-reduction": "keeps the answer and takes the question away; its goal is another",
    "seq2sick": "is made for text that a model writes; its goal is another",
    "bad-characters": "has goals of its own, those of classifiers and translators",
}
# the masked LM of all recipes but one, and of that one
BERT, CLARE_LM = "bert-base-uncased", "distilroberta-base"
_GOALS = ("UntargetedClassification", "MinimizeBleu")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that recipes need and TextAttack would download.

    ``classes``: under which names recipes use it; ``missing`` returns what is not here, "" where all is;
    ``others``: what may stand in its place, by name.
    """

    classes: tuple[str, ...]
    missing: Callable[[str], str]
    others: tuple[str, ...]


def _textattack_file(path: str, what: str) -> Callable[[str], str]:
    def missing(recipe: str) -> str:
        return "" if Path(textattack.shared.utils.path_in_cache(path)).exists() else what

    return missing


def _hub_file(repository: str, file: str, what: str) -> Callable[[str], str]:
    def missing(recipe: str) -> str:
        from huggingface_hub import try_to_load_from_cache

        wanted = (
            "distilroberta-base" if recipe == "clare" and repository == "bert-base-uncased" else repository
        )
        return "" if isinstance(try_to_load_from_cache(wanted, file), str) else what.format(wanted)

    return missing


def _nltk(resources: tuple[str, ...], what: str) -> Callable[[str], str]:
    def missing(recipe: str) -> str:
        lacking = [name for name in resources if not nltk_has(name)]
        return f"{what} ({', '.join(lacking)})" if lacking else ""

    return missing


def _use(recipe: str) -> str:
    found = importlib.util.find_spec("tensorflow_hub") is not None
    return "" if found else "the Universal Sentence Encoder (the package tensorflow_hub, and its model)"


def _always(what: str) -> Callable[[str], str]:
    return lambda recipe: what


PARTS = {
    "synonyms": Part(
        ("WordSwapWordNet",),
        _nltk(("corpora/wordnet",), "NLTK's WordNet"),
        (),
    ),
    "embedding": Part(
        ("WordSwapEmbedding", "WordEmbeddingDistance"),
        _textattack_file("word_embeddings/paragramcf", "the counter-fitted word embeddings (paragramcf)"),
        ("wordnet",),
    ),
    "sentence-encoder": Part(("UniversalSentenceEncoder",), _use, ("minilm", "none")),
    "tagger": Part(
        ("PartOfSpeech",),
        _nltk(("taggers/averaged_perceptron_tagger_eng", "taggers/universal_tagset"), "NLTK's tagger"),
        ("robust", "none"),
    ),
    "inflections": Part(
        ("WordSwapInflections",),
        _hub_file("flair/upos-english-fast", "pytorch_model.bin", "flair's tagger ({})"),
        ("robust",),
    ),
    "merges": Part(
        ("WordMergeMaskedLM",),
        _hub_file("flair/upos-english-fast", "pytorch_model.bin", "flair's tagger ({})"),
        ("robust",),
    ),
    "masked-lm": Part(
        ("WordSwapMaskedLM",),
        _hub_file(BERT, "config.json", "the masked language model {}"),
        ("ENCODER",),
    ),
    "names": Part(
        ("WordSwapChangeName", "WordSwapChangeLocation"),
        _hub_file("flair/ner-english", "pytorch_model.bin", "flair's name tagger ({})"),
        (),
    ),
    "hownet": Part(
        ("WordSwapHowNet",),
        _textattack_file("transformations/hownet/word_candidates_sense.pkl", "HowNet's candidates"),
        (),
    ),
    "language-model": Part(
        ("GPT2", "ThoughtVector", "Google1BillionWordsLanguageModel", "LearningToWriteLanguageModel"),
        _always("the language model that judges fluency"),
        ("none",),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe ready to run: TextAttack's attack, and the name that its results may carry.

    ``swapped``: part -> what stands in its place; where there is any, the name is not the recipe's.
    """

    attack: Any
    name: str
    begun_from: str
    swapped: Mapping[str, str]


def names() -> list[str]:
    """Return the recipes that can be run against readers, sorted."""
    return sorted(set(_RECIPES) - set(REFUSED))


def missing(name: str) -> dict[str, str]:
    """Return part -> what of it is not on this machine, for a recipe."""
    module = _module(name)
    found = {}
    for part, about in PARTS.items():
        if any(hasattr(module, one) for one in about.classes) and (lacks := about.missing(name)):
            found[part] = lacks
    return found


def check_recipe(name: str, swapped: Mapping[str, str]) -> None:
    """Raise UserError for an unknown or unfit recipe or swap, and for a recipe that lacks something here."""
    _check_swap(name, _module(name), swapped)
    lacking = {part: what for part, what in missing(name).items() if part not in swapped}
    if lacking:
        raise UserError(f"recipe {name}: {'; '.join(lacking.values())} missing here; {_hint(lacking)}")


def build(
    name: str, goal: WrongAnswer, dataset: QuestionDataset, swap: Mapping[str, str] | None = None
) -> Recipe:
    """Return the recipe ``name`` against the reader of ``goal``; ``swap``: part -> what stands in for it.

    Raises UserError for an unknown or unfit recipe, and for one of whose parts something is missing.
    """
    swapped = dict(sorted((swap or {}).items()))
    check_recipe(name, swapped)
    module = _module(name)
    recipe = getattr(module, _RECIPES[name].rpartition(".")[2])
    stand_ins: dict[str, Any] = {goal_name: lambda *_, **__: goal for goal_name in _GOALS}
    stand_ins["WordMergeMaskedLM"] = Merges
    for part in sorted(swapped, key=lambda one: one == "masked-lm"):  # it goes into the other parts, too
        stand_ins |= alternatives.find(part, swapped[part], stand_ins)
    with no_downloads(), _patched(module, stand_ins):
        made = recipe.build(goal.model)
    constraints = [*made.pre_transformation_constraints, *made.constraints]
    constraints = [one for one in constraints if not isinstance(one, alternatives.Nothing)]
    attack = textattack.Attack(
        goal, [*constraints, question_only(), AnswerWords(dataset)], made.transformation, made.search_method
    )
    sort_replacements(attack.transformation)
    label = f"textattack:{name}" if not swapped else "textattack:custom"
    return Recipe(attack, label, name, swapped)


def sort_replacements(transformation: Any) -> None:
    """Let a word swap, or each of several, propose its words in sorted order.

    TextAttack collects them in sets, whose order changes with PYTHONHASHSEED.
    """
    for one in getattr(transformation, "transformations", [transformation]):
        propose = getattr(one, "_get_replacement_words", None)
        if propose is not None and not hasattr(propose, "sorted_here"):
            one._get_replacement_words = _Sorted(propose)


class _Sorted:
    """A function whose list comes sorted."""

    sorted_here = True

    def __init__(self, propose: Callable[..., list[str]]) -> None:
        self._propose = propose

    def __call__(self, *args: Any, **kwargs: Any) -> list[str]:
        return sorted(self._propose(*args, **kwargs))


def _module(name: str) -> Any:
    if name not in _RECIPES or name in REFUSED:
        near = get_close_matches(name, names(), n=1) or names()
        reason = REFUSED.get(name, "no recipe of TextAttack's")
        raise UserError(f"recipe {name}: {reason}; expected, for instance, {', '.join(near)}")
    recipe = getattr(textattack.attack_recipes, _RECIPES[name].rpartition(".")[2])
    return sys.modules[recipe.__module__]


def _check_swap(name: str, module: Any, swapped: Mapping[str, str]) -> None:
    own = [part for part, about in PARTS.items() if any(hasattr(module, one) for one in about.classes)]
    for part, other in swapped.items():
        if part not in own or not PARTS[part].others:
            can = [p for p in own if PARTS[p].others]
            raise UserError(
                f"--swap {part}={other}: {name} has no such part; expected one of {', '.join(can) or 'none'}"
            )
        if "ENCODER" in PARTS[part].others:
            find_encoder(other)  # a wrong name is told before a reader is loaded
        elif other not in PARTS[part].others:
            raise UserError(f"--swap {part}={other}: expected one of {', '.join(PARTS[part].others)}")


def _hint(lacking: Mapping[str, str]) -> str:
    can = [f"--swap {part}={PARTS[part].others[0]}" for part in lacking if PARTS[part].others]
    if len(can) < len(lacking):
        return "nothing can stand in for it, and nothing is downloaded"
    return f"nothing is downloaded, but others can stand in: {' '.join(can)}"


@contextmanager
def _patched(module: Any, values: Mapping[str, Any]) -> Iterator[None]:
    """Let the names of a module mean something else in the meantime, those that it has."""
    with ExitStack() as stack:
        for name, value in values.items():
            if hasattr(module, name):
                stack.callback(setattr, module, name, getattr(module, name))
                setattr(module, name, value)
        yield
