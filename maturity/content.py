"""Reading of content files: strict YAML in, JSON-safe values out, and one way to complain.

Questionnaire and scoring content is written by people. Whatever is wrong with it is told with the file, the key
and the mend, all problems at once, so that an author does not meet them one run at a time.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ID_PATTERN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the content: where, what, and how to mend it."""

    file: str
    key: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message} Mend: {self.mend}"


class ContentError(Exception):
    """The content cannot be used; `problems` says everything that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


#: libyaml where it is there: an edition of two hundred files loads in a fraction of the time
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Base):  # type: ignore[misc]  # chosen at import
    """YAML without surprises: no floats, no dates, no yes/no booleans, no duplicate keys."""


# Floats and dates stay text, so that 0.1 is exactly one tenth later on and the bundle is plain JSON.
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[-1] in {"int", "null", "merge"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _construct_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in mapping:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def parse_yaml(text: str, file: str) -> Any:
    """Parse one document; a syntax error or a duplicate key is a `ContentError` with its line."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506  # a SafeLoader made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "the document"
        what = getattr(error, "problem", None) or str(error)
        raise ContentError([Problem(file, where, f"not readable as YAML: {what}.", "correct this line.")]) from error


def read_yaml(path: Path, shown_as: str) -> Any:
    """Read a file as strict YAML; a file that cannot be read is a `ContentError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(
            [Problem(shown_as, "-", f"cannot be read: {error}.", "restore it as UTF-8 text.")]
        ) from error
    return parse_yaml(text, shown_as)


@dataclass(slots=True)
class Reader:
    """Takes the keys of one mapping one by one, noting every problem instead of stopping at the first."""

    data: Mapping[str, Any]
    file: str
    key: str
    problems: list[Problem]
    taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, data: Any, file: str, key: str, problems: list[Problem]) -> Reader:
        reader = cls(data if isinstance(data, Mapping) else {}, file, key, problems)
        if not isinstance(data, Mapping):
            reader.refuse("", "must be a mapping of keys to values.", "write it as `key: value` lines.")
        return reader

    def refuse(self, key: str, message: str, mend: str) -> None:
        where = ".".join(part for part in (self.key, key) if part)
        self.problems.append(Problem(self.file, where or "-", message, mend))

    def has(self, key: str) -> bool:
        return key in self.data

    def take(self, key: str, default: Any = None) -> Any:
        self.taken.add(key)
        return self.data.get(key, default)

    def require(self, key: str) -> Any:
        if key not in self.data:
            self.refuse(key, "is missing.", f"add `{key}:`.")
        return self.take(key)

    def string(self, key: str, *, default: str | None = None) -> str:
        value = self.take(key, default) if default is not None else self.require(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            if key in self.data:
                self.refuse(key, "must be text.", "write a non-empty text.")
            return ""
        return value

    def identifier(self, key: str) -> str:
        value = self.string(key)
        if value and not ID_PATTERN.fullmatch(value):
            self.refuse(key, f"{value!r} is not an identifier.", "use lower-case letters, digits and _.")
        return value

    def one_of(self, key: str, allowed: Iterable[str], *, default: str | None = None) -> str:
        allowed = tuple(allowed)
        value = self.string(key, default=default)
        if value and value not in allowed:
            self.refuse(key, f"{value!r} is not known.{nearest(value, allowed)}", f"use one of {', '.join(allowed)}.")
            return default or next(iter(allowed), "")
        return value or default or next(iter(allowed), "")

    def text(self, key: str) -> dict[str, str]:
        """The two-language text under `key` as a plain mapping {zh, en}."""
        return self._text(key, self.require(key) or {})

    def optional_text(self, key: str) -> dict[str, str] | None:
        return self._text(key, self.take(key)) if key in self.data else None

    def _text(self, key: str, value: Any) -> dict[str, str]:
        result = {"zh": "", "en": ""}
        if not isinstance(value, Mapping):
            if key in self.data:
                self.refuse(key, "must hold zh and en.", "write `{zh: ..., en: ...}`.")
            return result
        for language in result:
            text = value.get(language)
            if key in self.data and (not isinstance(text, str) or not text.strip()):
                self.refuse(f"{key}.{language}", "is missing or empty.", "write the text in this language too.")
            result[language] = str(text or "").strip()
        for extra in sorted(set(value) - set(result)):
            self.refuse(f"{key}.{extra}", "is not a language of the product.", "keep zh and en only.")
        return result

    def integer(self, key: str, *, default: int | None = None) -> int:
        value = self.take(key, default) if default is not None else self.require(key)
        if isinstance(value, bool) or not isinstance(value, int):
            if key in self.data:
                self.refuse(key, f"{value!r} is not a whole number.", "write digits only.")
            return default or 0
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            self.refuse(key, f"{value!r} is neither true nor false.", "write true or false.")
            return default
        return value

    def items(self, key: str, *, required: bool = True) -> list[Any]:
        value = self.require(key) if required else self.take(key, [])
        if not isinstance(value, list) or (required and not value):
            if key in self.data:
                self.refuse(key, "must be a list.", "write `- item` lines.")
            return []
        return value

    def mapping(self, key: str, *, required: bool = True) -> Mapping[str, Any]:
        value = self.require(key) if required else self.take(key, {})
        if not isinstance(value, Mapping):
            if key in self.data:
                self.refuse(key, "must be a mapping.", "write `key: value` lines.")
            return {}
        return value

    def finish(self) -> None:
        """Refuse what was not asked for: a misspelt key must not be silently ignored."""
        for key in sorted(set(self.data) - self.taken):
            self.refuse(key, f"is not a known key here.{nearest(key, self.taken)}", "correct or remove it.")


def nearest(word: str, candidates: Iterable[str]) -> str:
    """A hint ' Did you mean …?' when one of the candidates is close to `word`, else nothing."""
    close = closest(word, candidates)
    return f" Did you mean {close!r}?" if close else ""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was probably meant, None when none comes close."""
    close = difflib.get_close_matches(word, list(candidates), n=1)
    return close[0] if close else None
