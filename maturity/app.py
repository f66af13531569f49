"""The application factory: a table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maturity.clock import Clock, SystemClock
from maturity.web import commands, compression, filters, handlers, headers, locale, logs, navigation, registry
from maturity.web.access import deny_undeclared
from maturity.web.site import Site

if TYPE_CHECKING:
    from config import Config


def create_app(config: Config, clock: Clock | None = None) -> Site:
    """Build the site for one configuration; `clock` is replaced in tests."""
    app = Site("maturity", template_folder="../templates", static_folder="../static")
    app.config.from_object(config)
    app.config.from_mapping(registry.SETTINGS)
    app.extensions["clock"] = clock or SystemClock()
    logs.configure(app)
    registry.bind_extensions(app)
    registry.register_blueprints(app)
    registry.limit_rates(app)
    locale.configure(app)
    filters.configure(app)
    navigation.configure(app)
    headers.configure(app)
    compression.configure(app)
    handlers.configure(app)
    commands.configure(app)
    deny_undeclared(app)
    return app
