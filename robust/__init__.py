"""How far does a reading-comprehension model fall when the question is asked in other words?

What a user of the library needs stands here under one name, and is loaded when it is first asked for:
``import robust`` itself loads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robust.attack.registry import make as make_attack
    from robust.build.run import build as build_set
    from robust.errors import UserError
    from robust.evaluation.compare import compare
    from robust.evaluation.own import evaluate
    from robust.evaluation.sets import open_set
    from robust.reader.decode import Prediction
    from robust.reader.own.callable import from_callable
    from robust.reader.own.endpoint import from_endpoint
    from robust.reader.own.huggingface import from_huggingface
    from robust.reader.own.protocol import Reader
    from robust.report.html.page import make_report
    from robust.runs import read_run
    from robust.squad.records import Answer, Question

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Prediction",
    "Question",
    "Reader",
    "UserError",
    "__version__",
    "build_set",
    "compare",
    "evaluate",
    "from_callable",
    "from_endpoint",
    "from_huggingface",
    "make_attack",
    "make_report",
    "open_set",
    "read_run",
]

# name -> the module that defines it, and what it is called there
_PUBLIC = {
    "Answer": ("robust.squad.records", "Answer"),
    "Prediction": ("robust.reader.decode", "Prediction"),
    "Question": ("robust.squad.records", "Question"),
    "Reader": ("robust.reader.own.protocol", "Reader"),
    "UserError": ("robust.errors", "UserError"),
    "build_set": ("robust.build.run", "build"),  # robust.build is the package
    "compare": ("robust.evaluation.compare", "compare"),
    "evaluate": ("robust.evaluation.own", "evaluate"),
    "from_callable": ("robust.reader.own.callable", "from_callable"),
    "from_endpoint": ("robust.reader.own.endpoint", "from_endpoint"),
    "from_huggingface": ("robust.reader.own.huggingface", "from_huggingface"),
    "make_attack": ("robust.attack.registry", "make"),
    "make_report": ("robust.report.html.page", "make_report"),
    "open_set": ("robust.evaluation.sets", "open_set"),
    "read_run": ("robust.runs", "read_run"),
}

# A type checker takes the imports above: with a ``__getattr__`` in sight, any misspelt name would pass.
if not TYPE_CHECKING:

    def __getattr__(name):
        """Return a public name, loading the module that defines it (PEP 562)."""
        from importlib import import_module

        if name not in _PUBLIC:
            raise AttributeError(f"module 'robust' has no attribute {name!r}; it has {', '.join(_PUBLIC)}")
        module, own = _PUBLIC[name]
        found = getattr(import_module(module), own)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """Return what there is, loaded or not."""
    return sorted(__all__)
