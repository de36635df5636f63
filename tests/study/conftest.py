"""What the tests of a study share."""

from tests.cli.conftest import command

__all__ = ["command"]
