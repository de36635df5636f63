"""Every kind of tokenizer, trained here on a few lines: offsets into the untouched context, and folders that
transformers alone has written."""

from __future__ import annotations

import itertools
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from robust.reader.decode import WindowSpans, assemble
from robust.reader.features import answer_positions, input_names, make_windows
from robust.reader.pairs import tokenise
from robust.reader.predict import PredictSettings, predict
from robust.squad.records import Answer, Question
from robust.zoo.checkpoints import load_reader

LINES = [
    "The Old Harbour of Lindow was built by Edda Marsh in 1874. It held forty boats.",
    "Ana's cafe\u0301 🍋 opened in Bruge\u0300s. The 🍋 lemon tart cost two crowns, says Ana.",
    "Who built the harbour? What did the tart cost? Whose ﬁle is it, and where is 東京?",
] * 3
# combining marks, emoji (one of several code points), a ligature, CJK, full-width digits, tab, non-breaking
# and thin spaces, line ends, runs of spaces, a half and a number sign that NFKC makes longer
CONTEXT = (
    "  Ana's cafe\u0301 🍋 in Bruge\u0300s\tand 東京は大きい。 The ﬁle №\u00a05 cost ½\u2009crown, １２３\n"
    "İstanbul Straße 👩\u200d🍳 naïve\u00a0\u00a0end  "
)
QUESTION = "What did the tart cost?"
ACCENTS = {"wordpiece-uncased", "unigram"}  # those that strip them


@cache
def wordpieces(lower: bool) -> dict[str, int]:
    backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=lower)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=160, special_tokens=special, show_progress=False)
    backend.train_from_iterator(LINES, trainer)
    return backend.get_vocab()


@cache
def byte_pairs() -> tuple[dict[str, int], list[tuple[str, str]]]:
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(LINES, trainer)
    held = json.loads(backend.to_str())["model"]
    return held["vocab"], [tuple(m) for m in held["merges"]]


@cache
def unigrams() -> list[tuple[str, float]]:
    backend = Tokenizer(models.Unigram())
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.UnigramTrainer(
        vocab_size=100, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    backend.train_from_iterator([line.lower() for line in LINES], trainer)
    return [tuple(piece) for piece in json.loads(backend.to_str())["model"]["vocab"]]


def tokenizer_of(kind):
    """Return one trained here, as transformers makes it: version 5 of what was learnt, 4 of files alone."""
    lower = kind != "wordpiece-cased"
    if int(transformers.__version__.partition(".")[0]) < 5:
        with TemporaryDirectory() as place:
            return tokenizer_of_files(kind, Path(place), lower)
    if kind.startswith("wordpiece"):
        return transformers.BertTokenizerFast(vocab=wordpieces(lower), do_lower_case=lower)
    if kind == "bpe":
        vocabulary, merges = byte_pairs()
        return transformers.RobertaTokenizerFast(vocab=vocabulary, merges=merges)
    return transformers.AlbertTokenizerFast(vocab=unigrams())


def tokenizer_of_files(kind, folder, lower):
    if kind.startswith("wordpiece"):
        write_vocabulary(folder, lower)
        return transformers.BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=lower)
    if kind == "bpe":
        write_merges(folder)
        return transformers.RobertaTokenizerFast(str(folder / "vocab.json"), str(folder / "merges.txt"))
    backend = Tokenizer(models.Unigram(unigrams(), unk_id=1))
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(name, backend.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    backend.save(str(folder / "tokenizer.json"))
    return transformers.AlbertTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))


KINDS = ["wordpiece-uncased", "wordpiece-cased", "bpe", "unigram"]


def cut(window_offsets, first, last):
    """Return the prediction that the span of these two tokens gives."""
    one = np.ones(1, np.float32)
    start, end = window_offsets[first, 0:1], window_offsets[last, 1:2]
    return assemble("q", CONTEXT, [WindowSpans(one, start, end, 0.0, 1.0)])


