"""On a Ray cluster every piece is done, though nodes die, and mistakes come home as one line."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from robust.attack.registry import control_arms, make
from robust.build import build, shards
from robust.errors import UserError
from robust.scale import on_ray
from robust.scale.installed import differences
from robust.scale.on_ray import connected
from tests.scale.work import Dying, Noting, Refusing
from tests.test_build import bytes_of, many_questions

pytestmark = pytest.mark.slow  # a cluster takes some ten seconds to start

ATTACK = make("qads.v1", least_safety=0.0)


class Stopped(Exception):
    """What a test stops a build with."""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("local") / "set"
    build(many_questions(8), ATTACK, out, controls=control_arms(ATTACK), workers=1)
    return out


def test_a_lost_nodes_pieces_are_done_again(cluster: SimpleNamespace, tmp_path: Path) -> None:
    doomed = cluster.add()
    found: dict[int, int] = {}
    torn: set[str] = set()  # pieces that the node had begun
    with connected(cluster.address) as machines:
        work = Noting(tmp_path, stuck_on=doomed.node_id)
        for number, square in machines.run(work, range(40)):
            found[number] = square
            if not torn and (torn := {file.name[:3] for file in tmp_path.glob(f"*-{doomed.node_id}-*")}):
                cluster.kill(doomed)
    assert torn
    assert found == {number: number * number for number in range(40)}
    ended = [file.name for file in tmp_path.glob("*.ended")]
    assert not any(doomed.node_id in name for name in ended)
    assert {name[:3] for name in ended} == {f"{number:03}" for number in range(40)}  # the torn ones, too


def test_pieces_come_back_in_their_order_where_that_is_asked(
    cluster: SimpleNamespace, tmp_path: Path
) -> None:
    taken: list[int] = []

    def pieces():
        for number in range(40):
            taken.append(number)
            yield number

    with connected(cluster.address) as machines:
        results = machines.run(Noting(tmp_path), pieces(), in_order=True)
        first = next(results)
        assert len(taken) < 20  # they are not all in memory
        assert [first, *results] == [(number, number * number) for number in range(40)]


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


def test_a_second_build_makes_only_the_shards_that_are_missing(
    cluster: SimpleNamespace, local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD", 20)
    how = {"controls": control_arms(ATTACK)}

    def stop(done: int, total: int) -> None:
        if done >= 100:
            raise Stopped

    seen: list[int] = []
    with connected(cluster.address) as machines:
        with pytest.raises(Stopped):
            build(many_questions(8), ATTACK, tmp_path / "set", machines=machines, progress=stop, **how)  # type: ignore[arg-type]
        build(
            many_questions(8),
            ATTACK,
            tmp_path / "set",
            machines=machines,
            progress=lambda done, total: seen.append(done),
            **how,  # type: ignore[arg-type]
        )
    assert seen == list(range(100, 481, 20))
    assert bytes_of(tmp_path / "set") == bytes_of(local)


def test_a_mistake_found_there_is_told_in_one_line_here(cluster: SimpleNamespace) -> None:
    with (
        connected(cluster.address) as machines,
        pytest.raises(UserError, match=r"^data.json: question 2 is wrong; correct it$"),
    ):
        list(machines.run(Refusing(), range(4)))


def test_a_piece_that_kills_every_worker_is_given_up(
    cluster: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_ray, "_AGAIN", 1)
    with (
        connected(cluster.address) as machines,
        pytest.raises(UserError, match=r"lost 2 times on the Ray cluster .*the same command continues"),
    ):
        list(machines.run(Dying(), range(1)))


def test_a_node_with_other_code_is_refused(cluster: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "installed", lambda: {"robust": "f" * 64, "torch": "2.0"})
    with (
        connected(cluster.address) as machines,
        pytest.raises(UserError, match=r"node .*: has other files of robust .* ffffffff\); torch .*here 2.0"),
    ):
        list(machines.run(Refusing(), range(1)))


def test_where_nothing_answers_that_is_told_and_ray_does_not_try_for_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pytest.importorskip("ray"), "init", lambda **_: pytest.fail("Ray was asked"))
    with (
        pytest.raises(UserError, match=r"--address 127.0.0.1:9: no Ray cluster answers .*ray start --head"),
        connected("127.0.0.1:9"),
    ):
        pass


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"pip install -c constraints.txt '\.\[ray\]'"), connected():
        pass


@pytest.mark.parametrize("address", ["ray://head:10001", "head", ":6379", "head:port"])
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(UserError, match="expected HOST:PORT"), connected(address):
        pass


def test_what_differs_between_machines_is_named() -> None:
    here = {"python": "3.11", "robust": "a" * 64, "torch": "2.13.0"}
    assert differences(here, dict(here)) == ""
    assert differences(here, here | {"torch": "2.11.0"}) == "torch 2.11.0, here 2.13.0"
    assert differences(here, {"python": "3.11", "robust": "a" * 64}) == "torch none, here 2.13.0"
