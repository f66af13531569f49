"""How gunicorn serves the site: loaded once, then forked."""

from __future__ import annotations

import gc

workers = 2
timeout = 60
preload_app = True
loglevel = "warning"
control_socket_disable = True  # it would lie in the home folder, one for all sites of the account


def when_ready(_server: object) -> None:
    """What is loaded stays out of garbage collection: the workers share its memory, and end at once when told to."""
    gc.collect()
    gc.freeze()
