"""Data set x attack -> robustness set on disk: sharded, resumable, the same bytes for the same settings."""

from __future__ import annotations

from robust.build.folder import RobustnessSet, is_set, read_edits, read_set
from robust.build.run import Built, Source, build
from robust.build.sample import stratified_sample
from robust.build.shards import prepare_workers

__all__ = [
    "Built",
    "RobustnessSet",
    "Source",
    "build",
    "is_set",
    "prepare_workers",
    "read_edits",
    "read_set",
    "stratified_sample",
]
