"""What outcomes mean, for people who buy from the holder: what it says, and what to do now."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from maturity.certification.process import the_process
from maturity.questionnaires.model import Text

#: outcome -> (headline, what it means, what to do, kind of notice)
OUTCOME_WORDS: dict[str, tuple[LazyString, LazyString, LazyString, str]] = {
    "valid": (
        _("The certificate is valid"),
        _("It was issued by this platform and stands today."),
        _("Compare holder and credit code below with the enterprise you deal with, and the level with what it claims."),
        "good",
    ),
    "suspended": (
        _("The certificate is suspended"),
        _("It is genuine, but must not be relied on at present. It may be reinstated or withdrawn."),
        _("Ask the holder when the suspension ends, and look here again before you decide."),
        "caution",
    ),
    "withdrawn": (
        _("The certificate is withdrawn"),
        _("It was genuine and holds no longer. It will not come back."),
        _("Do not rely on it. If it is still being shown, tell the certification body."),
        "danger",
    ),
    "expired": (
        _("The certificate has expired"),
        _("It was genuine; its last day is over."),
        _("Ask the holder for the certificate that followed, if there is one."),
        "caution",
    ),
    "replaced": (
        _("The certificate was replaced"),
        _("It was genuine; the holder has a newer one, after a renewal or a change."),
        _("Ask the holder for the newer certificate and check that one."),
        "caution",
    ),
    "altered": (
        _("The file was altered"),
        _("The file is not the one that was issued. What it says now cannot be relied on; what the register says can."),
        _("Ask the holder for the file as it was issued, and rely on nothing but what is shown here."),
        "danger",
    ),
    "unknown": (
        _("Nothing is known of this certificate"),
        _("This platform has issued no certificate with this number, and no file like this."),
        _("Compare the number with the paper, sign by sign. If it is the same, do not rely on the paper."),
        "danger",
    ),
}
PROBLEM_WORDS = {
    "malformed": _("This is not a number of a certificate. It stands on the certificate under the QR code."),
    "check_character": _("A character of the number is wrong: the last one does not fit the others. Compare it again."),
    "not_found": _("The number is well formed, but no certificate has it."),
}
STATUS_WORDS = {
    "valid": _("Valid"),
    "suspended": _("Suspended"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Expired"),
    "replaced": _("Replaced"),
}
STATUS_KINDS = {
    "valid": "good",
    "suspended": "caution",
    "withdrawn": "danger",
    "expired": "neutral",
    "replaced": "neutral",
}
EVENT_WORDS = {
    "issued": _("Issued"),
    "suspended": _("Suspended"),
    "reinstated": _("Reinstated"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Expired"),
    "renewed": _("Replaced by a renewal"),
    "changed": _("Replaced after a change"),
    "surveyed": _("Surveillance passed"),
}
BODY_WORDS = {
    "recognised": _("recognised by the operator of this platform"),
    "suspended": _("recognition suspended"),
    "withdrawn": _("recognition withdrawn"),
    "ended": _("recognition has ended"),
    "unlisted": _("not in the register of certification bodies"),
}
PART_WORDS = {
    "page": _("page %(name)s"),
    "attachment": _("the attachment %(name)s"),
    "signature": _("the signature"),
    "proof": _("the long-term proofs of the signature"),
    "particulars": _("the file's particulars"),
    "structure": _("the inner structure of the file"),
    "added": _("something added behind the end"),
    "cut": _("the end of the file, which is missing"),
}
DIFFERENCE_WORDS = {
    "changed": _("Single places were changed."),
    "added": _("The issued file is there in full, and something was added behind it."),
    "cut": _("The end of the issued file is missing, as after a download that broke off."),
    "rewritten": _(
        "The file was written anew: printed, scanned, converted or saved by another program. What was changed on the "
        "way cannot be told."
    ),
}
SIGNATURE_WORDS = {
    "none": (_("The file carries no signature that could be read."), "caution"),
    "broken": (_("The signature is broken: what was signed is not what stands there now."), "danger"),
    "foreign": (_("The file is signed by somebody else, not by this platform."), "danger"),
    "revoked": (_("The file is signed with a key that is no longer believed."), "danger"),
    "sound": (_("The signature is sound: signed with a key of this platform, and unchanged since."), "good"),
}
STATE_WORDS = {
    "drawn": _("Drawn"),
    "asked": _("Asked"),
    "upheld": _("Borne out"),
    "deviation": _("Deviation"),
    "refused": _("Re-check refused"),
}
STATE_KINDS = {
    "drawn": "neutral",
    "asked": "accent",
    "upheld": "good",
    "deviation": "caution",
    "refused": "danger",
}


def reason_words(code: str | None) -> Text | None:
    """The reason for a suspension or withdrawal, as the process words it."""
    if code is None:
        return None
    for name in ("suspend", "withdraw"):
        found = the_process().reasons.get(name, {}).get(code)
        if found is not None:
            return found.words
    return None
