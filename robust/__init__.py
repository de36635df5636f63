"""How far does a reading-comprehension model fall when the question is asked in other words?

What a user of the library needs stands here under one name, and is loaded when it is first asked for:
``import robust`` itself loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robust.errors import UserError as UserError
    from robust.evaluation.own import evaluate as evaluate
    from robust.reader.decode import Prediction as Prediction
    from robust.reader.own.callable import from_callable as from_callable
    from robust.reader.own.endpoint import from_endpoint as from_endpoint
    from robust.reader.own.huggingface import from_huggingface as from_huggingface
    from robust.reader.own.protocol import Reader as Reader
    from robust.runs import read_run as read_run
    from robust.squad.records import Answer as Answer
    from robust.squad.records import Question as Question

__version__ = "0.1.0"

# name -> the module that defines it
_PUBLIC = {
    "Answer": "robust.squad.records",
    "Prediction": "robust.reader.decode",
    "Question": "robust.squad.records",
    "Reader": "robust.reader.own.protocol",
    "UserError": "robust.errors",
    "evaluate": "robust.evaluation.own",
    "from_callable": "robust.reader.own.callable",
    "from_endpoint": "robust.reader.own.endpoint",
    "from_huggingface": "robust.reader.own.huggingface",
    "read_run": "robust.runs",
}


def __getattr__(name: str) -> Any:
    """Return a public name, loading the module that defines it (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'robust' has no attribute {name!r}; it has {', '.join(_PUBLIC)}")
    found = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return what there is, loaded or not."""
    return sorted({*globals(), *_PUBLIC})
