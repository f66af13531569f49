"""Answering a section as a person does: reading what the page asks, clicking and typing, waiting for 已保存."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.factories.assessments import TYPED

#: What each question on the page looks like to somebody who fills it in.
READ = """(form) => [...form.querySelectorAll("[data-question]")].map((block) => ({
  question: block.dataset.question,
  open: Boolean(block.querySelector("[data-version]")),
  answered: block.classList.contains("is-answered"),
  exclusive: block.querySelector("[data-exclusive]")?.dataset.exclusive ?? null,
  inputs: [...block.querySelectorAll("input")]
    .filter((input) => input.type !== "hidden" && !input.matches("[data-skip]"))
    .map((input) => ({ name: input.name, type: input.type, value: input.value })),
}))"""


def read_questions(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.locator("[data-answers]").evaluate(READ)
    return found


def block_of(page: Page, question: str) -> Locator:
    return page.locator(f'[data-question="{question}"]')


def wait_until_saved(block: Locator) -> None:
    expect(block.locator("[data-state]")).to_have_class("save-state is-saved")


def wait_until_answered(block: Locator) -> None:
    """All of its parts have arrived, not only the first."""
    expect(block).to_have_class(re.compile(r"\bis-answered\b"))
    wait_until_saved(block)


def answer_page(page: Page, *, leave_out: frozenset[str] = frozenset()) -> list[str]:
    """Answer every open question of the page, those that appear meanwhile too; which ones, in order."""
    answered: list[str] = []
    while True:
        expect(page.locator("[data-answers][aria-busy]")).to_have_count(0)
        open_ones = [
            item
            for item in read_questions(page)
            if item["open"] and not item["answered"] and item["question"] not in {*answered, *leave_out}
        ]
        if not open_ones:
            return answered
        _answer(page, open_ones[0])
        answered.append(open_ones[0]["question"])


def _answer(page: Page, item: dict[str, Any]) -> None:
    block = block_of(page, item["question"])
    names = list(dict.fromkeys(entry["name"] for entry in item["inputs"]))
    for name in names:
        entries = [entry for entry in item["inputs"] if entry["name"] == name]
        _give(block, name, entries, item["exclusive"])
    wait_until_answered(block)


def _give(block: Locator, name: str, entries: list[dict[str, str]], exclusive: str | None) -> None:
    kind = entries[0]["type"]
    if kind == "radio":
        _choose(block, name, entries[len(entries) // 2]["value"])
    elif kind == "checkbox":
        for entry in [entry for entry in entries if entry["value"] != exclusive][:2]:
            _choose(block, name, entry["value"])
    else:
        field = block.locator(f'[name="{name}"]')
        field.fill("2025-06-30" if kind == "date" else _figure(name))
        field.press("Tab")


def _choose(block: Locator, name: str, value: str) -> None:
    block.locator(f'label.choice:has([name="{name}"][value="{value}"])').click()


def _figure(name: str) -> str:
    """What the enterprise of the factories would type; a fact it does not know gets a small number."""
    fact, _, part = name.partition(".")
    typed = TYPED.get(fact, "12")
    return str(typed[part] if part else typed)
