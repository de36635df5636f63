"""From an objective's name to the objective and its models: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_args

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking
from robust.pretrain.objectives import generator as generators
from robust.pretrain.objectives.adversarial import Adversarial
from robust.pretrain.objectives.all_tokens_mlm import AllTokensMLM
from robust.pretrain.objectives.base import Objective
from robust.pretrain.objectives.mask_proposal import MaskProposal
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.objectives.replace_mlm import ReplaceMLM
from robust.pretrain.objectives.replaced_token import ReplacedToken
from robust.pretrain.objectives.sentence_order import SentenceOrder
from robust.pretrain.objectives.two_stage import TwoStage
from robust.zoo.architecture import model_config
from robust.zoo.beginnings import Beginning
from robust.zoo.catalogue import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to learn: the objective's name ("" for the family's own) and its options.

    Options that are None take the objective's customary value: ``mask_rate`` and ``mask_unit`` (see
    ``Masking``); ``generator``, its width as a share of the model's; ``share``, what the two have in common;
    ``stage_share``, the first stage's share of a run in two.
    """

    objective: str = ""
    mask_rate: float | None = None
    mask_unit: str | None = None
    generator: float | None = None
    share: str | None = None
    stage_share: float | None = None

    def name(self, family: str) -> str:
        """Return the objective's name; UserError for one nobody knows, or that the family cannot learn."""
        found = self.objective or {"electra": "replaced-token", "albert": "sentence-order"}.get(
            family, "masked-lm"
        )
        if found not in OBJECTIVES:
            raise UserError(f"--objective {found}: expected one of {', '.join(OBJECTIVES)}")
        able = OBJECTIVES[found].families
        if family not in able:
            raise UserError(f"--objective {found}: not for {family}; choose a shape of {' or '.join(able)}")
        return found


def build_objective(choice: Choice, beginning: Beginning) -> Objective:
    """Return the objective with its models, in the state they begin in.

    Raises UserError where name, options and shape do not go together.
    """
    check_choice(choice, beginning.shape)
    return OBJECTIVES[choice.name(beginning.family)].build(choice, beginning)


def check_choice(choice: Choice, shape: Shape) -> None:
    """Raise UserError where an option has no sense for the objective or the shape; builds nothing."""
    name = choice.name(shape.family)
    used = OBJECTIVES[name].options
    for option in ("generator", "share", "stage_share"):
        if getattr(choice, option) is not None and option not in used:
            raise UserError(
                f"--{option.replace('_', '-')}: --objective {name} has no such thing; leave it out"
            )
    _masking(choice, Masking())
    if choice.share not in (None, *get_args(generators.Share)):
        raise UserError(f"--share {choice.share}: expected one of {', '.join(get_args(generators.Share))}")
    if choice.generator is not None:
        generators.generator_config(model_config(replace(shape, family="electra")), choice.generator)


@dataclass(frozen=True, slots=True)
class _Known:
    """An objective: how it is built, for which families, and which options beside masking it takes."""

    build: Callable[[Choice, Beginning], Objective]
    families: tuple[str, ...]
    options: tuple[str, ...] = ()


def _alone(kind: Callable[..., Objective], task: str, usual: Masking) -> Any:
    """Return what builds an objective over one model, a ``*For{task}``."""

    def build(choice: Choice, beginning: Beginning) -> Objective:
        alphabet = Alphabet.of(beginning.tokenizer)
        return kind(beginning.model(task), alphabet, masking=_masking(choice, usual))

    return build


def _with_generator(kind: Callable[..., Objective], task: str, **fixed: Any) -> Any:
    """Return what builds an objective over a model (``ElectraFor{task}``) and a generator."""

    def build(choice: Choice, beginning: Beginning) -> Objective:
        begin = beginning.as_electra()
        model = begin.model(task)
        generator = _generator(choice, begin, model.config, two_stages=kind is TwoStage)
        given = {"share": choice.share, "stage_share": choice.stage_share}
        return kind(
            model,
            generator,
            Alphabet.of(begin.tokenizer),
            masking=_masking(choice, generators.MASKING),
            **fixed,
            **{name: value for name, value in given.items() if value is not None},
        )

    return build


def _generator(choice: Choice, begin: Beginning, config: Any, *, two_stages: bool) -> Any:
    """Return the generator: the one beside the checkpoint to go on from, else a fresh one.

    In two stages the second takes its weights from the first: there the checkpoint itself is the generator.
    """
    width = (1.0 if two_stages else 0.25) if choice.generator is None else choice.generator
    wanted = generators.generator_config(config, width)
    found = begin.generator()
    if found is None:
        if two_stages and begin.folder is not None:
            return begin.model("MaskedLM")
        return begin.fresh(wanted, "MaskedLM", part="generator")
    if choice.generator is not None and found.config.hidden_size != wanted.hidden_size:
        raise UserError(
            f"--generator {width}: a hidden size of {wanted.hidden_size}, but the generator of --start has "
            f"{found.config.hidden_size}; leave --generator out"
        )
    return found


def _masking(choice: Choice, usual: Masking) -> Masking:
    """Return ``usual`` with what was asked for in its place."""
    given = {"rate": choice.mask_rate, "unit": choice.mask_unit}
    return replace(usual, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type] # __post_init__ checks


_ALL = ("bert", "roberta", "albert", "electra")
# BERT's encoder is ELECTRA's, where the embeddings are as wide as the layers
_DETECTORS = ("electra", "bert")
_PAIR = ("generator", "share")
OBJECTIVES: dict[str, _Known] = {
    "masked-lm": _Known(_alone(MaskedLM, "MaskedLM", Masking()), _ALL),
    "mask-proposal": _Known(_alone(MaskProposal, "MaskedLM", Masking()), _ALL),
    "sentence-order": _Known(_alone(SentenceOrder, "PreTraining", Masking(unit="ngram")), ("albert", "bert")),
    "replaced-token": _Known(_with_generator(ReplacedToken, "PreTraining"), _DETECTORS, _PAIR),
    "replaced-token-two-stage": _Known(
        _with_generator(TwoStage, "PreTraining"), _DETECTORS, (*_PAIR, "stage_share")
    ),
    "replaced-token-adversarial": _Known(_with_generator(Adversarial, "PreTraining"), _DETECTORS, _PAIR),
    "electra-15": _Known(_with_generator(ReplacedToken, "PreTraining", detect="hidden"), _DETECTORS, _PAIR),
    "replace-mlm": _Known(_with_generator(ReplaceMLM, "MaskedLM"), _DETECTORS, _PAIR),
    "all-tokens-mlm": _Known(_with_generator(AllTokensMLM, "MaskedLM"), _DETECTORS, _PAIR),
}
