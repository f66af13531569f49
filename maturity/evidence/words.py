"""What pages say about files: why one is refused and what mends it, where it stands, and why it was erased."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from maturity.evidence.contents import KINDS

#: code -> what is wrong with a file and what to do; the name of the file stands before it
REFUSALS: dict[str, LazyString] = {
    "empty": _("“%(name)s” is empty. Choose the file again, or save it anew first."),
    "too_large": _("“%(name)s” is larger than 20 MB. Save it smaller, or upload only the pages that prove the answer."),
    "unknown": _(
        "“%(name)s” is none of PDF, PNG, JPEG, WebP, Word, Excel and PowerPoint by its content. Save it as PDF and "
        "upload that."
    ),
    "old": _(
        "“%(name)s” is a document of an old kind, such as .doc, .xls or .ppt. Save it as .docx, .xlsx, .pptx or PDF "
        "and upload that."
    ),
    "office_encrypted": _(
        "“%(name)s” is protected by a password, so nobody could look at it here. Take the password off, save, and "
        "upload it again."
    ),
    "macros": _("“%(name)s” contains macros. Save it without them, as .docx, .xlsx, .pptx or PDF, and upload that."),
    "pdf_encrypted": _(
        "“%(name)s” opens with a password only. Print it to a new PDF without a password and upload that."
    ),
    "pdf_script": _(
        "“%(name)s” contains scripts or an interactive form. Print it to a new PDF, which drops them, and upload that."
    ),
    "pdf_launch": _("“%(name)s” would start a program. Print it to a new PDF, which drops that, and upload that."),
    "damaged": _("“%(name)s” is damaged or not complete. Open it, save it anew, and upload that."),
    "too_many_pixels": _("“%(name)s” has more than 64 million pixels. Save the picture smaller and upload that."),
    "bomb": _(
        "“%(name)s” unpacks to far more than its size. Save only the sheets or pages that prove the answer, or a PDF "
        "of them."
    ),
    "too_demanding": _("“%(name)s” cannot be read with reasonable effort. Print it to a new PDF and upload that."),
    "evidence_quota": _(
        "There is no room left for “%(name)s”. Erase evidence that is not needed any more on the evidence page, or "
        "upload a smaller file."
    ),
    "evidence_being_erased": _("“%(name)s” is just being erased here. Upload it again in a minute."),
    "evidence_enough": _("This answer has 20 files already. Take one away before you add “%(name)s”."),
    "too_many": _("“%(name)s” was left out: five files at once are the most. Upload it in a second round."),
}
#: stage of a file -> (what the badge says, its colour)
STAGES: dict[str, tuple[LazyString, str]] = {
    "waiting": (_("being checked"), "accent"),
    "unscanned": (_("not scanned"), "caution"),
    "clean": (_("scanned"), "good"),
    "infected": (_("malware, destroyed"), "danger"),
    "being_erased": (_("being erased"), "neutral"),
    "erased": (_("erased"), "neutral"),
}
#: The same as a sentence.
EXPLAINED: dict[str, LazyString] = {
    "waiting": _("The malware scanner has not answered yet. Until it does, the file cannot be opened."),
    "unscanned": _("Not scanned: no malware scanner is configured on this site. Open it with care."),
    "clean": _("The malware scanner found nothing."),
    "infected": _("The malware scanner found something. The file was destroyed; nobody could download it."),
    "being_erased": _("The file is being erased and cannot be opened any more."),
    "erased": _("The file is erased for good."),
}
#: Why the bytes were destroyed.
REASONS: dict[str, LazyString] = {
    "asked": _("asked for by %(who)s"),
    "expired": _("kept as long as set"),
    "unused": _("proved no answer for 30 days"),
    "infected": _("malware"),
}


def refusal(code: str, name: str) -> str:
    """The whole sentence for a file that is not taken."""
    return str(REFUSALS[code]) % {"name": name}


def size_words(size: int) -> str:
    """Bytes as people say them, in units of 1024.

    >>> size_words(900), size_words(20 * 1024**2), size_words(1536 * 1024), size_words(1024**3)
    ('0.9 KB', '20 MB', '1.5 MB', '1 GB')
    """
    for unit, worth in (("GB", 1024**3), ("MB", 1024**2)):
        if size >= worth:
            return f"{size / worth:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size / 1024:.1f}".removesuffix(".0") + " KB"


def kind_words(media_type: str) -> str:
    return KINDS[media_type].label
