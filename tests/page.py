"""A fetched page, checked: one h1, a title that begins with it, unique ids, labelled fields, nothing inline."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
UNLABELLED = {"hidden", "submit", "button"}


class Page(HTMLParser):
    """Parses the page and collects what is wrong with it; a page with faults fails at once."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.html = html
        self.path = path
        self.title = ""
        self.h1: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.assets: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.text = " ".join("".join(self.words).split())
        self.check()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "h1":
            self.h1.append("")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "label" and given.get("for"):
            self.labels.add(str(given["for"]))
        if tag in ("input", "select", "textarea") and given.get("type") not in UNLABELLED:
            self.fields.append(given | {"inside": "label" if "label" in self.open else None})
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        self.check_loading(tag, given)

    def check_loading(self, tag: str, given: dict[str, str | None]) -> None:
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"inline style or script on <{tag}>")
        source = given.get("src") or (given.get("href") if tag == "link" else None)
        if source:
            self.assets.append(source)
        if source and "//" in source:
            self.faults.append(f"loads {source} from another host")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "title" in self.open:
            self.title += data
        if "h1" in self.open:
            self.h1[-1] += data
        if not {"script", "style", "title"} & set(self.open):
            self.words.append(data)

    def check(self) -> None:
        if self.html.lstrip().startswith("<section"):
            return  # a fragment
        if len(self.h1) != 1:
            self.faults.append(f"{len(self.h1)} h1 headings")
        twice = {name for name in self.ids if self.ids.count(name) > 1}
        if twice:
            self.faults.append(f"ids used twice: {sorted(twice)}")
        for field in self.fields:
            named = field.get("aria-label") or field.get("aria-labelledby")
            if not (named or field["inside"] or field.get("id") in self.labels):
                self.faults.append(f"no label for {field.get('name')}")
        assert not self.faults, f"{self.path}: {self.faults}"
