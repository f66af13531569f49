"""What can be done in a tenant, and which roles may: one enum, one map, asked by routes and templates alike."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Permission(Enum):
    """Each with the sentence a person would read."""

    ENTERPRISE_VIEW = "See the enterprise's particulars and its home page."
    ENTERPRISE_EDIT = "Change the enterprise's particulars."
    ASSESSMENT_VIEW = "See assessments, answers and results."
    ASSESSMENT_ANSWER = "Start assessments and answer questions."
    ASSESSMENT_ASSIGN = "Say who answers what, remind people and ask for the signature."
    SECTION_ALL = "Open every section of an assessment, not only those assigned to oneself."
    COMMENT_WRITE = "Comment on questions."
    EVIDENCE_VIEW = "Look at the evidence of answers and download it."
    EVIDENCE_ADD = "Add evidence to answers and take it away."
    EVIDENCE_MANAGE = "Erase evidence for good and say how long it is kept."
    ASSESSMENT_SUBMIT = "Declare the answers true and submit, open a correction, and object to benchmarks."
    REPORT_VIEW = "Download reports and questionnaires."
    REPORT_CREATE = "Have a report made."
    PEOPLE_VIEW = "See who belongs to the enterprise."
    PEOPLE_MANAGE = "Invite people, change their roles and remove them."
    GRANT_MANAGE = "Give consultancies access, change and revoke it."
    CLAIM = "Prove that the enterprise is whose it says, and answer whoever else claims it."
    OPERATE = "Run the installation: tenants, jobs, messages, claims."
    PORTFOLIO_VIEW = "See the clients of the consultancy."
    PORTFOLIO_EDIT = "Note, plan and remind for the clients of the consultancy."
    AUDIT_VIEW = "Read, filter and export the audit log."
    TENANT_SETTINGS = "Say how people sign in to the tenant, and change its other settings."
    DATA_MANAGE = "Take all data away, say what they may be used for, and have them deleted."
    BENCHMARK_VIEW = "See where the enterprise stands among its peers, its receipts and who read benchmarks."
    BENCHMARK_READ = "Read released benchmarks by industry, region and size."
    CAMPAIGN_VIEW = "See campaigns and who of those invited takes part."
    CAMPAIGN_RUN = "Open campaigns, invite, remind, extend and close."
    RELEASE_VIEW = "See the releases of benchmarks, their notices, and what was read of them."
    RELEASE_PREPARE = "Ask for a release of benchmarks to be computed, and withdraw it before it is published."
    RELEASE_REVIEW = "Look at what a release would publish and withhold, and sign it or send it back."
    INDEX_VIEW = "See regional indices, their models and their values."
    INDEX_EDIT = "Define models of regional indices, enter values and compute."
    YEARLY_VIEW = "Read yearly reports."
    YEARLY_EDIT = "Have yearly reports drafted, and edit them."
    YEARLY_COMMENT = "Comment on yearly reports."
    YEARLY_APPROVE = "Approve a yearly report and publish it."
    CERTIFICATION_VIEW = "See the steps of a certification, its findings and the certificate."
    CERTIFICATION_ANSWER = "Answer the findings of a review."
    CERTIFICATION_APPLY = "Apply for certification, appeal, and say what of a certificate is shown."
    CASE_VIEW = "See the cases of the certification body."
    CASE_MANAGE = "Accept applications, plan reviews, assign reviewers, watch over certificates."
    CASE_REVIEW = "Review cases one is assigned to and recommend."
    CASE_DECIDE = "Decide on cases that somebody else reviewed."
    REVIEW_FILE = "Open the file of a case one is assigned to, in the enterprise that applied."
    SUPERVISION_VIEW = "See certification bodies and certificates under supervision, with their figures."
    SUPERVISION_RUN = "Draw certificates for re-checks and record what came of them."
    CERTIFICATION_OVERSEE = "Recognise certification bodies and look after complaints about them."
    BILLING_VIEW = "See the plan, orders, invoices and receipts."
    BILLING_MANAGE = "Buy, change and cancel plans, pay fees, and say what stands on invoices."
    BILLING_OVERSEE = "Assign plans, record transfers, refund, and read what came in."


#: Synthetic enterprises are shown to everybody; nobody can change them.
PUBLIC_PERMISSIONS = frozenset(
    {Permission.ENTERPRISE_VIEW, Permission.ASSESSMENT_VIEW, Permission.SECTION_ALL, Permission.REPORT_VIEW}
)
#: What is left to the people of a suspended tenant: its data are theirs to look at, and nothing moves.
WHEN_SUSPENDED = PUBLIC_PERMISSIONS | {
    Permission.EVIDENCE_VIEW,
    Permission.PEOPLE_VIEW,
    Permission.PORTFOLIO_VIEW,
    Permission.AUDIT_VIEW,
    Permission.CERTIFICATION_VIEW,
    Permission.CASE_VIEW,
    Permission.BILLING_VIEW,
}
_VIEW = PUBLIC_PERMISSIONS | {
    Permission.PEOPLE_VIEW,
    Permission.EVIDENCE_VIEW,
    Permission.BENCHMARK_VIEW,
    Permission.CERTIFICATION_VIEW,
}
_COMMENT = _VIEW | {Permission.COMMENT_WRITE, Permission.REPORT_CREATE}
_ANSWER = _COMMENT | {Permission.ASSESSMENT_ANSWER, Permission.EVIDENCE_ADD}
_CONSULTANCY = frozenset({Permission.PORTFOLIO_VIEW, Permission.PEOPLE_VIEW})
_REGULATOR = frozenset(
    {
        Permission.PEOPLE_VIEW,
        Permission.CAMPAIGN_VIEW,
        Permission.BENCHMARK_READ,
        Permission.RELEASE_VIEW,
        Permission.INDEX_VIEW,
        Permission.YEARLY_VIEW,
        Permission.SUPERVISION_VIEW,
    }
)
_REGULATOR_WORK = frozenset(
    {
        Permission.CAMPAIGN_RUN,
        Permission.INDEX_EDIT,
        Permission.YEARLY_EDIT,
        Permission.YEARLY_COMMENT,
        Permission.RELEASE_PREPARE,
        Permission.SUPERVISION_RUN,
    }
)
_REGULATOR_SIGN = frozenset({Permission.RELEASE_REVIEW, Permission.YEARLY_APPROVE, Permission.YEARLY_COMMENT})
_OPERATOR = frozenset(
    {
        Permission.OPERATE,
        Permission.RELEASE_VIEW,
        Permission.RELEASE_PREPARE,
        Permission.RELEASE_REVIEW,
        Permission.INDEX_VIEW,
        Permission.INDEX_EDIT,
        Permission.SUPERVISION_VIEW,
        Permission.CERTIFICATION_OVERSEE,
        Permission.BILLING_OVERSEE,
    }
)
_BODY = frozenset({Permission.CASE_VIEW, Permission.PEOPLE_VIEW})
_BODY_ONLY = frozenset(
    {
        Permission.CASE_VIEW,
        Permission.CASE_MANAGE,
        Permission.CASE_REVIEW,
        Permission.CASE_DECIDE,
        Permission.REVIEW_FILE,
        Permission.CERTIFICATION_OVERSEE,
    }
)
_TEAM = frozenset({Permission.PEOPLE_VIEW, Permission.PEOPLE_MANAGE, Permission.AUDIT_VIEW, Permission.TENANT_SETTINGS})
#: kind of tenant -> role -> what it may do; a role that is not here may do nothing
ROLE_PERMISSIONS: Mapping[str, Mapping[str, frozenset[Permission]]] = {
    "enterprise": {
        "owner": frozenset(Permission)
        - {Permission.PORTFOLIO_VIEW, Permission.PORTFOLIO_EDIT, Permission.OPERATE, Permission.BILLING_OVERSEE}
        - ((_REGULATOR | _REGULATOR_WORK | _REGULATOR_SIGN) - {Permission.PEOPLE_VIEW})
        - _BODY_ONLY,
        "signatory": _COMMENT
        | {
            Permission.ASSESSMENT_SUBMIT,
            Permission.CERTIFICATION_APPLY,
            Permission.CERTIFICATION_ANSWER,
            Permission.BILLING_VIEW,
        },
        "editor": _ANSWER
        | {
            Permission.BILLING_VIEW,
            Permission.ENTERPRISE_EDIT,
            Permission.ASSESSMENT_ASSIGN,
            Permission.EVIDENCE_MANAGE,
            Permission.CERTIFICATION_ANSWER,
        },
        "contributor": _ANSWER - {Permission.SECTION_ALL},
        "reviewer": _COMMENT,
        "viewer": _VIEW,
    },
    "consultancy": {
        "owner": _CONSULTANCY
        | _TEAM
        | {
            Permission.PORTFOLIO_EDIT,
            Permission.DATA_MANAGE,
            Permission.BILLING_VIEW,
            Permission.BILLING_MANAGE,
        },
        "signatory": _CONSULTANCY | {Permission.BILLING_VIEW},
        "editor": _CONSULTANCY | {Permission.PORTFOLIO_EDIT, Permission.BILLING_VIEW},
        "contributor": _CONSULTANCY | {Permission.PORTFOLIO_EDIT},
        "reviewer": _CONSULTANCY,
        "viewer": _CONSULTANCY,
    },
    "operator": {
        "owner": _TEAM | _OPERATOR,
        "editor": _OPERATOR | {Permission.PEOPLE_VIEW},
    },
    "regulator": {
        "owner": _TEAM
        | _REGULATOR
        | _REGULATOR_WORK
        | _REGULATOR_SIGN
        | {Permission.DATA_MANAGE, Permission.BILLING_VIEW},
        "editor": _REGULATOR | _REGULATOR_WORK,
        "reviewer": _REGULATOR | _REGULATOR_SIGN,
        "signatory": _REGULATOR | _REGULATOR_SIGN,
        "viewer": _REGULATOR,
    },
    "certification_body": {
        "owner": _TEAM
        | _BODY
        | {Permission.DATA_MANAGE, Permission.CASE_MANAGE, Permission.CASE_REVIEW, Permission.CASE_DECIDE},
        "editor": _BODY | {Permission.CASE_MANAGE},
        "reviewer": _BODY | {Permission.CASE_REVIEW},
        "signatory": _BODY | {Permission.CASE_DECIDE},
        "viewer": _BODY,
    },
}
_SEEN_BY_GRANT = PUBLIC_PERMISSIONS | {Permission.EVIDENCE_VIEW, Permission.CERTIFICATION_VIEW}
_BY_GRANT = _SEEN_BY_GRANT | {
    Permission.ASSESSMENT_ANSWER,
    Permission.COMMENT_WRITE,
    Permission.EVIDENCE_ADD,
    Permission.REPORT_CREATE,
    Permission.CERTIFICATION_ANSWER,
}
#: What a grant opens to the consultancy's people: never submitting, people, grants or the log.
SCOPE_PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "view": _SEEN_BY_GRANT,
    "answer": _BY_GRANT,
    "manage": _BY_GRANT | {Permission.ENTERPRISE_EDIT},
}
#: Those of a consultancy who only look do so in its clients, too.
_ACTIVE_CONSULTANTS = ("owner", "editor", "contributor")


#: What the people of an enterprise may do for the subsidiaries, where it heads a group; contributors answer their own
#: sections alone and have no part in it.
GROUP_PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "owner": frozenset({Permission.PORTFOLIO_VIEW, Permission.PORTFOLIO_EDIT}),
    "signatory": frozenset({Permission.PORTFOLIO_VIEW}),
    "editor": frozenset({Permission.PORTFOLIO_VIEW, Permission.PORTFOLIO_EDIT}),
    "reviewer": frozenset({Permission.PORTFOLIO_VIEW}),
    "viewer": frozenset({Permission.PORTFOLIO_VIEW}),
}


def permissions_of(
    role: str | None, *, is_synthetic: bool, kind: str = "enterprise", heads_group: bool = False
) -> frozenset[Permission]:
    """
    >>> Permission.ASSESSMENT_SUBMIT in permissions_of("contributor", is_synthetic=False)
    False
    >>> Permission.PORTFOLIO_VIEW in permissions_of("editor", is_synthetic=False, heads_group=True)
    True
    """
    own = ROLE_PERMISSIONS.get(kind, {}).get(role or "", frozenset())
    if heads_group:
        own |= GROUP_PERMISSIONS.get(role or "", frozenset())
    return own | PUBLIC_PERMISSIONS if is_synthetic and kind == "enterprise" else own


def permissions_by_grant(scope: str, role: str) -> frozenset[Permission]:
    """What somebody with a role in a consultancy may do in a client that granted a scope.

    >>> Permission.ASSESSMENT_ANSWER in permissions_by_grant("manage", "viewer")
    False
    """
    return SCOPE_PERMISSIONS[scope if role in _ACTIVE_CONSULTANTS else "view"]
