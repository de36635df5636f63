"""Text on the hub is read as it comes, and a hub that is not there is told in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pytest

from robust.errors import UserError
from robust.pretrain import hub_text
from robust.pretrain.documents import documents, source


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the hub's library read a local file instead; return what it is asked for."""
    (tmp_path / "rows.jsonl").write_text(
        "".join(
            json.dumps({"text": text, "id": n}) + "\n" for n, text in enumerate(["One.\nTwo.", "", "Three."])
        ),
        encoding="utf-8",
    )
    load, asked = datasets.load_dataset, []

    def local(*names: Any, **settings: Any) -> Any:
        asked.append((*names, settings["revision"], settings["split"]))
        assert settings["streaming"]
        files = str(tmp_path / "rows.jsonl")
        return load("json", data_files=files, split="train", streaming=True, cache_dir=str(tmp_path))

    monkeypatch.setattr(datasets, "load_dataset", local)
    monkeypatch.setattr(hub_text, "reach", lambda name, endpoint, instead: None)
    return asked


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("hf:wikitext", ("wikitext", None, None, "train")),
        ("hf:Salesforce/wikitext", ("Salesforce/wikitext", None, None, "train")),
        (
            "hf:Salesforce/wikitext/wikitext-2-raw-v1:test",
            ("Salesforce/wikitext", "wikitext-2-raw-v1", None, "test"),
        ),
        ("hf:a/b@v1.0:validation", ("a/b", None, "v1.0", "validation")),
    ],
)
def test_rows_are_documents(served: list[Any], name: str, asked: tuple[str, ...]) -> None:
    assert list(documents([Path(name)])) == [("One.", "Two."), ("Three.",)]
    assert served == [asked]
    assert source(Path(name))["name"] == name


def test_a_data_set_without_text_names_its_columns(
    served: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "load_dataset", lambda *names, **settings: [{"body": "x", "n": 1}])
    with pytest.raises(UserError, match="hf:a/b: columns body, n; expected one named 'text'"):
        list(documents([Path("hf:a/b")]))


def test_what_cannot_be_had_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"hf:a/b/c/d: not a hub name, expected hf:OWNER/NAME\[/CONFIG\]"):
        list(documents([Path("hf:a/b/c/d")]))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"hf:a/b: the hub \(http://127.0.0.1:9\) cannot be reached"):
        list(documents([Path("hf:a/b")]))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    def offline(*names: Any, **settings: Any) -> Any:
        raise ConnectionError("offline mode is enabled\nmore")

    monkeypatch.setattr(datasets, "load_dataset", offline)
    with pytest.raises(UserError, match=r"cannot be had from the hub \(offline mode is enabled\); use files"):
        list(documents([Path("hf:a/b")]))
