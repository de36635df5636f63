"""No pickle is opened: a crafted one in every place that a user can name is refused, and does not run."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from robust.build.folder import read_edits
from robust.errors import UserError
from robust.evaluation.adversarial import ROWS, read_rows
from robust.evaluation.answers import read_answers
from robust.pretrain.checkpoints import checkpoint_path, load_newest
from robust.pretrain.documents import documents
from robust.pretrain.packing import FORMAT, PackReader, open_pack
from robust.report.leaderboard import read_entries
from robust.review.judged import read_judged
from robust.runs import read_run
from robust.squad.catalogue import read_entry
from robust.squad.io import read_questions
from robust.training.state import load_state
from robust.words.lexicon import Lexicon
from robust.words.senses.gloss_vectors import _read as read_gloss_vectors
from robust.words.wordnet_files import read_database
from robust.zoo.checkpoints import load_reader, save_reader
from robust.zoo.convert import convert
from tests.made_run import make_run, make_set
from tests.security.evil import Evil, check_it_would_run, evil_pickle, has_run


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[Path]:
    """The folder that the pickle would make; it must not be there when the test ends."""
    mark = tmp_path / "has-run"
    check_it_would_run(mark)
    yield mark
    assert not has_run(mark)


def objects(mark: Path) -> Any:
    """An array of Python objects, which numpy writes as a pickle."""
    array = np.empty(1, object)
    array[0] = Evil(mark)
    return array


def as_npy(mark: Path) -> bytes:
    held = io.BytesIO()
    np.save(held, objects(mark), allow_pickle=True)
    return held.getvalue()


def as_npz(mark: Path) -> bytes:
    held = io.BytesIO()
    np.savez(held, synsets=objects(mark), vectors=objects(mark))
    return held.getvalue()


def as_torch(mark: Path) -> bytes:
    held = io.BytesIO()
    torch.save({"weight": Evil(mark)}, held)
    return held.getvalue()


KINDS: dict[str, Callable[[Path], bytes]] = {
    "pickle": evil_pickle, "torch": as_torch, "npy": as_npy, "npz": as_npz,
}  # fmt: skip


@pytest.fixture(params=KINDS)
def evil(request: pytest.FixtureRequest, mark: Path) -> bytes:
    return KINDS[request.param](mark)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("q.json", read_questions),
        ("q.jsonl", read_questions),
        ("q.parquet", read_questions),
        ("q.pkl", read_questions),
        ("answers.json", read_answers),
        ("judged.jsonl", read_judged),
        ("dataset.toml", read_entry),
        ("entry.json", lambda file: read_entries(file.parent)),
        ("corpus.txt", lambda file: list(documents([file]))),
        ("corpus.jsonl", lambda file: list(documents([file]))),
        ("corpus.parquet", lambda file: list(documents([file]))),
        ("corpus.npy", lambda file: list(documents([file]))),
        ("wordnet.lexicon", Lexicon.open),
        ("wordnet.zip", read_database),
        (ROWS, lambda file: read_rows(file.parent)),
        ("training-state.safetensors", lambda file: load_state(file, None, None, "")),  # type: ignore[arg-type]
    ],
)
def test_a_file_that_is_a_pickle_is_refused(
    name: str, read: Callable[[Path], object], evil: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "given" / name
    file.parent.mkdir()
    file.write_bytes(evil)
    with pytest.raises(UserError, match=r"."):
        read(file)


@pytest.mark.parametrize("name", ["scores.parquet", "predictions.parquet", "manifest.json", "summary.json"])
def test_a_run_folder_with_a_pickle_is_refused(name: str, evil: bytes, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", make_set(tmp_path / "set"), (1,) * 10)
    (run / name).write_bytes(evil)
    with pytest.raises(UserError, match="broken run"):
        read_run(run)


def test_a_set_whose_edits_are_a_pickle_is_refused(evil: bytes, tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set")
    (folder / "edits.parquet").write_bytes(evil)
    with pytest.raises(UserError, match=r"edits\.parquet"):
        read_edits(folder)


def test_a_packed_corpus_whose_shard_is_a_pickle_is_refused(evil: bytes, tmp_path: Path) -> None:
    (tmp_path / "windows-00000.npy").write_bytes(evil)
    (tmp_path / "manifest.json").write_text(
        f'{{"format": "{FORMAT}", "length": 8, "windows": 1, "tokens": 8, "documents": 1, "sources": [], '
        '"vocabulary_sha256": "", "shards": [{"name": "windows-00000.npy", "windows": 1, "sha256": ""}]}'
    )
    with pytest.raises(UserError, match=r"windows-00000\.npy: missing or broken"):
        PackReader(open_pack(tmp_path))


def test_kept_gloss_vectors_that_are_a_pickle_are_refused(evil: bytes, tmp_path: Path) -> None:
    (tmp_path / "0.npz").write_bytes(evil)
    with pytest.raises(UserError, match="damaged"):
        read_gloss_vectors(tmp_path)


def test_a_checkpoint_of_pre_training_that_is_a_pickle_is_refused(evil: bytes, tmp_path: Path) -> None:
    file = checkpoint_path(tmp_path, 1)
    file.parent.mkdir()
    file.write_bytes(evil)
    model = torch.nn.Linear(1, 1)
    with pytest.raises(UserError, match="broken"):
        load_newest(tmp_path, model, torch.optim.AdamW(model.parameters()), asked={})


def test_a_saved_dataset_that_holds_a_pickle_is_refused(evil: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    for name in ("dataset_info.json", "state.json", "data-00000-of-00001.arrow"):
        (folder / name).write_bytes(evil)
    with pytest.raises(UserError, match="not a saved dataset"):
        list(documents([folder]))


def test_a_column_type_that_is_a_pickle_is_not_opened(mark: Path, tmp_path: Path) -> None:
    """CVE-2023-47248: pyarrow's own extension type, whose description is a pickle."""
    about = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": evil_pickle(mark),
    }
    schema = pa.schema([pa.field("id", pa.string(), metadata=about), pa.field("context", pa.string())])
    file = tmp_path / "q.parquet"
    pq.write_table(pa.table({"id": ["q"], "context": ["c"]}, schema=schema), file)
    with pytest.raises(UserError, match="missing key"):
        read_questions(file)


