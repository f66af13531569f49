"""The words of the portfolio's pages for codes that rows and addresses hold."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

COLUMN_WORDS: Mapping[str, LazyString] = {
    "reasons": _("Why today"),
    "stage": _("Stage"),
    "capability": _("Capability (0–100)"),
    "outcome": _("Outcomes (0–100)"),
    "change": _("Change on the year before (points)"),
    "progress": _("Progress (%)"),
    "left": _("Questions left"),
    "due": _("Next due (days)"),
    "tasks": _("Own tasks"),
    "industry": _("Industry"),
    "region": _("Region"),
    "size": _("Size"),
    "scope": _("You may"),
    "until": _("Access until"),
    "active": _("Last activity"),
}
#: Columns with numerals, set right-aligned.
NUMERIC = frozenset({"capability", "outcome", "change", "progress", "left", "due", "tasks"})
#: reason -> (words, kind of badge)
REASON_WORDS: Mapping[str, tuple[LazyString, str]] = {
    "task_overdue": (_("task overdue"), "danger"),
    "section_overdue": (_("section overdue"), "danger"),
    "ready": (_("ready to submit"), "good"),
    "task_due": (_("task due soon"), "caution"),
    "section_due": (_("section due soon"), "caution"),
    "grant_ends": (_("access ends soon"), "caution"),
    "new": (_("just let in"), "accent"),
    "fell": (_("capability fell"), "caution"),
    "stalled": (_("no answer for two weeks"), "neutral"),
    "not_started": (_("not started"), "neutral"),
}
DUE_WORDS: Mapping[str, LazyString] = {"grant": _("access ends"), "section": _("section"), "task": _("own task")}
SIZE_WORDS: Mapping[str, LazyString] = {
    "large": _("Large"),
    "medium": _("Medium-sized"),
    "small": _("Small"),
    "micro": _("Micro"),
}
PROGRESS_WORDS: Mapping[str, LazyString] = {
    "none": _("Not started"),
    "draft": _("Being answered"),
    "ready": _("Ready to submit"),
    "submitted": _("Submitted"),
}
DAYS_WORDS: Mapping[str, LazyString] = {
    "0": _("today or overdue"),
    "7": _("7 days"),
    "14": _("14 days"),
    "30": _("30 days"),
    "90": _("90 days"),
}
STATUS_WORDS: Mapping[str, LazyString] = {
    "planned": _("Planned"),
    "agreed": _("Agreed"),
    "running": _("Running"),
    "done": _("Done"),
    "dropped": _("Dropped"),
}
CHAPTER_WORDS: Mapping[str, LazyString] = {
    "trend": _("Trends"),
    "standards": _("Data standards"),
    "security": _("Security"),
    "training": _("Training"),
    "benefits": _("Benefits"),
    "organisation": _("Organisation"),
}
