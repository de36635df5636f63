"""On a Ray cluster every result has the bytes of the local one, even where a node dies under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from robust.attack.registry import control_arms, make
from robust.build import build, shards
from robust.errors import UserError
from robust.scale.on_ray import connected
from tests.test_build import bytes_of, many_questions

pytestmark = pytest.mark.slow

ATTACK = make("qads.v1", least_safety=0.0)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("local") / "set"
    build(many_questions(8), ATTACK, out, controls=control_arms(ATTACK), workers=1)
    return out


def test_a_set_built_there_has_the_bytes_of_one_built_here_though_a_node_dies(
    cluster: SimpleNamespace, local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD", 20)
    doomed = cluster.add()
    seen: list[int] = []

    def kill_after_the_second(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == 3:
            cluster.kill(doomed)

    with connected(cluster.address) as machines:
        built = build(
            many_questions(8),
            ATTACK,
            tmp_path / "set",
            controls=control_arms(ATTACK),
            machines=machines,
            progress=kill_after_the_second,
        )
    assert len(seen) == 25  # 480 questions, 20 a shard, and the beginning
    assert bytes_of(built.out) == bytes_of(local)