@pytest.mark.parametrize("kind", KINDS)
def test_every_span_of_tokens_is_cut_right_and_found_again(kind):
    question = Question("q", QUESTION, CONTEXT, (), "A", False, "A:1", "A")
    tokenizer = tokenizer_of(kind)
    windows = make_windows(tokenizer, [question], max_length=400)
    assert len(windows) == 1
    offsets = windows.offsets[0]
    inside = np.flatnonzero(offsets[:, 1] > offsets[:, 0]).tolist()
    texts = set()
    for first, last in itertools.product(inside, inside):
        if not first <= last < first + 24:
            continue
        found = cut(offsets, first, last)
        if not found.n_best:
            assert CONTEXT[offsets[first, 0] : offsets[last, 1]].strip() == ""
            continue
        best = found.n_best[0]
        assert best.text == best.text.strip()
        assert CONTEXT[best.start : best.start + len(best.text)] == best.text
        texts.add(best.text)
        gold = Question("q", QUESTION, CONTEXT, (Answer(best.text, best.start),), "A", True, "A:1", "A")
        again_first, again_last = answer_positions(windows, [gold])[0]
        assert again_last > 0, best.text
        assert cut(offsets, again_first, again_last).text == best.text
    for word in ("Ana", "cost", "naïve", "Straße", "İstanbul", "１２３", "½", "🍋"):
        assert any(word in text for text in texts), word
    assert "ana" not in texts


@pytest.mark.parametrize("kind", KINDS)
def test_no_letter_of_the_context_is_between_the_tokens(kind):
    tokenizer = tokenizer_of(kind)
    question = Question("q", QUESTION, CONTEXT, (), "A", False, "A:1", "A")
    offsets = make_windows(tokenizer, [question], max_length=400).offsets[0]
    covered = set()
    for start, end in offsets[offsets[:, 1] > offsets[:, 0]].tolist():
        covered |= set(range(start, end))
    missing = {CONTEXT[i] for i in range(len(CONTEXT)) if i not in covered and not CONTEXT[i].isspace()}
    # marks that stripping accents takes off go with their letter when an answer is cut; a joiner is no text
    assert missing <= {"\u0301", "\u0300", "\u200d", "\u0307", "\ufe0f"}


def test_windows_hold_what_plain_transformers_would_give():
    tokenizer = tokenizer_of("bpe")
    question = Question("q", QUESTION, LINES[0], (), "A", False, "A:1", "A")
    windows = make_windows(tokenizer, [question], max_length=400)
    assert windows.input_ids[0].tolist() == tokenizer(QUESTION, LINES[0])["input_ids"]


def unlike_questions():
    """Return questions of many lengths, several to a context, one of which is empty."""
    contexts = [CONTEXT * 4, LINES[0], "", LINES[1] + " [SEP] [CLS] boats", CONTEXT]
    texts = [QUESTION, "Who [SEP] built?", "", "harbour Brugès " * 20, "🍋 e\u0301"]
    pairs = itertools.product(texts, contexts)
    return [Question(f"q{i}", text, c, (), "A", False, "A:1", "A") for i, (text, c) in enumerate(pairs)]


@pytest.mark.parametrize("kind", KINDS)
def test_windows_of_texts_tokenised_apart_are_those_of_tokenised_pairs(kind, monkeypatch):
    tokenizer = tokenizer_of(kind)
    for sizes in ((60, 7, 20), (120, 0, 64), (400, 128, 64)):
        settings = dict(zip(("max_length", "stride", "max_question"), sizes, strict=True))
        found = make_windows(tokenizer, unlike_questions(), chunk=6, **settings)
        with monkeypatch.context() as patch:
            patch.setattr("robust.reader.features.pair_template", lambda _: None)
            expected = make_windows(tokenizer, unlike_questions(), chunk=6, **settings)
        assert found.question_index.tolist() == expected.question_index.tolist()
        assert found.lengths.tolist() == expected.lengths.tolist()
        for name in ("input_ids", "token_type_ids", "offsets"):
            for ours, theirs in zip(getattr(found, name), getattr(expected, name), strict=True):
                assert ours.dtype == theirs.dtype == np.int32
                assert np.array_equal(ours, theirs), name


def test_a_context_that_fits_is_one_window_though_the_stride_leaves_no_room_for_two():
    question = Question("q", QUESTION, "boats", (), "A", False, "A:1", "A")
    windows = make_windows(tokenizer_of("wordpiece-uncased"), [question], max_length=40, stride=36)
    assert len(windows) == 1
    assert (windows.offsets[0][:, 1] > windows.offsets[0][:, 0]).any()


