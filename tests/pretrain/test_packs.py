"""A corpus is packed into a place of its own, and packed anew when its text has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from datasets import Dataset

from robust.errors import UserError
from robust.pretrain.corpus import Vocabulary, check_out, corpus_of, pack_corpus
from robust.pretrain.shards import UNFINISHED
from robust.pretrain.vocabulary import train_vocabulary
from robust.zoo.tokenizers import save_tokenizer
from tests.pretrain.corpus import made_documents

DOCUMENTS = made_documents()


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    save_tokenizer(train_vocabulary(DOCUMENTS, "wordpiece", 150), folder)
    return folder


def saved(folder: Path, seed: int) -> Path:
    """Save a data set of as many rows and characters, whatever the seed, and at one time of day."""
    text = [" ".join(document)[:200] for document in made_documents(seed=seed)]
    Dataset.from_dict({"text": text}).save_to_disk(folder)
    os.utime(folder, (1, 1))
    return folder


def test_a_saved_dataset_that_was_saved_anew_is_packed_anew(tmp_path: Path, tokenizer: Path) -> None:
    packs = tmp_path / "packs"
    _, one = corpus_of([saved(tmp_path / "set", 1)], tokenizer, packs, length=16)
    _, same = corpus_of([tmp_path / "set"], tokenizer, packs, length=16)
    _, two = corpus_of([saved(tmp_path / "set", 2)], tokenizer, packs, length=16)
    assert same.folder == one.folder
    assert two.folder != one.folder
    assert two.sources != one.sources


def test_a_pack_that_was_interrupted_is_told_and_not_read_as_text(tmp_path: Path, tokenizer: Path) -> None:
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / UNFINISHED).write_text("{}")
    with pytest.raises(UserError, match="begun: packing was interrupted; run the same command again"):
        corpus_of([tmp_path / "begun"], tokenizer, tmp_path / "packs", length=16)
    with pytest.raises(UserError, match="its packing was interrupted"):
        corpus_of([tmp_path / "begun"] * 2, tokenizer, tmp_path / "packs", length=16)


def test_nothing_is_written_inside_the_folder_of_text(tmp_path: Path, tokenizer: Path) -> None:
    text = tmp_path / "text"
    text.mkdir()
    (text / "a.txt").write_text("\n\n".join("\n".join(document) for document in DOCUMENTS))
    told = "lies inside .*text, so that what is written there would be read as text next time"
    with pytest.raises(UserError, match=told):
        pack_corpus([text], train_vocabulary(DOCUMENTS, "wordpiece", 150), text / "sub" / "out", length=16)
    with pytest.raises(UserError, match=told):
        corpus_of([text], Vocabulary("wordpiece", 150), text / "packs", length=16)
    with pytest.raises(UserError, match=told):
        check_out(text / "tok", [text])
    assert [path.name for path in text.iterdir()] == ["a.txt"]
    check_out(tmp_path / "text-tok", [text])
    _, made = corpus_of([text], tokenizer, tmp_path / "packs", length=16)
    assert made.documents == len(DOCUMENTS)
