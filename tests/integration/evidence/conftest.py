"""The same people and files as in the functional tests, several of them at once."""

from tests.functional.evidence.conftest import (  # noqa: F401  # fixtures
    _empty_vault,
    cabinet,
    draft,
    owner,
    stored,
    tenant,
    vault,
    worker,
)
