"""TextAttack itself, imported without the downloads that it would try; one line where it is not there.

Every module of this room takes it from here. At its first import TextAttack fetches six NLTK corpora and says
so on stdout, and some of its transformations fetch again whenever they are made. Nothing is fetched here:
what a recipe lacks is named instead (`robust.textattack.recipes`).
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from robust.errors import UserError, extra

INSTALL = f"{extra('textattack', 'constraints-textattack.txt')}; it needs transformers 4"


@contextmanager
def no_downloads() -> Iterator[None]:
    """Let NLTK fetch nothing, and say nothing of it, in the meantime."""
    import nltk

    fetch = nltk.download
    nltk.download = lambda *args, **kwargs: False
    try:
        yield
    finally:
        nltk.download = fetch


def nltk_has(resource: str) -> bool:
    """Return whether NLTK finds a resource, packed or not: ``corpora/stopwords``."""
    import nltk

    for name in (resource, f"{resource}.zip"):
        try:
            nltk.data.find(name)
        except (LookupError, OSError):
            continue
        return True
    return False


def _load() -> Any:
    """Return the module; raises UserError where it, or what its import needs, is missing."""
    if importlib.util.find_spec("textattack") is None:
        raise UserError(f"textattack: not installed; {INSTALL}")
    if not nltk_has("corpora/stopwords"):
        raise UserError(
            "textattack: its import needs NLTK's stop words, and there are none here; "
            "python -m nltk.downloader stopwords wordnet, or point NLTK_DATA to them"
        )
    disabled = logging.root.manager.disable
    logging.disable(max(disabled, logging.INFO))  # it announces what it would download
    try:
        with no_downloads():
            module = importlib.import_module("textattack")
            module.shared.utils.logger.setLevel(logging.WARNING)  # it tells of every goal that it accepts
            logging.getLogger("jieba").setLevel(logging.WARNING)  # loads a dictionary for each Chinese letter
            # its first import marks its downloads as done, which they are not
            marker = Path(module.shared.utils.path_in_cache("post_install_check_3"))
            if marker.is_file() and not nltk_has("taggers/averaged_perceptron_tagger"):
                marker.unlink()
    except ModuleNotFoundError as error:
        raise UserError(f"textattack: needs {error.name}, which is not installed; {INSTALL}") from error
    finally:
        logging.disable(disabled)
    return module


textattack: Any = _load()
