"""Packed windows hold the tokenizer's own tokens, each once, in an order that resumes anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import AddedToken

from robust.errors import UserError
from robust.pretrain.packing import PackReader, open_pack, pack
from robust.pretrain.tokens import WordTokens
from robust.pretrain.vocabulary import Kind, train_vocabulary
from tests.pretrain.corpus import made_documents

DOCUMENTS = made_documents()
STRANGE = [
    "naïve café ﬁnal ½ ①②",
    "漢字 and 한글 together, 😀👍🏽 too",
    "tabs\tand\u00a0hard spaces  and   runs",
    "e\u0301 combining; it's o'clock — don't…",
    "",
    "x",
]


@pytest.fixture(scope="module", params=["wordpiece", "bpe", "unigram"])
def tokenizer(request: pytest.FixtureRequest) -> Any:
    kind: Kind = request.param
    return train_vocabulary(DOCUMENTS, kind, {"wordpiece": 150, "bpe": 400, "unigram": 120}[kind])


def test_words_one_by_one_give_the_tokens_of_the_text(tokenizer: Any) -> None:
    words = WordTokens(tokenizer)
    texts = [" ".join(document) for document in DOCUMENTS[:10]] + STRANGE
    flat, lengths = words.ids(texts)
    for text, found in zip(texts, np.split(flat, np.cumsum(lengths)[:-1]), strict=True):
        plain = " ".join(text.split())  # a run of white space counts as one space
        assert found.tolist() == tokenizer(plain, add_special_tokens=False)["input_ids"], text
    again, _ = words.ids([texts[3]])
    assert again.tolist() == tokenizer(texts[3], add_special_tokens=False)["input_ids"]


def test_a_special_token_written_out_is_text(tokenizer: Any) -> None:
    found, _ = WordTokens(tokenizer).ids([f"the {tokenizer.mask_token} of {tokenizer.sep_token} x"])
    assert not set(found.tolist()) & {tokenizer.mask_token_id, tokenizer.sep_token_id}
    assert tokenizer(tokenizer.mask_token, add_special_tokens=False)["input_ids"] == [tokenizer.mask_token_id]


@pytest.mark.parametrize(
    "added",
    [
        AddedToken("harbour baker"),
        AddedToken("harbour\u00a0baker"),
        AddedToken("harbour", lstrip=True),
        AddedToken("harbour", rstrip=True),
    ],
    ids=["a space", "a hard space", "lstrip", "rstrip"],
)
def test_an_added_token_that_takes_in_white_space_is_refused(added: AddedToken) -> None:
    changed = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    changed.add_tokens([added])
    with pytest.raises(UserError, match=r"added token 'harbour.* takes in white space"):
        WordTokens(changed)


def test_an_added_word_is_one_token_wherever_it_stands() -> None:
    changed = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    changed.add_tokens(["qq9"])
    text = "qq9 the qq9 harbourqq9, (qq9)"
    assert WordTokens(changed).ids([text])[0].tolist() == changed(text, add_special_tokens=False)["input_ids"]


def test_the_windows_in_order_are_the_stream_of_documents(tokenizer: Any, tmp_path: Path) -> None:
    made = pack(DOCUMENTS, tokenizer, tmp_path / "pack", length=16, shard=50)
    stream = []
    for document in DOCUMENTS:
        stream += [*tokenizer(" ".join(document), add_special_tokens=False)["input_ids"]]
        stream += [tokenizer.sep_token_id]
    reader = PackReader(open_pack(tmp_path / "pack"))
    windows = reader.windows(np.arange(len(reader)))
    assert len(made.shards) > 1
    assert (windows[:, 0] == tokenizer.cls_token_id).all()
    assert (windows[:, -1] == tokenizer.sep_token_id).all()
    assert windows[:, 1:-1].ravel().tolist() == stream[: len(reader) * 14]
    assert len(stream) - len(reader) * 14 < 14
    assert made.tokens == len(stream) - len(DOCUMENTS)
    assert made.documents == len(DOCUMENTS)


def test_every_epoch_sees_every_window_once_in_an_order_of_its_own(tmp_path: Path) -> None:
    tokenizer = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    pack(DOCUMENTS, tokenizer, tmp_path / "pack", length=16)
    reader = PackReader(open_pack(tmp_path / "pack"))
    n = len(reader)
    size = 7
    steps = -(-3 * n // size)
    seen = np.concatenate([reader.batch(step, size, seed=5) for step in range(steps)])[: 3 * n]
    everything = np.sort([str(row) for row in reader.windows(np.arange(n))])
    epochs = [seen[n * e : n * (e + 1)] for e in range(3)]
    for epoch in epochs:
        assert (np.sort([str(row) for row in epoch]) == everything).all()
    assert not (epochs[0] == epochs[1]).all()
    later = PackReader(open_pack(tmp_path / "pack"))
    assert (
        later.batch(steps - 1, size, seed=5)[: 3 * n - (steps - 1) * size] == seen[(steps - 1) * size :]
    ).all()
    assert not (later.batch(0, size, seed=6) == seen[:size]).all()


def test_the_same_corpus_gives_the_same_bytes(tmp_path: Path) -> None:
    tokenizer = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    again = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    one = pack(DOCUMENTS, tokenizer, tmp_path / "one", length=32)
    two = pack(iter(DOCUMENTS), again, tmp_path / "two", length=32)
    assert one.sha256 == two.sha256


@pytest.mark.parametrize(("kind", "size"), [("wordpiece", 150), ("bpe", 400), ("unigram", 120)])
def test_the_same_text_gives_the_same_vocabulary(kind: Kind, size: int) -> None:
    made = {train_vocabulary(DOCUMENTS, kind, size).backend_tokenizer.to_str() for _ in range(3)}
    assert len(made) == 1


def test_of_equally_rare_characters_the_same_ones_are_kept() -> None:
    rare = " ".join(map(chr, range(0x4E00, 0x4E00 + 1200)))
    text = [*DOCUMENTS, (rare,)]
    made = [train_vocabulary(text, "wordpiece", 2100).backend_tokenizer.to_str() for _ in range(2)]
    assert made[0] == made[1]
    assert chr(0x4E00) in json.loads(made[0])["model"]["vocab"]
    assert chr(0x4E00 + 1199) not in json.loads(made[0])["model"]["vocab"]


def test_a_large_vocabulary_takes_wider_numbers(tmp_path: Path) -> None:
    tokenizer = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    tokenizer.add_tokens([f"extra{n}" for n in range(2**16)])
    made = pack(DOCUMENTS, tokenizer, tmp_path / "pack", length=16)
    assert np.load(tmp_path / "pack" / made.shards[0]["name"]).dtype == np.uint32


def test_what_cannot_be_packed_or_opened_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    tokenizer = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    with pytest.raises(UserError, match=r"tokens: too few for one window of 512"):
        pack([("Just this.",)], tokenizer, tmp_path / "pack", length=512)
    assert not (tmp_path / "pack").exists()
    with pytest.raises(UserError, match="no packed corpus in it"):
        open_pack(tmp_path)
    made = pack(DOCUMENTS, tokenizer, tmp_path / "pack", length=16)
    shard = tmp_path / "pack" / made.shards[0]["name"]
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"windows-00000\.npy: missing or broken"):
        open_pack(tmp_path / "pack")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="is not a packed corpus"):
        pack(DOCUMENTS, tokenizer, tmp_path / "other", length=16)
    manifest = json.loads((tmp_path / "pack" / "manifest.json").read_text())
    assert manifest["format"] == "robust.pack.v1"


def test_a_vocabulary_that_the_text_cannot_fill_is_refused() -> None:
    with pytest.raises(UserError, match="--size 90000: "):
        train_vocabulary(DOCUMENTS, "wordpiece", 90_000)
    with pytest.raises(UserError, match="--kind letters: expected one of wordpiece, bpe, unigram"):
        train_vocabulary(DOCUMENTS, "letters", 100)  # type: ignore[arg-type]


def test_a_bit_turned_over_in_a_shard_is_found_when_it_is_read(tmp_path: Path) -> None:
    tokenizer = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    found = pack(DOCUMENTS, tokenizer, tmp_path / "pack", length=16, shard=8)
    file = tmp_path / "pack" / str(found.shards[1]["name"])
    data = bytearray(file.read_bytes())
    data[-5] ^= 4
    file.write_bytes(data)
    reader = PackReader(open_pack(tmp_path / "pack"))  # the shape is right: opening it tells nothing
    reader.windows(np.arange(8))
    with pytest.raises(UserError, match=rf"{file.name}: damaged .*pack the corpus again"):
        reader.windows(np.arange(8, 12))
