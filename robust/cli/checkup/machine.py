"""The machine: Python and its packages, the GPU, folders that can be written, the network."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from robust.cli.checkup import DISTRIBUTION, Finding, reinstall

# room for the predictions and runs of a few readers
_ROOM = 2 * 1024**3
_TORCH_SECONDS = 180  # from a cold disk, on a busy machine, it takes a minute
# what is asked of torch; printed as JSON by a process of its own, because a broken driver may end it
_ASK_TORCH = """
import json, torch
cuda = torch.cuda.is_available()
names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if cuda else []
print(json.dumps({"names": names, "threads": torch.get_num_threads(), "built": torch.version.cuda}))
"""


def check_python() -> Iterator[Finding]:
    """Look at Python, at the packages we need with their versions, and at our own installed files."""
    from packaging.requirements import Requirement

    version = f"{'.'.join(map(str, sys.version_info[:3]))}, {sys.executable}"
    good = sys.version_info >= (3, 11)
    yield Finding(
        "python", "python", "ok" if good else "broken", version, "use Python 3.11 or newer", essential=True
    )
    yield from _own_files()
    for text in _requirements():
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        fix = f"pip install '{wanted.name}{wanted.specifier}'"
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            detail = f"not installed, needs {wanted.specifier}"
            yield Finding("python", wanted.name, "missing", detail, fix, essential=True)
            continue
        fits = wanted.specifier.contains(found, prereleases=True)
        detail = found if fits else f"{found}, needs {wanted.specifier}"
        yield Finding("python", wanted.name, "ok" if fits else "broken", detail, fix, essential=True)


def check_torch() -> Callable[[], Iterator[Finding]]:
    """Start torch in a process of its own; what is returned waits for its answer and tells of the GPU."""
    asked = subprocess.Popen(
        [sys.executable, "-c", _ASK_TORCH], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )

    def answer() -> Iterator[Finding]:
        try:
            said, complaint = asked.communicate(timeout=_TORCH_SECONDS)
        except subprocess.TimeoutExpired:
            asked.kill()
            said, complaint = "", f"no answer in {_TORCH_SECONDS} seconds"
        fix = "pip install --force-reinstall torch"
        if asked.returncode != 0:
            reason = (complaint.strip().splitlines() or [f"ended with code {asked.returncode}"])[-1]
            yield Finding("torch", "torch", "broken", f"cannot be imported: {reason}", fix, essential=True)
            return
        about: dict[str, Any] = json.loads(said.splitlines()[-1])
        if about["names"]:
            yield Finding("torch", "GPU", "ok", ", ".join(about["names"]))
            return
        detail = f"none that torch can use; {about['threads']} CPU threads (all works, training is slow)"
        fix = ""
        if shutil.which("nvidia-smi") is not None:
            fix = (
                "update the NVIDIA driver until nvidia-smi shows the GPU"
                if about["built"]
                else "install a CUDA build of torch: https://pytorch.org/get-started/locally"
            )
        yield Finding("torch", "GPU", "missing", detail, fix)

    return answer


def check_folders() -> Iterator[Finding]:
    """Look whether our home and the temporary folder can be written, and how much room there is."""
    from robust.home import robust_home

    home = robust_home()
    standing = next(p for p in (home, *home.absolute().parents) if p.exists())
    free = shutil.disk_usage(standing).free
    detail = f"{home}, {free / 1024**3:.1f} GB free"
    elsewhere = f"export ROBUST_HOME={shlex.quote(f'{tempfile.gettempdir()}/robust')}"
    if not (standing.is_dir() and os.access(standing, os.W_OK | os.X_OK)):
        found = Finding(
            "folders", "ROBUST_HOME", "broken", f"{home}: cannot be written", elsewhere, essential=True
        )
    elif free < _ROOM:
        detail += f", {_ROOM // 1024**3} GB wanted"
        found = Finding("folders", "ROBUST_HOME", "broken", detail, "free space on that disk")
    else:
        found = Finding("folders", "ROBUST_HOME", "ok", detail)
    yield found


def check_network() -> Iterator[Finding]:
    """Try, three seconds each, the places that data sets and models come from."""
    from concurrent.futures import ThreadPoolExecutor

    from robust.squad import catalogue

    addresses = {s.address.split("/")[2] for e in catalogue.entries() for s in e.splits if s.address}
    hosts = sorted(addresses | {os.environ.get("HF_ENDPOINT", "https://huggingface.co").split("/")[2]})
    with ThreadPoolExecutor(len(hosts)) as pool:
        for host, trouble in zip(hosts, pool.map(_trouble, hosts), strict=True):
            detail = trouble or "answers"
            fix = "work offline: name data and models by their paths (docs/troubleshooting.md)"
            yield Finding("network", host, "missing" if trouble else "ok", detail, fix)


def _requirements() -> list[str]:
    try:
        return metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []


def _own_files() -> Iterator[Finding]:
    """Compare our installed files with the list that pip keeps of them; a checkout has no such list."""

    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        where = Path(__file__).parents[2]
        yield Finding(
            "python", DISTRIBUTION, "missing", f"used from {where}, not installed", f"pip install '{where}'"
        )
        return
    listed = [
        f for f in distribution.files or () if f.hash is not None and f.parts[0] in ("robust", "attacks")
    ]
    for file in listed:
        place = Path(str(file.locate()))
        wanted = file.hash.value if file.hash else ""
        try:
            digest = hashlib.sha256(place.read_bytes()).digest()
        except OSError as error:
            detail = f"{place}: {error.strerror}"
        else:
            if base64.urlsafe_b64encode(digest).decode().rstrip("=") == wanted:
                continue
            detail = f"{place}: is not the file that was installed"
        yield Finding("python", DISTRIBUTION, "broken", detail, reinstall(), essential=True)
        return
    told = f"{distribution.version}, {f'{len(listed)} files as installed' if listed else 'editable'}"
    yield Finding("python", DISTRIBUTION, "ok", told)


def _trouble(host: str) -> str:
    """Return why a host cannot be reached over HTTPS, or an empty string."""
    import http.client
    import urllib.error
    import urllib.request

    try:
        urllib.request.urlopen(urllib.request.Request(f"https://{host}/", method="HEAD"), timeout=3)
    except urllib.error.HTTPError:
        return ""  # it answers, whatever it says
    except (OSError, http.client.HTTPException) as error:
        return f"cannot be reached ({getattr(error, 'reason', None) or error})"
    return ""