@pytest.mark.parametrize("kind", ["wordpiece-uncased", "unigram"])
def test_each_context_is_tokenised_once(kind, monkeypatch):
    seen = []

    def listening(tokenizer, texts):
        seen.extend(texts)
        return tokenise(tokenizer, texts)

    monkeypatch.setattr("robust.reader.features.tokenise", listening)
    questions = [q for q in unlike_questions() if q.text == QUESTION] * 3
    make_windows(tokenizer_of(kind), questions, chunk=4)
    assert seen.count(QUESTION) == len(questions)
    assert [seen.count(context) for context in {q.context for q in questions}] == [1] * 5


# ---- folders that transformers wrote, and nobody else --------------------------------------------------

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def write_vocabulary(folder, lower=True):
    vocabulary = wordpieces(lower)
    (folder / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.get)) + "\n")


def write_merges(folder):
    vocabulary, merges = byte_pairs()
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(map(" ".join, merges)) + "\n")


def write_tokenizer(folder, kind="wordpiece-uncased"):
    tokenizer_of(kind).save_pretrained(folder)


def write_tokenizer_json(folder):
    """tokenizer.json alone: no word about which class it was."""
    write_tokenizer(folder)
    (folder / "tokenizer_config.json").unlink()


def pieces():
    return {"vocab_size": len(wordpieces(True)) + 3}


FOLDERS = {
    "bert": ("Bert", lambda: SMALL | pieces(), write_tokenizer),
    "bert, vocab.txt": ("Bert", lambda: SMALL | pieces(), write_vocabulary),
    "bert, tokenizer.json": ("Bert", lambda: SMALL | pieces(), write_tokenizer_json),
    "electra, vocab.txt": ("Electra", lambda: SMALL | pieces() | {"embedding_size": 16}, write_vocabulary),
    "roberta": (
        "Roberta",
        lambda: SMALL | {"vocab_size": 400, "max_position_embeddings": 514, "type_vocab_size": 1},
        lambda folder: write_tokenizer(folder, "bpe"),
    ),
    "roberta, merges": (
        "Roberta",
        lambda: SMALL | {"vocab_size": 400, "max_position_embeddings": 514, "type_vocab_size": 1},
        write_merges,
    ),
    "albert": (
        "Albert",
        lambda: SMALL | {"vocab_size": len(unigrams()) + 2, "embedding_size": 16},
        lambda folder: write_tokenizer(folder, "unigram"),
    ),
    "distilbert, vocab.txt": (
        "DistilBert",
        lambda: {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64} | pieces(),
        write_vocabulary,
    ),
    "mobilebert, vocab.txt": (
        "MobileBert",
        lambda: SMALL | pieces() | {"embedding_size": 16, "intra_bottleneck_size": 32},
        write_vocabulary,
    ),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_only_transformers_wrote_answers(tiny, tmp_path, name, recwarn, capfd):
    """Defaults of the family, its own token types, not a word on the screen."""
    family, sizes, write = FOLDERS[name]
    torch.manual_seed(0)
    model = getattr(transformers, f"{family}ForQuestionAnswering")(
        getattr(transformers, f"{family}Config")(**sizes())
    )
    model.save_pretrained(tmp_path)
    write(tmp_path)
    capfd.readouterr()
    recwarn.clear()
    reader = load_reader(tmp_path)
    questions = tiny.tiny_questions()[:3]
    found = predict(reader, questions, PredictSettings(device="cpu"))
    assert "".join(capfd.readouterr()) == ""
    assert not [w for w in recwarn if not issubclass(w.category, DeprecationWarning)]
    assert all(p.text in q.context and p.text for p, q in zip(found, questions, strict=True))
    assert reader.settings.family == model.config.model_type
    assert (reader.settings.max_length, reader.settings.null_threshold) == (384, None)
    assert reader.settings.lower_case == (family != "Roberta")
    takes = "token_type_ids" in input_names(reader.model, reader.tokenizer)
    assert takes == (family in {"Bert", "Electra", "Albert", "MobileBert"})
