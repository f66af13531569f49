"""People with a password, as in the tests of accounts."""

from tests.functional.accounts.conftest import person

__all__ = ["person"]
