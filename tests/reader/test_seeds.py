"""Several seeds as one result: what is trained, what is kept, what is refused."""

from __future__ import annotations

import json
import statistics

import pytest

from robust.errors import UserError
from robust.reader.seeds import SEEDS_FILE, find_seed_folders, seed_folders, train_seeds
from robust.squad.io import write_squad
from robust.training.state import STATE_FILE


@pytest.fixture
def train(tiny, tmp_path, capsys):
    """Return a function that runs ``robust finetune`` on a tiny task and returns its JSON."""
    from robust.cli.finetune import finetune as command

    tiny.tiny_tokenizer().save_pretrained(tmp_path / "tokenizer")
    write_squad(tmp_path / "train.json", tiny.tiny_questions())

    def run(**options):
        command(
            "electra-tiny",
            data=str(tmp_path / "train.json"),
            output=tmp_path / "out",
            scratch=True,
            tokenizer_from=str(tmp_path / "tokenizer"),
            length=64,
            hold_out=0.2,
            as_json=True,
            **{"max_steps": 2, "seeds": 3, "seed": 4} | options,
        )
        return json.loads(capsys.readouterr().out)

    return run


def test_every_seed_becomes_a_reader_and_their_spread_is_told(train, tmp_path):
    said = train()
    assert said["seeds"] == [4, 5, 6]
    assert [run["seed"] for run in said["runs"]] == [4, 5, 6]
    losses = [run["loss_last"] for run in said["runs"]]
    assert len(set(losses)) == 3
    assert said["mean"]["loss_last"] == pytest.approx(statistics.fmean(losses), abs=1e-4)
    assert said["sd"]["loss_last"] == pytest.approx(statistics.stdev(losses), abs=1e-4)
    assert seed_folders(tmp_path / "out") == [tmp_path / "out" / f"seed-{n}" for n in (4, 5, 6)]


def test_finished_seeds_are_kept_and_further_ones_added(train, tmp_path):
    before = train(seeds=2)
    stamp = (tmp_path / "out" / "seed-4" / "model.safetensors").stat().st_mtime_ns
    after = train(seeds=3)
    assert after["runs"][:2] == before["runs"]
    assert (tmp_path / "out" / "seed-4" / "model.safetensors").stat().st_mtime_ns == stamp
    with pytest.raises(UserError, match=r"seed-4: a finished reader of other settings"):
        train(max_steps=3)


def test_a_training_that_stopped_between_seeds_goes_on(tmp_path, tiny):
    made = []

    def stop(seed, folder):
        made.append(seed)
        if seed == 1:
            folder.mkdir(parents=True)
            (folder / STATE_FILE).write_bytes(b"")
            raise KeyboardInterrupt
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text("{}")
        (folder / STATE_FILE).unlink(missing_ok=True)
        (folder / "robust.json").write_text(json.dumps({"training": {"seed": seed, "asked": {}}}))
        return {"seed": seed, "asked": {}}

    with pytest.raises(KeyboardInterrupt):
        train_seeds(stop, lambda seed: {}, tmp_path / "o", [0, 1, 2])
    assert not (tmp_path / "o" / SEEDS_FILE).exists()
    with pytest.raises(UserError, match="not all trained; run the same robust finetune again"):
        seed_folders(tmp_path / "o")

    def go_on(seed, folder):
        return stop(seed, folder) if seed != 1 else stop(2, folder) | {"seed": 1}

    result = train_seeds(go_on, lambda seed: {}, tmp_path / "o", [0, 1, 2])
    assert made == [0, 1, 2, 2]
    assert [run["seed"] for run in result["runs"]] == [0, 1, 2]


def test_seeds_are_not_trained_into_a_folder_of_something_else(tmp_path):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "thesis.tex").write_text("...")
    with pytest.raises(UserError, match=r"holds 'thesis\.tex', no seeds"):
        train_seeds(lambda seed, folder: {}, lambda seed: {}, tmp_path / "o", [0, 1])


def test_a_reader_s_own_folder_is_no_folder_of_seeds(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert seed_folders(tmp_path) is None
    assert seed_folders(tmp_path / "nothing") is None


def test_seeds_are_found_by_path_and_by_the_name_they_have_at_home(tmp_path, own_home):
    for folder in (tmp_path / "here", own_home / "models" / "there"):
        (folder / "seed-7").mkdir(parents=True)
        (folder / "seed-7" / "config.json").write_text("{}")
        (folder / SEEDS_FILE).write_text('{"seeds": [7]}')
    assert find_seed_folders(str(tmp_path / "here")) == [tmp_path / "here" / "seed-7"]
    assert find_seed_folders("there") == [own_home / "models" / "there" / "seed-7"]
    assert find_seed_folders("nowhere") is None


def test_seeds_of_other_questions_under_the_same_name_are_not_mixed(train, tmp_path, tiny):
    train(seeds=2)
    write_squad(tmp_path / "train.json", tiny.tiny_questions()[:-1])
    with pytest.raises(UserError, match=r"seed-4: a finished reader of other settings or data"):
        train(seeds=3)


def test_an_encoder_s_folder_counts_by_its_files(tmp_path):
    from robust.reader.finetune import FinetuneSettings
    from robust.reader.training import FinetuneRequest, asked

    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"one")
    request = FinetuneRequest(encoder=str(tmp_path))
    before = asked(request, FinetuneSettings(lr=1e-4), [])
    assert asked(request, FinetuneSettings(lr=1e-4), []) == before
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert asked(request, FinetuneSettings(lr=1e-4), []) != before


def test_a_seed_without_our_settings_and_a_list_without_seeds_are_one_line(tmp_path):
    seed = tmp_path / "o" / "seed-0"
    seed.mkdir(parents=True)
    (seed / "config.json").write_text("{}")
    with pytest.raises(UserError, match=r"seed-0: a reader without robust\.json"):
        train_seeds(lambda seed, folder: {}, lambda seed: {}, tmp_path / "o", [0, 1])
    (tmp_path / "o" / SEEDS_FILE).write_text('{"seeds": []}')
    with pytest.raises(UserError, match="names no seed"):
        seed_folders(tmp_path / "o")


def test_what_a_killed_write_left_does_not_stop_the_next_run(tmp_path):
    from robust.reader.seeds import check_seeds_out
    from robust.reader.training import check_out

    (tmp_path / "o").mkdir()
    (tmp_path / "o" / ".seeds.json.12.tmp").write_text("")
    check_seeds_out(tmp_path / "o")
    check_out(tmp_path / "o")
    (tmp_path / "o" / "notes.txt").write_text("")
    with pytest.raises(UserError, match="holds no interrupted run"):
        check_out(tmp_path / "o")
