"""The steps a manufacturer takes from the landing page to the report, in either language; every page met is checked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.pofile import read_po
from playwright.sync_api import Locator, Page, expect

from tests.browser.answering import answer_page, block_of, wait_until_saved
from tests.browser.page import Faults, check_page

CATALOGUE = Path(__file__).resolve().parents[2] / "maturity/translations/zh_Hans_CN/LC_MESSAGES/messages.po"
PASSWORD = "seven blue gears turning"
USCC = "91110000600037341L"
REPORT_MS = 90_000
Say = Callable[[str], str]


def words_of(lang: str) -> Say:
    """The site's words in a language: English is the source, Chinese comes from the catalogue."""
    if lang == "en":
        return lambda text: text
    with CATALOGUE.open("rb") as file:
        chinese = read_po(file)
    return lambda text: str(chinese[text].string)


@dataclass(slots=True)
class Journey:
    page: Page
    faults: Faults
    lang: str
    say: Say = field(init=False)
    left: list[tuple[int, int]] = field(default_factory=list)  # the range of questions left, at every page met

    def __post_init__(self) -> None:
        self.say = words_of(self.lang)
        self.faults.expect("422")  # a form refused on purpose is an error on the console, too

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=self.say(text), exact=True)

    def link(self, text: str) -> Locator:
        return self.page.get_by_role("link", name=self.say(text), exact=True)

    def field(self, text: str) -> Locator:
        return self.page.get_by_label(self.say(text), exact=True)

    def meet(self, heading: str | None = None) -> None:
        if heading is not None:
            expect(self.page.locator("h1")).to_have_text(self.say(heading))
        check_page(self.page)

    # Registering

    def register(self) -> None:
        self.page.goto("/")
        self.meet()
        self.page.locator(".hero").get_by_role("link", name=self.say("Register your enterprise")).click()
        self.meet("Register: about you")
        self.button("Continue").click()
        expect(self.page.locator("#error-summary")).to_be_focused()
        self.meet()
        self.page.locator("#error-summary a").first.click()
        expect(self.field("Your name")).to_be_focused()
        self.field("Your name").fill("赵敏")
        self.field("E-mail address or mobile number").fill(f"{uuid.uuid4().hex[:12]}@example.com")
        self.field("Password").fill(PASSWORD)
        self.field("I have read the privacy policy and agree to it").check()
        self.button("Continue").click()
        self.meet("Register: your enterprise")

    def register_enterprise(self, *, industry: tuple[str, str], region: tuple[str, str]) -> None:
        self.field("Name of the enterprise").fill("青岛海岳数控机床有限公司")
        self.type_code()
        self.choose("Industry", *industry)
        self.choose("Region", *region)
        self.field("Staff at year-end").fill("420")
        self.field("Operating revenue of the last full year").fill("36000")
        expect(self.page.locator("#size")).to_contain_text(self.say("medium-sized"))
        self.page.locator('[name="production_type"][value="discrete_small_batch"]').check()
        self.meet()
        self.button("Register the enterprise").click()
        self.meet("Home")

    def type_code(self) -> None:
        """One character wrong, then right, in small letters: the verdict follows the typing."""
        code, verdict = self.field("Unified social credit code"), self.page.locator("#uscc-verdict")
        code.press_sequentially(USCC[:-1] + "A")
        expect(verdict).to_have_class(re.compile("verdict--bad"))
        code.fill("")
        code.press_sequentially(USCC.lower())
        expect(verdict).to_have_text(self.say("The code is well formed."))
        expect(code).to_have_value(USCC)

    def choose(self, label: str, typed: str, wanted: str) -> None:
        box = self.page.get_by_role("combobox", name=self.say(label))
        box.press_sequentially(typed)
        options = self.page.get_by_role("option")
        expect(options.filter(has_text=wanted)).to_be_visible()
        check_page(self.page)
        options.filter(has_text=wanted).click()
        expect(box).to_have_value(wanted)

    # Answering

    def start(self) -> None:
        offered = re.compile(self.say("Start with %(period)s").replace("%(period)s", r"\d{4}"))
        self.page.get_by_role("button", name=offered).first.click()
        self.meet()

    def answer_everything(self, *, leave_out: frozenset[str] = frozenset()) -> int:
        """Section by section to the review; how many questions were answered."""
        count = 0
        while self.page.locator("[data-answers]").is_visible():
            count += self.answer_here(leave_out=leave_out)
            self.go_on()
        return count

    def answer_here(self, *, leave_out: frozenset[str] = frozenset()) -> int:
        """The page that is open, checked before and watched for its progress."""
        self.meet()
        self.note_progress()
        answered = answer_page(self.page, leave_out=leave_out)
        self.note_progress()
        return len(answered)

    def go_on(self) -> None:
        self.leave(self.button("Save and continue"))

    def leave(self, click: Locator) -> None:
        before = self.page.url
        click.click()
        self.page.wait_for_url(lambda url: url != before)

    def note_progress(self) -> None:
        line = self.page.locator("[data-progress-line]").inner_text()
        numbers = [int(number) for number in re.findall(r"\d+", line)]
        if numbers:
            self.left.append((numbers[1], numbers[-1]))

    def skip(self, question: str) -> None:
        block = block_of(self.page, question)
        block.get_by_label(self.say("Not sure yet, skip for now")).check()
        wait_until_saved(block)

    def type_figure(self, name: str, value: str) -> None:
        field = self.page.locator(f'[name="{name}"]')
        field.fill(value)
        field.press("Tab")
        wait_until_saved(self.page.locator("[data-question]", has=field))

    def review(self) -> None:
        self.leave(self.page.locator(".side-nav__last a"))
        self.meet("Review and submit")

    # Submitting and reading the result

    def submit(self) -> None:
        self.button("Submit the assessment").click()
        expect(self.page.locator("#error-summary")).to_be_focused()
        self.meet()
        self.field("Name of the signatory").fill("赵敏")
        self.field("Position").fill("总经理")
        confirm = self.page.locator('[name="queries_confirmed"]')
        if confirm.count():
            confirm.check()
        self.page.locator('[name="truthful"]').check()
        self.button("Submit the assessment").click()
        self.page.wait_for_url("**/result")
        self.meet()

    def download(self, click: Locator) -> bytes:
        with self.page.expect_download() as waiting:
            click.click()
        return waiting.value.path().read_bytes()

    def make_report(self) -> bytes:
        self.button("Make the PDF report").click()
        self.meet("PDF report")
        ready = self.link("Download the PDF")
        ready.wait_for(timeout=REPORT_MS)
        self.meet("PDF report")
        return self.download(ready)
