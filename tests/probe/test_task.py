"""Task files: the shipped ones are fair, and a mistake in one is told with its line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.probe.task import find_task, read_task, shipped_tasks

GOOD = """\
patterns = ["{text} It was [MASK]."]
verbaliser = { yes = ["good", "great"], no = ["bad"] }
items = [
    { label = "yes", text = "We laughed." },
    { label = "no", text = "We cried." },
]
"""


def read(folder: Path, text: str):
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return read_task(folder / "mine.toml")


def test_a_task_is_read_as_it_is_written(tmp_path: Path) -> None:
    task = read(tmp_path, GOOD)
    assert (task.name, task.labels, task.chance, task.majority) == ("mine", ("yes", "no"), 0.5, 0.5)
    assert task.verbaliser == {"yes": ("good", "great"), "no": ("bad",)}
    assert [(item.label, item.slots["text"]) for item in task.items] == [
        ("yes", "We laughed."),
        ("no", "We cried."),
    ]
    assert find_task(str(tmp_path / "mine.toml")) == task


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[MASK].", "fine.", r"pattern 1 has 0 \[MASK\], expected one: '{text} It was fine.'"),
        ("[MASK].", "[MASK] [MASK].", r"pattern 1 has 2 \[MASK\]"),
        ("{text} It", "It", "pattern 1 has no slot"),
        ("{text} It", "{text It", "pattern 1 has no slot"),
        ("was [MASK]", "was {} [MASK]", "pattern 1 has a brace outside a slot"),
        ("was [MASK]", "was un[MASK]", r"pattern 1 has a letter or slot right beside \[MASK\]"),
        ('["{text} It was [MASK]."]', '"{text} [MASK]"', "patterns is '{text} .*', expected a list"),
        ('["{text} It was [MASK]."]', '["{text} [MASK]", "{text} [MASK]"]', "pattern 2 is there twice"),
        ("patterns =", "pattern =", "unknown key 'pattern', expected about, patterns"),
        ("verbaliser =", "about =", "no verbaliser, expected at least one"),
        (', no = ["bad"]', "", "expected two labels or more"),
        ('["bad"]', '"bad"', "verbaliser.no is 'bad', expected a list of words"),
        ('["bad"]', '["very bad"]', "verbaliser.no has 'very bad', expected one word"),
        ('["bad"]', '["great"]', "verbaliser.no has 'great', which yes has too"),
        ('"no", text', '"nay", text', "line 5: item 2 has the label 'nay', expected one of yes, no"),
        ('"no", text', '["no"], text', r"line 5: item 2 has the label \['no'\], expected one of yes, no"),
        (', text = "We cried."', "", "line 5: item 2 has the slots none, the patterns use text"),
        (
            'text = "We cried."',
            'txt = "We cried."',
            "line 5: item 2 has the slots txt, the patterns use text",
        ),
        ('"We cried."', "3", "line 5: item 2: text is 3, expected a text"),
        ('"We cried."', '" "', "line 5: item 2: text is ' ', expected a text"),
        ("We cried", "We laughed", "line 5: item 2 repeats item 1"),
        ('label = "no"', 'label = "yes"', "no item has the label 'no'"),
        ("items = [", "items = ", r"not TOML \(.*line 3"),
    ],
)
def test_a_mistake_is_told_with_file_and_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(UserError, match=told) as refused:
        read(tmp_path, GOOD.replace(old, new))
    assert str(refused.value).startswith(str(tmp_path / "mine.toml"))
    assert "\n" not in str(refused.value)


def test_the_line_is_told_for_items_with_headings_too(tmp_path: Path) -> None:
    text = GOOD.partition("items")[0] + '[[items]]\nlabel = "yes"\ntext = "a"\n[[items]]\nlabel = "maybe"\n'
    with pytest.raises(UserError, match="line 6: item 2 has the label 'maybe'"):
        read(tmp_path, text)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'about = "caf\xe9"')
    with pytest.raises(UserError, match="not UTF-8"):
        read_task(tmp_path / "latin.toml")
    with pytest.raises(UserError, match="cannot be read"):
        read_task(tmp_path / "nowhere.toml")


def test_an_unknown_task_names_the_nearest() -> None:
    with pytest.raises(UserError, match="--task topics: no such task or file; the shipped ones: topic"):
        find_task("topics")


def test_more_than_sixty_items_are_shipped_over_three_tasks_or_more() -> None:
    tasks = [find_task(name) for name in shipped_tasks()]
    assert len(tasks) >= 3
    assert sum(len(task.items) for task in tasks) >= 60


@pytest.mark.parametrize("name", shipped_tasks())
def test_a_shipped_task_is_balanced_and_gives_no_word_away(name: str) -> None:
    task = find_task(name)
    assert len(set(Counter(item.label for item in task.items).values())) == 1
    assert task.majority == task.chance
    assert len(task.patterns) >= 2
    words = {word for words in task.verbaliser.values() for word in words}
    assert len({len(words) for words in task.verbaliser.values()}) == 1
    for item in task.items:
        assert not words & set(re.findall(r"\w+", " ".join(item.slots.values()).lower())), item
    assert not words & set(re.findall(r"\w+", " ".join(task.patterns).lower()))
