"""What the process does from which workers are forked, by being imported there: it opens every table once.

Loading the words takes more than a second and 200 MB. Workers that are forked afterwards have them at once,
and share the memory. Import this nowhere else: it also leaves Ctrl-C to the parent for good.
"""

from __future__ import annotations

import contextlib
import gc
import signal

from robust.attack.registry import make
from robust.squad.records import Question

signal.signal(signal.SIGINT, signal.SIG_IGN)
# A question of our own with a word to replace: rewriting it opens what rewriting any question needs.
_CONTEXT = (
    "The old harbour of Wexley was built in 1720. A doctor purchased the buildings for their huge doors."
)
_QUESTION = "Why did a rich physician quickly purchase the old buildings?"
gc.disable()
# Whatever is wrong, a worker will meet it too, and can say so.
with contextlib.suppress(Exception):
    make("qads.v1").variants(Question("-", _QUESTION, _CONTEXT, (), "", False, "", ""), 0)
gc.enable()
# What is here stays: a worker's collector need not look at it, and so never copies its pages.
gc.freeze()
