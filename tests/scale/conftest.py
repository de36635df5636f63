"""A Ray cluster of several nodes on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

# the smallest object store that Ray takes
_STORE = 80 * 2**20


@pytest.fixture(scope="session")
def cluster() -> Iterator[SimpleNamespace]:
    """Yield a cluster: its address, ``add`` for another node, ``kill`` for one; a head without processors."""
    pytest.importorskip("ray", reason="needs Ray: pip install -c constraints.txt '.[ray]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
        patch.setenv("RAY_memory_monitor_refresh_ms", "0")  # it kills workers where others take the memory
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "object_store_memory": _STORE, "include_dashboard": False}
        made = Cluster(initialize_head=True, head_node_args=head)

        def add() -> object:
            return made.add_node(num_cpus=1, object_store_memory=_STORE)

        def kill(node: object) -> None:
            made.remove_node(node, allow_graceful=False)

        add()
        add()
        yield SimpleNamespace(address=made.address, add=add, kill=kill)
        made.shutdown()
