"""Models over HTTP: copied, edited as drafts, put in force for good, versioned, taken out and in as files."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.factories.people import keep, make_user
from tests.factories.regional import document, make_model, make_regulator
from tests.functional.regional.conftest import Sign


class Fields(HTMLParser):
    """What a browser would send of the first form with that id."""

    def __init__(self, html: str, form: str) -> None:
        super().__init__()
        self.form, self.inside, self.select, self.area = form, False, "", ""
        self.found: dict[str, Any] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form
        if not self.inside:
            return
        name = given.get("name") or ""
        if tag == "input" and given.get("type") == "checkbox":
            if "checked" in given:
                self.found.setdefault(name, []).append(given.get("value"))
        elif tag == "input":
            self.found[name] = given.get("value") or ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given:
            self.found[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.area = name
            self.found[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


@pytest.fixture
def draft_id(session: Session, clock: FixedClock, tenant: Any) -> UUID:
    made: UUID = make_model(session, tenant, clock, in_force=False)
    session.commit()
    return made


def fields(editor: Browser, address: str) -> dict[str, Any]:
    return Fields(editor.get(address).html, "model").found


def save(editor: Browser, base: str, draft_id: Any, status: int = 200, **typed: str) -> Any:
    address = f"{base}/{draft_id}/edit"
    return editor.post(address, fields(editor, address) | {k.replace("__", "-"): v for k, v in typed.items()}, status)


def test_the_structure_shows_weights_and_what_is_unverified(editor: Browser, base: str) -> None:
    page = editor.get(next(link for link in editor.get(base).links if "/regional/" in link and "?" not in link))
    told = ("Environment", "weight 0.25", "1/8", "from memory, unverified", "ERP in use", "Less is better", "S10")
    for words in told:
        assert words in page.text


def test_saving_the_editor_untouched_changes_nothing(editor: Browser, base: str, draft_id: UUID) -> None:
    save(editor, base, draft_id)
    assert json.loads(editor.client.get(f"{base}/{draft_id}.json").data) == document()


def test_a_model_of_the_product_survives_copying_and_the_editor(editor: Browser, base: str) -> None:
    built_in = next(link for link in editor.get(base).links if re.fullmatch(r".*/regional/[0-9a-f-]{36}", link))
    original = json.loads(editor.client.get(f"{built_in}.json").data)
    page = editor.post(f"{built_in}/copy", {"title-zh": "省指数", "title-en": "Provincial index"})
    draft = page.path.removesuffix("/edit")
    save(editor, base, draft.rsplit("/", 1)[1])
    copied = json.loads(editor.client.get(f"{draft}.json").data)
    for one in (one for part in original["classes"] for one in part["indicators"]):
        for name in ("cell", "low", "high"):
            one.setdefault(name, "")
    assert copied == original | {"title": {"zh": "省指数", "en": "Provincial index"}}


@pytest.mark.parametrize("title", [{"title-zh": "", "title-en": "x"}, {"title-zh": "x" * 201, "title-en": "y"}])
def test_a_copy_needs_a_title_in_both_languages(
    editor: Browser, base: str, draft_id: UUID, title: dict[str, str]
) -> None:
    page = editor.post(f"{base}/{draft_id}/copy", title, status=422)
    assert "Give the new model a title in both languages" in page.text
    assert title["title-en"] in page.html


WRONG = {
    "title__en": ("", "Enter this text; both languages are needed."),
    "title__zh": ("长" * 201, "Shorten this to at most 200 characters."),
    "scope": ("990000", "Choose the provinces, or one province whose places are compared."),
    "reference": ("440000", "Choose the nation, or the province itself."),
    "base_year": ("20l0", "Enter a year from 1978 to 2100."),
    "base_value": ("-5", "Enter a number above 0, such as 50."),
    "places": ("9", "Enter 0, 1, 2 or 3 decimal places."),
    "missing__order": ("guess", "Choose one of the ways offered, each once."),
    "missing__most": ("25", "Enter a share from 0 to 1, such as 0.25."),
    "classes__0__title__zh": ("", "Enter this text; both languages are needed."),
    "classes__0__weight": ("40", "Enter a weight above 0 and up to 1, such as 0.25 or 1/8."),
    "classes__1__weight": ("0.5", "The weights of the classes come to 0.9. They must come to 1."),
    "classes__0__provenance": ("?", "Choose where this is from"),
    "classes__0__indicators__0__title__en": ("", "Enter this text; both languages are needed."),
    "classes__0__indicators__0__id": ("CNC rate", "“CNC rate” is no id."),
    "classes__0__indicators__1__id": ("a", "The id “a” stands twice."),
    "classes__0__indicators__0__unit": ("u" * 201, "Shorten this to at most 200 characters."),
    "classes__0__indicators__0__weight": ("0.6", "The weights in this class come to 1.1. They must come to 1."),
    "classes__0__indicators__0__source": ("web", "Choose statistics or survey."),
    "classes__0__indicators__0__cell": ("erp", "Write share:, mean: or median:"),
    "classes__0__indicators__0__normalisation": ("root", "Choose how the figure is brought to the scale."),
    "classes__0__indicators__0__direction": ("left", "Choose whether more or less is better."),
    "classes__0__indicators__0__base": ("0", "Enter a base above 0"),
    "classes__0__indicators__0__provenance": ("Z", "Choose where this is from"),
}


#: Where what is wrong is no single field: the weights of all classes, and those within one.
ELSEWHERE = {"classes__1__weight": "classes", "classes__0__indicators__0__weight": "classes-0-indicators"}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(
    editor: Browser, base: str, draft_id: UUID, name: str
) -> None:
    typed, message = WRONG[name]
    page = save(editor, base, draft_id, **{name: typed})
    assert message in page.text
    field = name.replace("__", "-")
    at = ELSEWHERE.get(name, field)
    assert f'href="#{at}"' in page.html
    assert f'id="{at}-error"' in page.html
    assert fields(editor, f"{base}/{draft_id}/edit")[field] == typed[:201]
    refused = editor.post(f"{base}/{draft_id}/in-force", status=422)
    assert message in refused.text


@pytest.mark.parametrize(
    ("low", "high", "message"), [("", "5", "Enter a number for this goalpost."), ("9", "5", "The upper")]
)
def test_goalposts_are_checked(editor: Browser, base: str, draft_id: UUID, low: str, high: str, message: str) -> None:
    one = "classes__0__indicators__0__"
    typed = {f"{one}normalisation": "range", f"{one}low": low, f"{one}high": high}
    assert message in save(editor, base, draft_id, **typed).text


def test_parts_are_added_and_removed(editor: Browser, base: str, draft_id: UUID) -> None:
    def structure() -> list[tuple[str, list[str]]]:
        data = json.loads(editor.client.get(f"{base}/{draft_id}.json").data)
        return [(part["id"], [one["id"] for one in part["indicators"]]) for part in data["classes"]]

    save(editor, base, draft_id, do="add-class")
    save(editor, base, draft_id, do="add-indicator-2")
    assert structure() == [("ground", ["a", "b"]), ("use", ["c"]), ("class_1", ["indicator_1"])]
    save(editor, base, draft_id, do="remove-indicator-0-1")
    save(editor, base, draft_id, do="remove-class-2")
    assert structure() == [("ground", ["a"]), ("use", ["c"])]
    save(editor, base, draft_id, do="equal-0")
    assert "Put in force" in editor.get(f"{base}/{draft_id}").text
    for nonsense in ("remove-class-9", "remove-indicator-0-9", "add-indicator-7", "explode"):
        save(editor, base, draft_id, do=nonsense)
    assert structure() == [("ground", ["a"]), ("use", ["c"])]


def test_a_group_of_one_s_own_is_named_by_names(editor: Browser, base: str, draft_id: UUID) -> None:
    save(editor, base, draft_id, do="add-group")
    typed = {"groups__0__title__zh": "长三角", "groups__0__title__en": "Yangtze delta"}
    page = save(editor, base, draft_id, **typed, groups__0__regions="上海、江苏, 浙江省，安徽 Atlantis")
    assert "“Atlantis” is no region of this model." in page.text
    save(editor, base, draft_id, groups__0__regions="上海、江苏, Zhejiang，340000")
    data = json.loads(editor.client.get(f"{base}/{draft_id}.json").data)
    assert data["groups"][0]["regions"] == ["310000", "320000", "330000", "340000"]


def test_a_model_in_force_never_changes(editor: Browser, base: str, draft_id: UUID) -> None:
    address = f"{base}/{draft_id}"
    typed = fields(editor, f"{address}/edit")
    assert "Version 1 is in force" in editor.post(f"{address}/in-force").text
    before = editor.client.get(f"{address}.json").data
    page = editor.post(f"{address}/edit", typed | {"title-zh": "改"}, status=409)
    assert "A model in force does not change. Begin a new version instead." in page.text
    for action in ("in-force", "remove"):
        editor.post(f"{address}/{action}", status=409)
    assert editor.client.get(f"{address}.json").data == before
    assert editor.get(f"{address}/edit").path == address


def test_what_was_typed_is_saved_before_it_is_put_in_force(editor: Browser, base: str, draft_id: UUID) -> None:
    page = save(editor, base, draft_id, title__zh="写在生效之前", do="in-force")
    assert "Version 1 is in force" in page.text
    assert json.loads(editor.client.get(f"{base}/{draft_id}.json").data)["title"]["zh"] == "写在生效之前"


def test_a_fault_typed_just_before_keeps_it_a_draft_and_is_kept(editor: Browser, base: str, draft_id: UUID) -> None:
    page = save(editor, base, draft_id, title__zh="仍有问题", classes__0__weight="0.9", do="in-force")
    assert "Saved, and not in force yet" in page.text
    assert 'id="error-summary"' in page.html
    found = fields(editor, f"{base}/{draft_id}/edit")  # an editor is there: it is a draft
    assert (found["title-zh"], found["classes-0-weight"]) == ("仍有问题", "0.9")


def test_a_change_is_a_new_version_that_keeps_the_figures(editor: Browser, base: str, model_id: UUID) -> None:
    page = editor.post(f"{base}/{model_id}/version")
    draft = page.path.split("/")[-2]
    assert "There is a draft of the next version already" in editor.post(f"{base}/{model_id}/version", status=409).text
    save(editor, base, draft, classes__0__weight="0.6", classes__1__weight="0.4")
    assert "100.0" in editor.get(f"{base}/{model_id}/result?year=2024").text
    editor.post(f"{base}/{draft}/in-force")
    assert "Replaced" in editor.get(f"{base}/{model_id}").text
    assert "version 2" in editor.get(f"{base}/{draft}/result?year=2024").text


def test_two_editors_do_not_overwrite_each_other(editor: Browser, base: str, draft_id: UUID) -> None:
    address = f"{base}/{draft_id}/edit"
    seen_by_both = fields(editor, address)
    editor.post(address, seen_by_both | {"title-zh": "甲的标题"})
    page = editor.post(address, seen_by_both | {"title-zh": "乙的标题"}, status=409)
    assert "Somebody else saved the draft meanwhile" in page.text
    assert fields(editor, address)["title-zh"] == "甲的标题"


def test_a_draft_can_be_deleted(editor: Browser, base: str, draft_id: UUID) -> None:
    assert "The draft is deleted." in editor.post(f"{base}/{draft_id}/remove").text
    editor.get(f"{base}/{draft_id}", status=404)


def test_a_model_goes_out_and_comes_in_whole(editor: Browser, base: str, draft_id: UUID) -> None:
    exported = editor.client.get(f"{base}/{draft_id}.json").data
    reply = editor.client.post(f"{base}/import", data={"file": (BytesIO(exported), "m.json")}, follow_redirects=True)
    assert "The model is here as a draft." in reply.text
    assert editor.client.get(f"{reply.request.path}.json").data == exported


def test_what_cannot_be_imported_is_told_key_by_key(editor: Browser, base: str) -> None:
    wrong = document(base_year="x")
    wrong["classes"][1]["indicators"][0]["base"] = ""
    del wrong["missing"]
    page = editor.post(f"{base}/import", {"text": json.dumps(wrong)}, status=422)
    assert "missing: The key is missing. Add it." in page.text
    wrong["missing"] = {"order": [], "most": "1"}
    page = editor.post(f"{base}/import", {"text": json.dumps(wrong)}, status=422)
    assert "base_year: Enter a year" in page.text
    assert "classes[1].indicators[0].base: Say what the figure is divided by" in page.text
    assert "base_year" in page.html.split("<textarea")[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Choose a file or paste a model."),
        ("{", "This is no JSON."),
        ("[]", "This is no model of an index."),
        ('{"format": 7}', "The format must be 1."),
        ("[" * 100_000, "This is no JSON."),
        ("\x00\xff", "This is no JSON."),
    ],
)
def test_what_is_no_model_is_refused(editor: Browser, base: str, text: str, message: str) -> None:
    assert message in editor.post(f"{base}/import", {"text": text}, status=422).text


def test_the_operator_publishes_a_model_for_all(
    session: Session, clock: FixedClock, sign: Sign, base: str, editor: Browser
) -> None:
    operator = make_regulator(session, make_user(session), clock, kind="operator")
    named = ({"zh": "国家模型", "en": "National model"}, {"zh": "未发布", "en": "Not published"})
    national, draft = (make_model(session, operator, clock, in_force=False, title=title) for title in named)
    session.commit()
    at = f"/t/{operator.id}/regional"
    staff = sign("owner", at=operator)
    keep(session)
    assert "National model" not in editor.get(base).text
    assert "Version 1 is in force" in staff.post(f"{at}/{national}/in-force").text
    page = editor.get(base)
    assert "National model" in page.text
    assert "Published by the operator for all" in page.text
    assert "Not published" not in page.text
    editor.get(f"{base}/{draft}", status=404)
    assert "Indicator a" in editor.get(f"{base}/{national}").text
    for action in ("version", "remove", "in-force"):
        page = editor.post(f"{base}/{national}/{action}", status=409)
        assert "This model is not your own." in page.text
    editor.post(f"{base}/{national}/values/a?year=2024", {"source": "年鉴", "provenance": "Q", "value-370000": "12"})
    assert "1 / 31" in editor.get(f"{base}/{national}/values?year=2024").text


def test_a_model_of_another_regulator_is_not_there(
    session: Session, clock: FixedClock, base: str, editor: Browser, model_id: UUID
) -> None:
    other = make_regulator(session, make_user(session), clock)
    theirs = make_model(session, other, clock, title={"zh": "别省模型", "en": "Model of another"})
    session.commit()
    assert "Model of another" not in editor.get(base).text
    for address in ("", "/values", "/result", "/edit", ".json", "/values.xlsx", "/result.csv"):
        editor.get(f"{base}/{theirs}{address}", status=404)
    for action in ("copy", "version", "remove", "in-force", "released", "upload"):
        editor.post(f"{base}/{theirs}/{action}", {"title-zh": "偷", "title-en": "Steal"}, status=404)
