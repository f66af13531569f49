"""The language of a page: asked for, remembered, else Chinese."""

from __future__ import annotations

from functools import cache

from babel import Locale
from flask import Flask, has_request_context, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user

LOCALES = {"zh_CN": "中文", "en": "English"}
SHORT = {"zh": "zh_CN", "zh_CN": "zh_CN", "en": "en"}


def select_locale() -> str:
    if not has_request_context():
        return "zh_CN"  # a command or a job; what is written to somebody names its language
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    if current_user and current_user.is_authenticated and current_user.locale in LOCALES:
        return str(current_user.locale)
    return "zh_CN"


def babel_locale() -> Locale:
    """The same for Babel, which asks at every request."""
    return _parsed(select_locale())


@cache
def _parsed(name: str) -> Locale:
    """Parsing looks for the language on the disk: once is enough."""
    return Locale.parse(name)


def current_locale() -> str:
    """The page's language as we name it; Babel says zh_Hans_CN, and its catalogue's folder is named so, too."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh_CN"


def configure(app: Flask) -> None:
    @app.before_request
    def _switch() -> ResponseReturnValue | None:
        """`?lang=en` on any page switches the language and returns to the page without the parameter."""
        wanted = SHORT.get(request.args.get("lang", ""))
        if wanted is None or request.method != "GET":
            return None
        session["locale"] = wanted
        rest = "&".join(part for part in request.query_string.decode().split("&") if not part.startswith("lang="))
        path = "/" + request.path.lstrip("/")  # `//host` would lead to another site
        return redirect(f"{path}?{rest}" if rest else path)

    @app.context_processor
    def _locale() -> dict[str, object]:
        return {"locale": current_locale(), "locales": LOCALES, "other_locale": _other(current_locale())}

    @app.template_global()
    def switch_language() -> str:
        """The page that is shown, whole query and all, in the other language."""
        query = request.query_string.decode(errors="replace")
        kept = [part for part in query.split("&") if part and not part.startswith("lang=")]
        return "?" + "&".join([*kept, f"lang={_other(current_locale())}"])


def _other(locale: str) -> str:
    """The short name of the language that the switch offers."""
    return "en" if locale.startswith("zh") else "zh"
