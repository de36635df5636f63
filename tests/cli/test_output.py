"""What commands show while they work, where nobody watches a bar."""

from io import StringIO

import pytest
from rich.console import Console

from robust import pace
from robust.cli import output


@pytest.mark.parametrize(("terminal", "lines"), [(False, ["read ... 1,200 of 9,000"]), (True, [])])
def test_off_screen_a_line_a_minute_says_how_far_work_is(monkeypatch, terminal, lines):
    times = iter([0.0, 1.0, 59.9, 60.0, 60.0, 70.0, 119.9, 500.0])  # of the start, and one more after a line
    written = StringIO()
    monkeypatch.setattr(pace, "monotonic", lambda: next(times))
    monkeypatch.setattr(output, "console", Console(file=written, force_terminal=terminal, width=80))
    with output.counting_bar("read") as count:
        for done in (10, 20, 1200, 1300, 1400, 9000):
            count(done, 9000)
    found = [line for line in written.getvalue().splitlines() if " of " in line]
    assert found == lines