# ---- models --------------------------------------------------------------------------------------------


@pytest.fixture
def reader_folder(tiny: Any, own_home: Path, tmp_path: Path) -> Path:
    reader = tiny.tiny_reader()
    folder = tmp_path / "reader"
    save_reader(folder, reader.model, reader.tokenizer, reader.settings)
    return folder


@pytest.mark.parametrize(
    "name",
    ["model.safetensors", "heads.safetensors", "adapter.json", "config.json", "robust.json", "tokenizer.json",
     "tokenizer_config.json", "model.safetensors.index.json"],
)  # fmt: skip
def test_a_model_one_of_whose_files_is_a_pickle_is_refused(
    name: str, evil: bytes, reader_folder: Path
) -> None:
    (reader_folder / name).write_bytes(evil)
    if name == "model.safetensors.index.json":
        (reader_folder / "model.safetensors").unlink()
    with pytest.raises(UserError, match=r"."):
        load_reader(reader_folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "tf_model.h5"])
def test_pickled_weights_alone_are_refused_unread(name: str, evil: bytes, reader_folder: Path) -> None:
    (reader_folder / "model.safetensors").unlink()
    (reader_folder / name).write_bytes(evil)
    with pytest.raises(UserError, match="is not safetensors"):
        load_reader(reader_folder)


def test_pickles_beside_a_good_model_are_left_alone(evil: bytes, reader_folder: Path) -> None:
    for name in ("pytorch_model.bin", "training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth",
                 "adapter_model.bin", "custom.pkl"):  # fmt: skip
        (reader_folder / name).write_bytes(evil)
    assert load_reader(reader_folder).sha256


def test_a_folder_that_names_another_model_through_peft_is_refused(evil: bytes, reader_folder: Path) -> None:
    (reader_folder / "adapter_config.json").write_text('{"base_model_name_or_path": "/elsewhere"}')
    (reader_folder / "adapter_model.bin").write_bytes(evil)
    with pytest.raises(UserError, match="PEFT"):
        load_reader(reader_folder)


def test_convert_refuses_what_would_run(evil: bytes, reader_folder: Path, tmp_path: Path) -> None:
    (reader_folder / "model.safetensors").unlink()
    (reader_folder / "pytorch_model.bin").write_bytes(evil)
    with pytest.raises(UserError, match=r"refused|no checkpoint|broken"):
        convert(reader_folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_convert_refuses_a_program_put_into_a_good_checkpoint(
    mark: Path, reader_folder: Path, tmp_path: Path
) -> None:
    held = io.BytesIO()
    torch.save({"weight": torch.zeros(2)}, held)
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(reader_folder / "pytorch_model.bin", "w") as new:
        for name in old.namelist():
            new.writestr(name, evil_pickle(mark) if name.endswith("data.pkl") else old.read(name))
    (reader_folder / "model.safetensors").unlink()
    with pytest.raises(UserError, match="refused: holds more than tensors"):
        convert(reader_folder, tmp_path / "out")


def test_convert_refuses_one_number_that_is_shown_as_a_trillion(reader_folder: Path, tmp_path: Path) -> None:
    (reader_folder / "model.safetensors").unlink()
    torch.save({"weight": torch.zeros(1).expand(10**12)}, reader_folder / "pytorch_model.bin")
    with pytest.raises(UserError, match="larger than what is stored of it"):
        convert(reader_folder, tmp_path / "out")
    shutil.rmtree(reader_folder)
