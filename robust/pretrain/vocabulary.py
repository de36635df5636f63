"""Training a tokenizer on the corpus: WordPiece, byte-level BPE, or SentencePiece's unigram model.

Each is laid out as the family that uses it has it (special tokens, normalisation, offsets), so that what is
trained with it opens in transformers: wordpiece for BERT and ELECTRA, bpe for RoBERTa, unigram for ALBERT.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args

import numpy as np

from robust.errors import UserError
from robust.pretrain.documents import Document, blocks

Kind = Literal["wordpiece", "bpe", "unigram"]

_BERT = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
_ROBERTA = {"cls": "<s>", "pad": "<pad>", "sep": "</s>", "unk": "<unk>", "mask": "<mask>"}
_ALBERT = {"pad": "<pad>", "unk": "<unk>", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}


# Characters that get a token of their own; rarer ones make their word unknown.
_ALPHABET = 1000


def train_vocabulary(
    documents: Iterable[Document], kind: Kind, size: int, *, lower_case: bool = True, positions: int = 512
) -> Any:
    """Return a fast tokenizer of transformers with ``size`` entries, special tokens among them.

    The documents are gone through twice for wordpiece: give something that can be (a list, a ``Corpus``). The
    same documents and settings give the same vocabulary. ``lower_case`` holds for wordpiece and unigram;
    byte-level BPE keeps case, as RoBERTa does. Raises UserError for an unknown kind or a size that the text
    does not fill or that leaves no room for its characters.
    """
    from transformers import PreTrainedTokenizerFast

    if kind not in get_args(Kind):
        raise UserError(f"--kind {kind}: expected one of {', '.join(get_args(Kind))}")
    train, special = {
        "wordpiece": (_wordpiece, _BERT),
        "bpe": (_bpe, _ROBERTA),
        "unigram": (_unigram, _ALBERT),
    }[kind]
    try:
        tokenizer = train(documents, size, lower_case)
    except UserError:
        raise
    except Exception as error:  # the trainers raise bare Exceptions with a line of their own
        raise UserError(f"--size {size}: no {kind} vocabulary of that size ({error})") from error
    if tokenizer.get_vocab_size() != size:
        raise UserError(
            f"--size {size}: the text gives {tokenizer.get_vocab_size()} entries; choose another size "
            "or more text"
        )
    tokenizer.post_processor = _frame(tokenizer, special, kind)
    inputs = ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=positions,
        model_input_names=inputs if kind == "bpe" else ["input_ids", "token_type_ids", "attention_mask"],
        **{f"{role}_token": token for role, token in special.items()},
        **({"bos_token": "<s>", "eos_token": "</s>"} if kind == "bpe" else {}),
    )


def _texts(documents: Iterable[Document]) -> Iterator[str]:
    for document in documents:
        yield from document


def _wordpiece(documents: Iterable[Document], size: int, lower_case: bool) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token=_BERT["unk"]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower_case)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    # The trainer numbers "##a" as it meets words, in the order of a hash table, and breaks ties by number:
    # given as special tokens, they come in our order. So with the characters that it keeps: of equally rare
    # ones it would keep any.
    characters, joining = _characters(tokenizer, documents)
    inner = [f"##{character}" for character in joining]
    special = list(_BERT.values())
    tokenizer.train_from_iterator(
        _texts(documents),
        trainers.WordPieceTrainer(
            vocab_size=size,
            special_tokens=special + inner,
            initial_alphabet=characters,
            limit_alphabet=len(characters),
            show_progress=False,
        ),
    )
    if tokenizer.get_vocab_size() < size:
        return tokenizer
    plain = Tokenizer(models.WordPiece(tokenizer.get_vocab(), unk_token=_BERT["unk"]))
    plain.normalizer, plain.pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    plain.decoder = tokenizer.decoder
    plain.add_special_tokens(special)
    return plain


def _characters(tokenizer: Any, documents: Iterable[Document]) -> tuple[list[str], list[str]]:
    """Return the characters to keep, and those that may stand inside a word, the most frequent first."""
    counts = np.zeros(sys.maxunicode + 1, np.int64)
    for block in blocks(documents):
        codes = np.frombuffer("".join(_texts(block)).encode("utf-32-le"), np.uint32)
        counts += np.bincount(codes, minlength=len(counts))
    found: Counter[str] = Counter()
    for code in np.flatnonzero(counts).tolist():
        for normal in tokenizer.normalizer.normalize_str(chr(code)):
            if not normal.isspace():
                found[normal] += int(counts[code])
    ranked = sorted(found, key=lambda character: (-found[character], character))
    pieces = tokenizer.pre_tokenizer.pre_tokenize_str
    joining = [character for character in ranked if len(pieces(f"a{character}a")) == 1]
    return ranked[:_ALPHABET], joining[:_ALPHABET]


def _bpe(documents: Iterable[Document], size: int, lower_case: bool) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(_ROBERTA.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(documents), trainer)
    return tokenizer


def _unigram(documents: Iterable[Document], size: int, lower_case: bool) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    quotes = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    lower = [normalizers.Lowercase()] if lower_case else []
    parts = {
        "normalizer": normalizers.Sequence([*quotes, normalizers.NFKC(), *lower]),
        "pre_tokenizer": pre_tokenizers.Metaspace(),
        "decoder": decoders.Metaspace(),
    }
    trained = Tokenizer(models.Unigram())
    for name, part in parts.items():
        setattr(trained, name, part)
    special = list(_ALBERT.values())
    trained.train_from_iterator(
        _texts(documents),
        trainers.UnigramTrainer(
            vocab_size=size, special_tokens=special, unk_token=_ALBERT["unk"], show_progress=False
        ),
    )
    # The trainer sums in the order of a hash table: the last digits of its scores, and with them the order
    # of equal ones, vary from run to run. The characters it keeps only so that no word is unknown get falling
    # scores in that order: here, all the same one.
    scored = [entry for entry in json.loads(trained.to_str())["model"]["vocab"] if entry[0] not in special]
    least = min((score for token, score in scored if len(token) > 1), default=0.0)
    found = [
        (token, round(least - 0.01 if len(token) == 1 and score < least + 0.01 else score, 6))
        for token, score in scored
    ]
    found.sort(key=lambda entry: (-entry[1], entry[0]))
    entries = [(token, 0.0) for token in special] + found
    tokenizer = Tokenizer(models.Unigram(entries, unk_id=special.index(_ALBERT["unk"])))
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    tokenizer.add_special_tokens(special)
    return tokenizer


def _frame(tokenizer: Any, special: dict[str, str], kind: Kind) -> Any:
    """Return what puts the special tokens round a text and between two."""
    from tokenizers import processors

    cls, sep = special["cls"], special["sep"]
    tokens = [(cls, tokenizer.token_to_id(cls)), (sep, tokenizer.token_to_id(sep))]
    if kind == "bpe":
        return processors.RobertaProcessing(tokens[1], tokens[0], trim_offsets=True, add_prefix_space=False)
    pair = f"{cls} $A {sep} $B:1 {sep}:1"
    return processors.TemplateProcessing(single=f"{cls} $A {sep}", pair=pair, special_tokens=tokens)
