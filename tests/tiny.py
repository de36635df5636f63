"""A reader of two small layers with random weights, and a few questions of our own: for tests alone."""

from __future__ import annotations

import string
from dataclasses import replace

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from robust.squad.records import Answer, Question
from robust.zoo.architecture import new_reader
from robust.zoo.catalogue import MODELS
from robust.zoo.checkpoints import LoadedReader
from robust.zoo.settings import ReaderSettings

_PARAGRAPHS = {
    "Harbour": "The Old Harbour of Lindow was built by Edda Marsh in 1874. It held forty boats.",
    "Café": "Ana's cafe\u0301 🍋 opened in Bruge\u0300s. The 🍋 lemon tart cost two crowns, says Ana.",
    "Mill": "A water mill stood on the river Isk. Its wheel was oak and turned a stone from Varn.",
    "Orchard": "Pears grow beside the chapel. Each autumn the monks press them into a cider called Bell.",
    "Bridge": "The bridge at Tolm has seven arches. Masons from Kest finished it after nine winters.",
    "School": "Mira Holt founded the school for pilots. It moved to the coast when the lake froze.",
}
_QUESTIONS = {
    "Harbour": [("Who built the harbour?", "Edda Marsh"), ("Who burned the harbour?", "")],
    "Café": [("What did the tart cost?", "two crowns"), ("What colour was the tart?", "")],
    "Mill": [("What was the wheel made of?", "oak"), ("When did the mill burn?", "")],
    "Orchard": [("What is the cider called?", "Bell"), ("Who bought the cider?", "")],
    "Bridge": [("How many arches has the bridge?", "seven"), ("Who painted the bridge?", "")],
    "School": [("Who founded the school?", "Mira Holt"), ("Who closed the school?", "")],
}


def tiny_questions() -> list[Question]:
    """Return twelve questions on six articles, half of them unanswerable."""
    found = []
    for article, context in _PARAGRAPHS.items():
        for number, (text, answer) in enumerate(_QUESTIONS[article]):
            answers = (Answer(answer, context.index(answer)),) if answer else ()
            identifier = f"{article.lower()}-{number}"
            found.append(
                Question(identifier, text, context, answers, article, bool(answer), f"{article}:1", article)
            )
    return found


def tiny_variant(question: Question, number: int = 1) -> Question:
    """Return the question in other words, as a variant."""
    return replace(question, id=f"{question.id}#{number}", text="Say: " + question.text.lower())


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """Return a lower-casing wordpiece tokenizer of single letters and the words above."""
    letters = string.ascii_lowercase + string.digits + ".,?':!-" + "🍋"
    words = sorted({w.strip(".,?'") for text in _PARAGRAPHS.values() for w in text.lower().split()})
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + c for c in letters)]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys([*tokens, *(w for w in words if w)]))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def tiny_reader(name: str = "bert-tiny", **settings: object) -> LoadedReader:
    """Return a reader with random weights whose logits are spread as a trained one's are."""
    tokenizer = tiny_tokenizer()
    shape = MODELS[name].shape
    model = new_reader(shape, tokenizer, seed=7)
    with torch.no_grad():
        model.qa_outputs.weight.mul_(40)
    sizes: dict[str, object] = {"max_length": 64, "stride": 16, "max_question": 32}
    own = ReaderSettings(family=shape.family, **(sizes | settings))  # type: ignore[arg-type]
    return LoadedReader(model, tokenizer, own, f"tiny-{name}", "0" * 64)
