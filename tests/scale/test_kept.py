"""What was made is taken from disk the next time, and only where all it depends on is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from robust.scale.kept import in_pieces, results
from robust.scale.machines import Here


@dataclass(frozen=True)
class Doubling:
    """Doubles numbers, notes which, and fails at one."""

    gpus: int = 0
    fails_at: int = -1
    seen: list[int] = field(default_factory=list)

    def open(self) -> Callable[[int], int]:
        def double(piece: int) -> int:
            if piece == self.fails_at:
                raise RuntimeError
            self.seen.append(piece)
            return 2 * piece

        return double


def ask(work: Doubling, folder: Path | None, key: str = "doubled/1") -> list[int]:
    return results(Here(), work, range(5), key=key, name=lambda piece: piece, folder=folder)


def test_a_second_run_does_only_what_is_missing(tmp_path: Path) -> None:
    broken, whole = Doubling(fails_at=3), Doubling()
    with pytest.raises(RuntimeError):
        ask(broken, tmp_path)
    assert ask(whole, tmp_path) == [0, 2, 4, 6, 8]
    assert (broken.seen, whole.seen) == ([0, 1, 2], [3, 4])


def test_a_file_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    ask(Doubling(), tmp_path)
    for file in tmp_path.iterdir():
        file.write_text("")
    again = Doubling()
    assert ask(again, tmp_path) == [0, 2, 4, 6, 8]
    assert again.seen == [0, 1, 2, 3, 4]


def test_results_of_other_settings_are_not_taken(tmp_path: Path) -> None:
    ask(Doubling(), tmp_path)
    again = Doubling()
    ask(again, tmp_path, key="doubled/2")
    assert again.seen == [0, 1, 2, 3, 4]


def test_without_a_folder_nothing_is_kept() -> None:
    again = Doubling()
    assert ask(again, None) == ask(again, None) == [0, 2, 4, 6, 8]
    assert len(again.seen) == 10


def test_pieces_hold_everything_once() -> None:
    assert in_pieces("abcdefg", 3) == ["abc", "def", "g"]
    assert in_pieces("", 3) == []
