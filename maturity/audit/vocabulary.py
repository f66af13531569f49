"""Everything the audit log can say: each event with the details it must carry and a sentence in both languages.

The list is closed. A detail has a kind: an id, a code from a list with words, a number, a day, a short text, or
something typed by people of the tenant, which is encrypted with the tenant's key and goes with it, or
something personal. Personal is what names a person or leads to one (name, e-mail address, network address); it is
given as `Personal` with the subject whose key encrypts it, and nothing else may hold it. Events whose name begins with
`account.` belong to a person and to no tenant.

The sentences are the reader's; who did it stands beside them. Rows hold ids and codes only, so a sentence may be
reworded, while an event or one of its details, once recorded somewhere, is never renamed or taken out.
"""

from __future__ import annotations

import re
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from maturity.questionnaires.model import Text

LONGEST_TEXT = 500
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class UnknownEvent(LookupError):
    """The event, or one of its details, is not in the vocabulary."""


class Kind(Enum):
    ID = "id"
    CODE = "code"
    NUMBER = "number"
    DAY = "day"
    TEXT = "text"
    TYPED = "typed"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Field:
    """One detail of an event; `words` are those of a code."""

    kind: Kind
    words: Mapping[str, Text] | None = None


@dataclass(frozen=True, slots=True)
class Personal:
    """A text about a person, readable as long as the key of the subject exists."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class EventType:
    """What must be recorded with an event, and how it is told."""

    fields: Mapping[str, Field]
    sentence: Text


Details = Mapping[str, "str | int | date | Personal"]


def subject_of_user(user_id: int) -> str:
    """The subject under whose key everything about a person with an account stands."""
    return f"user:{user_id}"


def subject_of_invitation(invitation_id: uuid.UUID) -> str:
    """The subject of somebody invited who has no account yet."""
    return f"invitation:{invitation_id}"


def subject_of_tenant(tenant_id: uuid.UUID) -> str:
    """The subject under whose key the tenant's own words stand, such as the names of its files."""
    return f"tenant:{tenant_id}"


def is_typed(event: str, detail: str) -> bool:
    return EVENTS[event].fields[detail].kind is Kind.TYPED


def _codes(**words: tuple[str, str]) -> Field:
    return Field(Kind.CODE, {code: Text(*pair) for code, pair in words.items()})


def _event(zh: str, en: str, **fields: Field) -> EventType:
    return EventType(fields, Text(zh, en))


ID, NUMBER, DAY = Field(Kind.ID), Field(Kind.NUMBER), Field(Kind.DAY)
TEXT, TYPED, PERSONAL = Field(Kind.TEXT), Field(Kind.TYPED), Field(Kind.PERSONAL)
ROLE = _codes(
    owner=("负责人", "owner"),
    signatory=("签署人", "signatory"),
    editor=("编辑", "editor"),
    contributor=("填报人", "contributor"),
    reviewer=("审核人", "reviewer"),
    viewer=("查看者", "viewer"),
)
LANGUAGE = _codes(zh_CN=("中文", "Chinese"), en=("英文", "English"))
DOCUMENT = _codes(
    report=("评估报告", "report"),
    questionnaire=("空白问卷", "blank questionnaire"),
    answers=("已填问卷", "filled questionnaire"),
    unspecified=("文件", "document"),  # recorded before the kind was
)
SCOPE = _codes(
    view=("查看", "look"),
    answer=("查看和填报", "look and answer"),
    manage=("查看、填报和管理", "look, answer and manage"),
)
METHOD = _codes(
    invitation_code=("邀请码", "invitation code"),
    licence=("营业执照", "business licence"),
    bank=("对公账户", "company bank account"),
    domain=("企业域名", "the enterprise's domain"),
)
RECHECK = _codes(
    upheld=("属实", "borne out"),
    deviation=("发现偏差", "deviation"),
    refused=("拒绝抽查", "refused"),
)
DECISION = _codes(
    upheld=("维持现有认领", "the enterprise stays where it is"),
    handed_over=("企业移交给对方", "the enterprise is handed over"),
    dropped=("对方的认领已终止", "the other claim has ended"),
    confirmed=("认领成立", "the claim is confirmed"),
    refused=("认领未获认可", "the claim is not accepted"),
    accepted=("营业执照通过", "the licence is accepted"),
)
FACTOR = _codes(totp=("动态口令", "one-time code"), passkey=("通行密钥", "passkey"), sms=("短信验证码", "text message"))
PURPOSE = _codes(
    benchmarks=("纳入行业基准", "taking part in benchmarks"),
    campaign=("向主管部门提供整体性评估数据", "giving data to a regulator's campaign"),
    contact=("接收产品通知", "notices about the product"),
    research=("用于匿名研究", "anonymous research"),
    privacy=("隐私政策", "the privacy policy"),
)
CONTENT = _codes(
    everything=("全部数据", "all data"), answers=("评估数据", "assessment data"), personal=("个人数据", "personal data")
)
SUPPLIED = _codes(
    cost=("成本关联度", "relevance to costs"),
    kpi=("指标关联度", "relevance to KPIs"),
    best=("行业最佳档位", "best of the industry"),
    descriptors=("档位说明", "descriptors of the bands"),
)
SIGNS = _codes(
    root=("颁发机构", "authority"),
    document=("证书签名", "signatures on certificates"),
    timestamp=("时间戳", "time stamps"),
    log=("透明日志", "transparency log"),
    credential=("电子凭证", "credentials"),
)
INTERVAL = _codes(month=("按月", "monthly"), year=("按年", "yearly"), once=("一次", "once"))
HORIZON = _codes(strategic=("长期", "strategic"), tactical=("中期", "tactical"), operational=("近期", "operational"))
SETTING = _codes(
    second_factor=("成员须用两步验证", "second factor required of members"),
    retention=("证明材料保存期限", "how long evidence is kept"),
    notifications=("通知", "notices"),
    data_region=("数据存放地要求", "where data may lie"),
)
SWITCH = _codes(
    second_factor=("人人须用两步验证", "a second factor for everybody"),
    provider=("人人须经本单位统一登录", "signing in through the identity provider"),
    provider_trusted=("统一登录视同两步验证", "the provider counts as a second factor"),
)
FINDING = _codes(
    founded=("成立", "founded"),
    partly_founded=("部分成立", "founded in part"),
    unfounded=("不成立", "not founded"),
)
STATE = _codes(on=("开启", "on"), off=("关闭", "off"))
ARRIVALS = _codes(
    invited=("仅限受邀人员", "invited people"), everybody=("这些域名的所有人", "everybody at these domains")
)
CONFLICT = _codes(
    consulted=("曾为该企业提供咨询", "advised the enterprise"),
    belonged=("曾在该企业任职", "belongs or belonged to the enterprise"),
    group=("曾在该企业所属集团任职", "belongs or belonged to its group"),
    declared=("本人申报了利益关系", "declared an interest"),
    body_consulted=("本机构曾为该企业提供咨询", "the body advised the enterprise"),
    body_linked=("本机构负责人与该企业有关联", "somebody who owns the body has a tie to the enterprise"),
    body_declared=("本机构申报了利益关系", "the body declared an interest"),
)
PART = _codes(lead=("评审组长", "lead reviewer"), reviewer=("评审员", "reviewer"), decider=("决定人", "decider"))
#: Steps of a certification case, as `maturity/certification/process.yaml` names them.
STEP = _codes(
    apply=("申请", "applied"),
    accept=("受理", "application accepted"),
    reject=("不予受理", "application not accepted"),
    plan=("排定评审", "review planned"),
    begin=("开始评审", "review begun"),
    send_letter=("发出评审意见书", "review letter sent"),
    answer_findings=("提交整改答复", "answers to findings handed in"),
    recommend=("提出评定结论", "recommendation made"),
    decide_certify=("决定通过", "decided to certify"),
    decide_refuse=("决定不通过", "decided to refuse"),
    send_back=("退回补充评审", "sent back to the reviewers"),
    withdraw=("撤回申请", "application taken back"),
    lapse=("逾期终止", "ended for want of a next step"),
    fail=("认定整改未完成", "closed as not corrected"),
    take_answers=("到期自动提交整改答复", "answers taken as they stood on the last day"),
    reopen=("申诉成立，重新受理", "taken up again after an appeal"),
)
OUTCOME = _codes(upheld=("成立", "upheld"), partly=("部分成立", "upheld in part"), dismissed=("不成立", "dismissed"))
RECOGNITION = _codes(recognised=("恢复", "restored"), suspended=("暂停", "suspended"), withdrawn=("撤销", "withdrawn"))
#: Why a certificate was suspended or withdrawn, as `maturity/certification/process.yaml` names the reasons.
SUSPENSION = _codes(
    surveillance_missed=("未按期监督", "surveillance was missed"),
    serious_fault=("体系严重不符合", "a serious non-conformity"),
    misuse=("误用证书", "the certificate was misused"),
    change_not_reported=("重大变更未报", "a major change was not reported"),
    own_wish=("主动申请", "the holder asked for it"),
)
WITHDRAWAL = _codes(
    not_corrected=("暂停期满未整改", "not put right within the suspension"),
    fraud=("弄虚作假", "false statements"),
    serious_incident=("重大安全环保质量事故或严重失信", "a serious accident or breach of trust"),
    recheck_refused=("拒绝抽查", "a re-check was refused"),
    given_up=("主动放弃", "given up by the holder"),
)
VERDICT = _codes(
    confirmed=("属实", "confirmed"), corrected=("已更正", "corrected"), not_evidenced=("无证据", "not evidenced")
)

EVENTS: Mapping[str, EventType] = {
    "enterprise.registered": _event("登记了企业。", "Registered the enterprise.", enterprise_id=ID),
    "enterprise.changed": _event("修改了企业信息。", "Changed the particulars.", enterprise_id=ID),
    "assessment.started": _event(
        "开始了{period}年评估。", "Started the assessment for {period}.", assessment_id=ID, period=NUMBER
    ),
    "answers.proposed": _event(
        "从其他评估沿用了{answers}个答案，待确认。",
        "Put {answers} answers of other assessments forward for confirmation.",
        assessment_id=ID,
        answers=NUMBER,
    ),
    "assessment.revised": _event(
        "开启了{period}年评估的新修订版。",
        "Opened a new revision of the assessment for {period}.",
        assessment_id=ID,
        previous_id=ID,
        period=NUMBER,
    ),
    "workbook.applied": _event(
        "从 Excel 写入了 {answers} 个答案。",
        "Saved {answers} answers from a workbook.",
        assessment_id=ID,
        answers=NUMBER,
    ),
    "bulk.uploaded": _event("上传了多家客户的答案。", "Uploaded answers of many clients.", upload_id=ID),
    "bulk.cancelled": _event("停止了一次多家客户的上传。", "Stopped an upload for many clients.", upload_id=ID),
    "assessment.submitted": _event(
        "提交了{period}年评估。", "Submitted the assessment for {period}.", assessment_id=ID, period=NUMBER
    ),
    "report.requested": _event(
        "要求生成{document}（{locale}）。",
        "Asked for the {document} in {locale}.",
        assessment_id=ID,
        document=DOCUMENT,
        locale=LANGUAGE,
    ),
    "section.assigned": _event(
        "把“{section}”分配给{name}。",
        "Assigned “{section}” to {name}.",
        assessment_id=ID,
        section=TEXT,
        user_id=ID,
        name=PERSONAL,
    ),
    "comment.added": _event(
        "对“{question}”发表了意见。", "Commented on “{question}”.", assessment_id=ID, comment_id=ID, question=TEXT
    ),
    "sign_off.given": _event("签核了“{section}”。", "Signed off “{section}”.", assessment_id=ID, section=TEXT),
    "evidence.added": _event("上传了证明材料“{file}”。", "Added the evidence “{file}”.", evidence_id=ID, file=TYPED),
    "evidence.removed": _event(
        "移除了证明材料“{file}”。", "Removed the evidence “{file}”.", evidence_id=ID, file=TYPED
    ),
    "evidence.erased": _event(
        "彻底删除了证明材料，编号{evidence_id}。", "Erased evidence {evidence_id} for good.", evidence_id=ID
    ),
    "evidence.downloaded": _event(
        "下载了证明材料“{file}”。", "Downloaded the evidence “{file}”.", evidence_id=ID, file=TYPED
    ),
    "member.invited": _event(
        "邀请{email}加入，角色为{role}。", "Invited {email} as {role}.", invitation_id=ID, email=PERSONAL, role=ROLE
    ),
    "invitation.revoked": _event(
        "撤回了对{email}的邀请。", "Revoked the invitation of {email}.", invitation_id=ID, email=PERSONAL
    ),
    "member.joined": _event(
        "{name}加入，角色为{role}。", "{name} joined as {role}.", user_id=ID, name=PERSONAL, role=ROLE
    ),
    "member.removed": _event("移除了成员{name}。", "Removed the member {name}.", user_id=ID, name=PERSONAL),
    "member.role_changed": _event(
        "把{name}的角色由{role_before}改为{role}。",
        "Changed the role of {name} from {role_before} to {role}.",
        user_id=ID,
        name=PERSONAL,
        role_before=ROLE,
        role=ROLE,
    ),
    "grant.given": _event(
        "授权{consultancy}{scope}，至{until}止。",
        "Granted {consultancy} the right to {scope} until {until}.",
        grant_id=ID,
        consultancy=TEXT,
        scope=SCOPE,
        until=DAY,
    ),
    "grant.changed": _event(
        "把对{consultancy}的授权改为{scope}，至{until}止。",
        "Changed the grant of {consultancy}: {scope} until {until}.",
        grant_id=ID,
        consultancy=TEXT,
        scope=SCOPE,
        until=DAY,
    ),
    "grant.revoked": _event(
        "撤销了对{consultancy}的授权。", "Revoked the grant of {consultancy}.", grant_id=ID, consultancy=TEXT
    ),
    "grant.expired": _event(
        "对{consultancy}的授权到期。", "The grant of {consultancy} expired.", grant_id=ID, consultancy=TEXT
    ),
    "grant.no_room": _event(
        "一家企业的授权未能生效：套餐内的客户数已满。",
        "An enterprise could not let this consultancy in: the plan has no room for another client.",
    ),
    "grant.used": _event(
        "{consultancy}的顾问凭授权进入。",
        "A consultant of {consultancy} came in by grant.",
        grant_id=ID,
        consultancy=TEXT,
    ),
    "group.formed": _event("成立集团，可由子公司授权。", "Formed a group that subsidiaries can let in."),
    "claim.started": _event(
        "申请认领企业，方式：{method}。", "Claimed the enterprise by {method}.", claim_id=ID, method=METHOD
    ),
    "claim.proved": _event(
        "认领通过核实，方式：{method}。", "The claim is proved by {method}.", claim_id=ID, method=METHOD
    ),
    "claim.confirmed": _event("企业认领完成。", "The enterprise is claimed.", claim_id=ID),
    "claim.refused": _event("企业认领未获认可。", "The claim is not accepted.", claim_id=ID),
    "claim.withdrawn": _event("撤回了企业认领。", "Took the claim back.", claim_id=ID),
    "claim.handed_over": _event(
        "平台运营方把企业移交给了认领人。", "The operator handed the enterprise over to the claimant.", claim_id=ID
    ),
    "claim.disputed": _event("另有他人认领本企业。", "Another claim to the enterprise was made.", dispute_id=ID),
    "claim.answered": _event("就他人的认领作了说明。", "Answered the claim of somebody else.", dispute_id=ID),
    "claim.decided": _event(
        "认领争议已裁定：{decision}。原因：{reason}。",
        "The dispute is decided: {decision}. Reason: {reason}.",
        dispute_id=ID,
        decision=DECISION,
        reason=TEXT,
    ),
    "claim.judged": _event(
        "裁定认领：{decision}。原因：{reason}。",
        "Decided a claim: {decision}. Reason: {reason}.",
        claim_id=ID,
        decision=DECISION,
        reason=TEXT,
    ),
    "claim.licence_downloaded": _event("下载了认领用的营业执照。", "Downloaded the licence of the claim.", claim_id=ID),
    "claim.code_issued": _event(
        "给信用代码{uscc}发了认领邀请码。", "Issued an invitation code for {uscc}.", code_id=ID, uscc=TEXT
    ),
    "claim.code_revoked": _event(
        "作废了信用代码{uscc}的认领邀请码。", "Took back the invitation code for {uscc}.", code_id=ID, uscc=TEXT
    ),
    "claim.domain_recorded": _event(
        "登记{domain}为信用代码{uscc}的企业域名。", "Recorded {domain} as a domain of {uscc}.", domain=TEXT, uscc=TEXT
    ),
    "claim.domain_removed": _event(
        "删除信用代码{uscc}的企业域名{domain}。", "Removed {domain} from the domains of {uscc}.", domain=TEXT, uscc=TEXT
    ),
    "spot_check.drawn": _event(
        "从{population}张证书中抽取了{size}张进行抽查。",
        "Drew {size} of {population} certificates for re-checks.",
        sample_id=ID,
        size=NUMBER,
        population=NUMBER,
    ),
    "spot_check.asked": _event(
        "证书{number}被要求在{due}前接受抽查。",
        "Certificate {number} is to be re-checked by {due}.",
        check_id=ID,
        number=TEXT,
        due=DAY,
    ),
    "spot_check.concluded": _event(
        "证书{number}的抽查结论：{result}。",
        "The re-check of certificate {number} ended: {result}.",
        check_id=ID,
        number=TEXT,
        result=RECHECK,
    ),
    "spot_check.answered": _event(
        "就证书{number}的抽查结论说明了处理情况。",
        "Said what was done after the re-check of certificate {number}.",
        check_id=ID,
        number=TEXT,
    ),
    "case.moved": _event(
        "认证案件：{step}（对方：{other}）。",
        "Certification case: {step} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        step=STEP,
    ),
    "case.dates_set": _event(
        "评审日期定为{from_day}至{until}（对方：{other}）。",
        "Set the review from {from_day} to {until} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        from_day=DAY,
        until=DAY,
    ),
    "appeal.made": _event(
        "对评定决定提出申诉（对方：{other}）。",
        "Appealed against the decision (other side: {other}).",
        case_id=ID,
        other=TEXT,
    ),
    "appeal.answered": _event(
        "答复了申诉：{outcome}（对方：{other}）。",
        "Answered the appeal: {outcome} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        outcome=OUTCOME,
    ),
    "complaint.made": _event(
        "就认证机构向平台投诉（对方：{other}）。",
        "Complained about the certification body (other side: {other}).",
        case_id=ID,
        other=TEXT,
    ),
    "complaint.answered": _event(
        "平台答复了投诉：{outcome}（对方：{other}）。",
        "The operator answered the complaint: {outcome} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        outcome=OUTCOME,
    ),
    "recognition.given": _event(
        "认可认证机构{body}，编号{number}，至{until}止。",
        "Recognised the certification body {body}, number {number}, until {until}.",
        body=TEXT,
        number=TEXT,
        until=DAY,
    ),
    "recognition.changed": _event(
        "认证机构{body}的认可已{status}。原因：{reason}。",
        "The recognition of {body} was {status}. Reason: {reason}.",
        body=TEXT,
        status=RECOGNITION,
        reason=TEXT,
    ),
    "certificate.issued": _event(
        "签发了证书{number}（对方：{other}）。",
        "Issued certificate {number} (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
    ),
    "certificate.suspended": _event(
        "暂停了证书{number}，原因：{reason}（对方：{other}）。",
        "Suspended certificate {number}: {reason} (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
        reason=SUSPENSION,
    ),
    "certificate.reinstated": _event(
        "恢复了证书{number}（对方：{other}）。",
        "Made certificate {number} valid again (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
    ),
    "certificate.withdrawn": _event(
        "撤销了证书{number}，原因：{reason}（对方：{other}）。",
        "Withdrew certificate {number}: {reason} (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
        reason=WITHDRAWAL,
    ),
    "certificate.expired": _event(
        "证书{number}到期（对方：{other}）。",
        "Certificate {number} expired (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
    ),
    "certificate.renewed": _event(
        "证书{number}由再认证的新证书接替（对方：{other}）。",
        "Certificate {number} was followed by a renewal (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
    ),
    "certificate.changed": _event(
        "证书{number}由变更后的新证书接替（对方：{other}）。",
        "Certificate {number} was followed by a changed one (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
    ),
    "certificate.surveyed": _event(
        "证书{number}通过了监督（对方：{other}）。",
        "Certificate {number} passed its surveillance (other side: {other}).",
        certificate_id=ID,
        number=TEXT,
        other=TEXT,
    ),
    "certificate.shown_changed": _event(
        "修改了证书{number}对外展示的内容。",
        "Changed what of certificate {number} is shown to others.",
        certificate_id=ID,
        number=TEXT,
    ),
    "reviewer.qualified": _event(
        "登记了评审员{name}的资格，证书编号{number}，至{until}止。",
        "Entered a qualification of {name}, certificate {number}, until {until}.",
        user_id=ID,
        name=PERSONAL,
        number=TEXT,
        until=DAY,
    ),
    "reviewer.disqualified": _event(
        "撤销了评审员{name}的资格，证书编号{number}。",
        "Withdrew a qualification of {name}, certificate {number}.",
        user_id=ID,
        name=PERSONAL,
        number=TEXT,
    ),
    "reviewer.interest_declared": _event(
        "申报了与{enterprise}的利益关系。", "Declared an interest in {enterprise}.", enterprise=TEXT
    ),
    "review.refused": _event(
        "因利益冲突拒绝参与评审：{conflict}（对方：{other}）。",
        "Refused somebody a review for a conflict of interest: {conflict} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        conflict=CONFLICT,
    ),
    "review.assigned": _event(
        "指派{name}为{part}（对方：{other}）。",
        "Assigned {name} as {part} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        user_id=ID,
        name=PERSONAL,
        part=PART,
    ),
    "review.unassigned": _event(
        "结束了{name}的评审任务（对方：{other}）。",
        "Ended the part of {name} in a review (other side: {other}).",
        case_id=ID,
        other=TEXT,
        user_id=ID,
        name=PERSONAL,
    ),
    "review.declared_independent": _event(
        "{name}声明与被评审企业无利益关系（对方：{other}）。",
        "{name} declared to be independent of the enterprise (other side: {other}).",
        case_id=ID,
        other=TEXT,
        user_id=ID,
        name=PERSONAL,
    ),
    "review.seed_recorded": _event(
        "记录了抽样种子{seed}，规则版本{rules}（对方：{other}）。",
        "Recorded the seed {seed} of the sample, rules {rules} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        seed=ID,
        rules=TEXT,
    ),
    "review.seed_sealed": _event(
        "{other}已确定抽样种子，其哈希值{sealed}，规则版本{rules}。",
        "{other} fixed the seed of the sample; its hash is {sealed}, rules {rules}.",
        case_id=ID,
        other=TEXT,
        sealed=ID,
        rules=TEXT,
    ),
    "review.drawn": _event(
        "按种子抽取了{answers}个答案待核实（对方：{other}）。",
        "Drew {answers} answers to be verified (other side: {other}).",
        case_id=ID,
        other=TEXT,
        answers=NUMBER,
    ),
    "review.item_added": _event(
        "人工加抽了一个答案：{question}（对方：{other}）。",
        "Added an answer to the sample by hand: {question} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        question=TEXT,
    ),
    "review.opened": _event(
        "{body}的评审人员打开了评审档案。", "A reviewer of {body} opened the review file.", case_id=ID, body=TEXT
    ),
    "review.judged": _event(
        "对答案{question}的核实结论：{verdict}（对方：{other}）。",
        "Judged the answer {question}: {verdict} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        question=TEXT,
        verdict=VERDICT,
    ),
    "review.completed": _event(
        "完成核实并重新计分，等级{level}，结果哈希值{sha256}（对方：{other}）。",
        "Completed the review and scored again: level {level}, result {sha256} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        level=NUMBER,
        sha256=ID,
    ),
    "review.finding_closed": _event(
        "关闭了第{number}号不符合项（对方：{other}）。",
        "Closed finding {number} (other side: {other}).",
        case_id=ID,
        other=TEXT,
        number=NUMBER,
    ),
    "review.finding_returned": _event(
        "第{number}号不符合项的整改未获认可，已退回（对方：{other}）。",
        "Sent finding {number} back for another correction (other side: {other}).",
        case_id=ID,
        other=TEXT,
        number=NUMBER,
    ),
    "export.requested": _event(
        "要求导出{content}。", "Asked for an export of {content}.", export_id=ID, content=CONTENT
    ),
    "export.downloaded": _event(
        "下载了导出的{content}。", "Downloaded the export of {content}.", export_id=ID, content=CONTENT
    ),
    "deletion.requested": _event(
        "申请删除企业数据，{due}执行。", "Asked for deletion of the enterprise, due on {due}.", due=DAY
    ),
    "deletion.cancelled": _event("取消了删除申请。", "Cancelled the deletion."),
    "deletion.done": _event(
        "全部数据已删除，删除证明的哈希值为{proof}。",
        "All data are deleted; the receipt has the hash {proof}.",
        proof=ID,
    ),
    "import.done": _event(
        "从另一个平台导入了数据，存档哈希值{archive}；原审计日志{entries}条，哈希值{log}。",
        "Imported from another installation: archive {archive}, its audit log of {entries} events {log}.",
        archive=ID,
        log=ID,
        entries=NUMBER,
    ),
    "consent.given": _event("同意{purpose}。", "Consented to {purpose}.", purpose=PURPOSE),
    "consent.withdrawn": _event("撤回同意：{purpose}。", "Withdrew the consent to {purpose}.", purpose=PURPOSE),
    "settings.changed": _event(
        "把设置“{setting}”改为“{value}”。", "Set “{setting}” to “{value}”.", setting=SETTING, value=TEXT
    ),
    "settings.switched": _event(
        "把“{setting}”设为{state}。", "Switched {setting} {state}.", setting=SWITCH, state=STATE
    ),
    "settings.domains_changed": _event(
        "把可邀请的邮箱域名改为{domains}。", "Limited invitations to the domains {domains}.", domains=TEXT
    ),
    "settings.opened_past_provider": _event(
        "负责人未经统一登录进入了设置。", "An owner opened the settings past the identity provider."
    ),
    "provider.saved": _event(
        "设置了统一登录{issuer}，域名{domains}，首次可进入者：{arrivals}，默认角色{role}。",
        "Set the identity provider {issuer} for {domains}; first-time access for {arrivals}, as {role}.",
        issuer=TEXT,
        domains=TEXT,
        arrivals=ARRIVALS,
        role=ROLE,
    ),
    "provider.secret_changed": _event(
        "更换了统一登录{issuer}的密钥。", "Changed the client secret of {issuer}.", issuer=TEXT
    ),
    "provider.removed": _event("移除了统一登录{issuer}。", "Removed the identity provider {issuer}.", issuer=TEXT),
    "provider.connected": _event(
        "{name}的账户与统一登录关联。", "Connected the account of {name} to the provider.", user_id=ID, name=PERSONAL
    ),
    "staff.opened": _event(
        "平台运营人员查看了本企业，原因：{reason}。",
        "The operator's staff opened the enterprise: {reason}.",
        reason=TEXT,
    ),
    "tenant.suspended": _event(
        "平台运营方暂停了修改，原因：{reason}。", "The operator suspended changes: {reason}.", reason=TEXT
    ),
    "tenant.resumed": _event("平台运营方恢复了修改。", "The operator lifted the suspension."),
    "job.cancelled": _event(
        "平台运营方停止了任务，原因：{reason}。", "The operator stopped a job: {reason}.", reason=TEXT
    ),
    "operation.set_up": _event("完成了初始设置。", "Finished the set-up."),
    "operation.site_changed": _event("修改了站点信息。", "Changed the particulars of the site."),
    "operation.founded": _event("建立了租户“{tenant}”。", "Founded the tenant “{tenant}”.", whose_id=ID, tenant=TEXT),
    "operation.jurisdiction_set": _event(
        "登记了租户“{tenant}”的管辖范围：{place}。",
        "Recorded the jurisdiction of the tenant “{tenant}”: {place}.",
        whose_id=ID,
        tenant=TEXT,
        place=TEXT,
    ),
    "operation.suspended": _event(
        "暂停了租户“{tenant}”，原因：{reason}。",
        "Suspended the tenant “{tenant}”: {reason}.",
        whose_id=ID,
        tenant=TEXT,
        reason=TEXT,
    ),
    "operation.resumed": _event("恢复了租户“{tenant}”。", "Resumed the tenant “{tenant}”.", whose_id=ID, tenant=TEXT),
    "operation.opened": _event(
        "打开了租户“{tenant}”，原因：{reason}。",
        "Opened the tenant “{tenant}”: {reason}.",
        whose_id=ID,
        tenant=TEXT,
        reason=TEXT,
    ),
    "operation.job_retried": _event("让任务{job_id}重新执行。", "Had the job {job_id} done again.", job_id=ID),
    "operation.job_cancelled": _event(
        "停止了任务{job_id}，原因：{reason}。", "Stopped the job {job_id}: {reason}.", job_id=ID, reason=TEXT
    ),
    "operation.key_rotated": _event(
        "更换了{purpose}的签名密钥，新密钥为{key}。",
        "Put the new signing key {key} in force for: {purpose}.",
        key=ID,
        purpose=SIGNS,
    ),
    "operation.key_revoked": _event(
        "吊销了签名密钥{key}（{purpose}）。", "Revoked the signing key {key} of: {purpose}.", key=ID, purpose=SIGNS
    ),
    "operation.letter_retried": _event(
        "重新发送了信件{message_id}。", "Sent the message {message_id} again.", message_id=ID
    ),
    "portfolio.invited": _event(
        "给{enterprises}家企业发了邀请授权的信。",
        "Wrote to {enterprises} enterprises asking for access.",
        enterprises=NUMBER,
    ),
    "portfolio.reminded": _event(
        "{consultancy}给负责人和编辑发了提醒。",
        "{consultancy} wrote a reminder to the owner and the editors.",
        consultancy=TEXT,
    ),
    "portfolio.note_shared": _event("{consultancy}留了一条备注。", "{consultancy} left a note.", consultancy=TEXT),
    "portfolio.note_withdrawn": _event(
        "{consultancy}撤回了一条备注。", "{consultancy} withdrew a note.", consultancy=TEXT
    ),
    "portfolio.branded": _event("修改了文件上的名称和标识。", "Changed the name and logo on documents."),
    "regulator.profile_set": _event(
        "平台运营方登记了管辖范围：{place}。", "The operator recorded the jurisdiction {place}.", place=TEXT
    ),
    "regulator.park_added": _event("添加了园区“{park}”。", "Added the park “{park}”.", park=TEXT),
    "regulator.park_removed": _event("移除了园区“{park}”。", "Removed the park “{park}”.", park=TEXT),
    "campaign.created": _event(
        "新建了整体性评估“{title}”。", "Planned the campaign “{title}”.", campaign_id=ID, title=TEXT
    ),
    "campaign.changed": _event(
        "修改了整体性评估“{title}”。", "Changed the campaign “{title}”.", campaign_id=ID, title=TEXT
    ),
    "campaign.dropped": _event(
        "删除了整体性评估“{title}”的草稿。", "Deleted the draft of the campaign “{title}”.", campaign_id=ID, title=TEXT
    ),
    "campaign.list_taken": _event(
        "“{title}”的邀请名单：新增{added}家，修改{changed}家。",
        "Took in the list of “{title}”: {added} added, {changed} changed.",
        campaign_id=ID,
        title=TEXT,
        added=NUMBER,
        changed=NUMBER,
    ),
    "campaign.invitee_removed": _event(
        "把信用代码{uscc}移出“{title}”的邀请名单。",
        "Took {uscc} off the list of “{title}”.",
        campaign_id=ID,
        title=TEXT,
        uscc=TEXT,
    ),
    "campaign.quota_set": _event(
        "修改了“{title}”的目标。", "Changed a quota of “{title}”.", campaign_id=ID, title=TEXT
    ),
    "campaign.opened": _event(
        "启动了整体性评估“{title}”，至{until}止。",
        "Opened the campaign “{title}” until {until}.",
        campaign_id=ID,
        title=TEXT,
        until=DAY,
    ),
    "campaign.extended": _event(
        "把“{title}”延期至{until}，原因：{reason}。",
        "Extended “{title}” to {until}: {reason}.",
        campaign_id=ID,
        title=TEXT,
        until=DAY,
        reason=TEXT,
    ),
    "campaign.reminded": _event(
        "提醒了“{title}”中尚未提交的{enterprises}家企业。",
        "Reminded {enterprises} enterprises of “{title}”.",
        campaign_id=ID,
        title=TEXT,
        enterprises=NUMBER,
    ),
    "campaign.ended": _event(
        "提前结束了整体性评估“{title}”。", "Ended the campaign “{title}”.", campaign_id=ID, title=TEXT
    ),
    "campaign.closed": _event(
        "整体性评估“{title}”已截止。", "The campaign “{title}” is closed.", campaign_id=ID, title=TEXT
    ),
    "campaign.called": _event(
        "{regulator}邀请本企业参加“{title}”，可看到本企业是否开始和提交。",
        "{regulator} invited the enterprise to “{title}” and sees whether it started and submitted.",
        regulator=TEXT,
        title=TEXT,
    ),
    "yearly.started": _event(
        "开始编写年度报告《{title}》。", "Began the yearly report “{title}”.", report_id=ID, title=TEXT
    ),
    "yearly.saved": _event(
        "保存了年度报告《{title}》第{version}版。",
        "Saved version {version} of the yearly report “{title}”.",
        report_id=ID,
        title=TEXT,
        version=NUMBER,
    ),
    "yearly.approved": _event(
        "批准了年度报告《{title}》第{version}版。",
        "Approved version {version} of the yearly report “{title}”.",
        report_id=ID,
        title=TEXT,
        version=NUMBER,
    ),
    "yearly.sent_back": _event(
        "撤回了对年度报告《{title}》的批准。",
        "Took the approval of the yearly report “{title}” back.",
        report_id=ID,
        title=TEXT,
    ),
    "yearly.published": _event(
        "发布了年度报告《{title}》，编号 {number}，校验值 {sha256}。",
        "Published the yearly report “{title}” as {number}, SHA-256 {sha256}.",
        report_id=ID,
        title=TEXT,
        number=TEXT,
        sha256=TEXT,
    ),
    "yearly.correction_started": _event(
        "开始更正年度报告《{title}》。",
        "Began a correction of the yearly report “{title}”.",
        report_id=ID,
        title=TEXT,
    ),
    "plan.saved": _event(
        "保存了{client}提升方案第{version}版。",
        "Saved version {version} of the improvement plan of {client}.",
        client=TEXT,
        version=NUMBER,
    ),
    "prioritisation.table_supplied": _event("提供了表格：{table}。", "Supplied a table: {table}.", table=SUPPLIED),
    "prioritisation.table_removed": _event("删除了表格：{table}。", "Removed a table: {table}.", table=SUPPLIED),
    "index.model_begun": _event(
        "新建了区域指数模型“{title}”第{version}版草稿。",
        "Began version {version} of the index model “{title}”.",
        model_id=ID,
        title=TYPED,
        version=NUMBER,
    ),
    "index.draft_removed": _event(
        "删除了区域指数模型“{title}”第{version}版草稿。",
        "Deleted the draft of version {version} of the index model “{title}”.",
        model_id=ID,
        title=TYPED,
        version=NUMBER,
    ),
    "index.model_in_force": _event(
        "区域指数模型“{title}”第{version}版生效。",
        "Put version {version} of the index model “{title}” in force.",
        model_id=ID,
        title=TYPED,
        version=NUMBER,
    ),
    "index.values_entered": _event(
        "为“{title}”录入{saved}个数据，删除{removed}个。",
        "Entered {saved} figures for “{title}” and removed {removed}.",
        title=TYPED,
        saved=NUMBER,
        removed=NUMBER,
    ),
    "index.released_taken": _event(
        "为“{title}”取用{period}年发布数据{taken}个，其中不予发布{withheld}个。",
        "Took {taken} released figures of {period} for “{title}”; {withheld} are withheld.",
        title=TYPED,
        period=NUMBER,
        taken=NUMBER,
        withheld=NUMBER,
    ),
    "index.frozen": _event(
        "固化了“{title}”{year}年指数。",
        "Froze the index of {year} under “{title}”.",
        result_id=ID,
        title=TYPED,
        year=NUMBER,
    ),
    "release.asked": _event(
        "要求计算{framework} {period}年基准发布（编号{release_id}）。",
        "Asked for a release of {framework} {period} to be computed, number {release_id}.",
        release_id=ID,
        framework=TEXT,
        period=NUMBER,
    ),
    "release.computed": _event(
        "基准发布{release_id}计算完成，可发布单元{cells}个。",
        "Computed release {release_id}: {cells} cells can be published.",
        release_id=ID,
        cells=NUMBER,
    ),
    "release.signed": _event(
        "签署了{period}年基准发布{release_id}。",
        "Signed release {release_id} of {period}.",
        release_id=ID,
        period=NUMBER,
    ),
    "release.returned": _event(
        "退回了{period}年基准发布{release_id}，原因：{reason}。",
        "Sent release {release_id} of {period} back: {reason}.",
        release_id=ID,
        period=NUMBER,
        reason=TYPED,
    ),
    "release.withdrawn": _event(
        "撤回了{period}年基准发布{release_id}，原因：{reason}。",
        "Withdrew release {release_id} of {period}: {reason}.",
        release_id=ID,
        period=NUMBER,
        reason=TYPED,
    ),
    "release.published": _event(
        "两人签署后，{period}年基准发布{release_id}正式发布。",
        "Published release {release_id} of {period} with the second signature.",
        release_id=ID,
        period=NUMBER,
    ),
    "objection.raised": _event("对基准发布提出了异议。", "Objected to a release of benchmarks.", objection_id=ID),
    "objection.withdrawn": _event(
        "撤回了对基准发布的异议。", "Took an objection to a release of benchmarks back.", objection_id=ID
    ),
    "objection.answered": _event(
        "答复了对基准发布的异议：{finding}。",
        "Answered an objection to a release of benchmarks: {finding}.",
        objection_id=ID,
        finding=FINDING,
    ),
    "objection.corrected": _event(
        "注明了更正异议的发布（{release}）。",
        "Named the release ({release}) that corrects what was objected to.",
        objection_id=ID,
        release=NUMBER,
    ),
    "prioritisation.saved": _event(
        "按{horizon}视角排了改进顺序。",
        "Put the areas in order of priority, horizon: {horizon}.",
        assessment_id=ID,
        horizon=HORIZON,
    ),
    "billing.checkout_begun": _event(
        "发起在线订阅：{plan}，{interval}，{seats} 席。",
        "Began to buy {plan}, {interval}, for {seats} seats.",
        checkout_id=ID,
        plan=TEXT,
        interval=INTERVAL,
        seats=NUMBER,
    ),
    "billing.payment_begun": _event(
        "发起订单的在线付款。", "Began to pay an order online.", checkout_id=ID, order_id=ID
    ),
    "billing.payment_given_up": _event("放弃了未完成的在线付款。", "Gave up a payment that was begun.", checkout_id=ID),
    "billing.change_asked": _event(
        "变更订阅：{plan}，{interval}，{seats} 席。",
        "Changed the subscription to {plan}, {interval}, {seats} seats.",
        plan=TEXT,
        interval=INTERVAL,
        seats=NUMBER,
    ),
    "billing.end_asked": _event("取消订阅，到期后终止。", "Cancelled the subscription at the end of its period."),
    "billing.going_on_asked": _event("恢复了已取消的订阅。", "Let the cancelled subscription go on."),
    "billing.plan_assigned": _event(
        "平台运营方分配了套餐 {plan}，原因：{reason}。",
        "The operator gave the plan {plan}. Reason: {reason}.",
        plan=TEXT,
        reason=TEXT,
    ),
    "billing.order_placed": _event("下了订单 {number}。", "Placed order {number}.", number=TEXT),
    "billing.order_paid": _event("订单 {number} 已付款。", "Order {number} is paid.", number=TEXT),
    "billing.finding_settled": _event(
        "处理了关于 {object} 的对账发现：{note}。",
        "Settled the payment finding about {object}: {note}.",
        object=TEXT,
        note=TYPED,
    ),
    "billing.order_cancelled": _event("取消了订单 {number}。", "Gave up order {number}.", number=TEXT),
    "account.signed_in": _event("登录，网络地址{ip}。", "Signed in from {ip}.", ip=PERSONAL),
    "account.second_factor_added": _event(
        "添加了两步验证：{factor}。", "Added a second factor: {factor}.", factor=FACTOR
    ),
    "account.provider_connected": _event(
        "账户与统一登录{issuer}关联。", "Connected the account to {issuer}.", issuer=TEXT
    ),
    "account.password_changed": _event("修改了密码。", "Changed the password."),
    "account.exported": _event("下载了本人的数据。", "Took their own data away."),
    "account.consent_given": _event("同意{purpose}。", "Consented to {purpose}.", purpose=PURPOSE),
    "account.consent_withdrawn": _event("撤回同意：{purpose}。", "Withdrew the consent to {purpose}.", purpose=PURPOSE),
    "account.deletion_requested": _event(
        "申请注销账户，{due}执行。", "Asked for deletion of the account, due on {due}.", due=DAY
    ),
    "account.deletion_cancelled": _event("取消了注销申请。", "Cancelled the deletion of the account."),
    "account.deletion_done": _event("账户已注销。", "The account is deleted."),
}
#: The first word of an event's name, in the order in which the reader offers them.
GROUPS: Mapping[str, Text] = {
    "enterprise": Text("企业信息", "Particulars"),
    "assessment": Text("评估", "Assessments"),
    "answers": Text("沿用的答案", "Answers put forward"),
    "workbook": Text("Excel 填报", "Workbooks"),
    "bulk": Text("批量填报", "Uploads for many"),
    "report": Text("报告和问卷", "Documents"),
    "section": Text("分工", "Assignments"),
    "comment": Text("意见", "Comments"),
    "sign_off": Text("签核", "Sign-off"),
    "evidence": Text("证明材料", "Evidence"),
    "member": Text("成员", "Members"),
    "invitation": Text("邀请", "Invitations"),
    "grant": Text("顾问授权", "Grants to consultants"),
    "group": Text("集团", "Group"),
    "claim": Text("企业认领", "Claim of the enterprise"),
    "export": Text("数据导出", "Exports"),
    "import": Text("数据导入", "Imports"),
    "deletion": Text("数据删除", "Deletion"),
    "consent": Text("同意事项", "Consents"),
    "settings": Text("设置", "Settings"),
    "provider": Text("统一登录", "Identity provider"),
    "staff": Text("平台运营", "The operator's staff"),
    "tenant": Text("暂停和恢复", "Suspension"),
    "job": Text("后台任务", "Jobs"),
    "operation": Text("平台运维", "Operation of the installation"),
    "portfolio": Text("顾问工作", "Work of consultants"),
    "regulator": Text("主管部门", "Regulator"),
    "campaign": Text("整体性评估", "Campaigns"),
    "plan": Text("提升方案", "Improvement plans"),
    "prioritisation": Text("改进优先级", "Priorities"),
    "objection": Text("对标异议", "Objections to benchmarks"),
    "index": Text("区域指数", "Regional index"),
    "release": Text("基准发布", "Releases of benchmarks"),
    "yearly": Text("年度报告", "Yearly reports"),
    "case": Text("认证案件", "Certification cases"),
    "certificate": Text("证书", "Certificates"),
    "appeal": Text("申诉", "Appeals"),
    "complaint": Text("投诉", "Complaints"),
    "recognition": Text("认证机构认可", "Recognition of certification bodies"),
    "reviewer": Text("评审员", "Reviewers"),
    "review": Text("评审", "Reviews"),
    "spot_check": Text("抽查", "Re-checks"),
    "billing": Text("套餐与付款", "Plan and payments"),
    "account": Text("账户", "Account"),
}
ERASED = Text("（已删除）", "(erased)")


def group_of(event: str) -> str:
    """
    >>> group_of("member.joined")
    'member'
    """
    return event.partition(".")[0]


def belongs_to_account(event: str) -> bool:
    return group_of(event) == "account"


def check(event: str, details: Details) -> dict[str, str | int | Personal]:
    """The details in the form in which they are stored; `UnknownEvent` for anything outside the vocabulary.

    >>> check("deletion.requested", {"due": date(2026, 12, 24)})
    {'due': '2026-12-24'}
    >>> check("report.requested", {"assessment_id": "7", "document": "poem", "locale": "en"})
    Traceback (most recent call last):
    maturity.audit.vocabulary.UnknownEvent: report.requested: document cannot be 'poem'
    """
    kind = EVENTS.get(event)
    if kind is None or kind.fields.keys() != details.keys():
        raise UnknownEvent(f"{event} {sorted(details)}")
    return {name: _stored(event, name, kind.fields[name], value) for name, value in details.items()}


def _stored(event: str, name: str, field: Field, value: Any) -> str | int | Personal:
    if not _fits(field, value):
        # What is personal must not reach a log of errors.
        shown = type(value).__name__ if field.kind is Kind.PERSONAL else repr(value)
        raise UnknownEvent(f"{event}: {name} cannot be {shown}")
    return value.isoformat() if isinstance(value, date) else value


def _fits(field: Field, value: Any) -> bool:
    match field.kind:
        case Kind.NUMBER:
            return type(value) is int and abs(value) < 2**53  # what canonical JSON holds exactly
        case Kind.DAY:
            return type(value) is date
        case Kind.PERSONAL:
            return isinstance(value, Personal) and len(value.text) <= LONGEST_TEXT
        case Kind.CODE:
            return isinstance(value, str) and value in (field.words or {})
        case Kind.ID:
            return isinstance(value, str) and _ID.fullmatch(value) is not None
        case Kind.TEXT | Kind.TYPED:
            return isinstance(value, str) and len(value) <= LONGEST_TEXT


def tell(event: str, details: Mapping[str, Any], locale: str) -> str:
    """The event as a sentence; `details` as stored, with what is personal made readable, or None where it is erased.

    >>> tell("member.invited", {"invitation_id": "1", "email": None, "role": "editor"}, "en")
    'Invited (erased) as editor.'
    """
    kind = EVENTS.get(event)
    if kind is None:
        return event
    words = {name: _said(field, details.get(name), locale) for name, field in kind.fields.items()}
    return kind.sentence.to(locale).format_map(words)


def _said(field: Field, value: Any, locale: str) -> str:
    if value is None:
        return ERASED.to(locale)
    known = (field.words or {}).get(value)
    return known.to(locale) if known else str(value)


def outline(event: str, locale: str) -> str:
    """The sentence with dots for the details, to choose an event by.

    >>> outline("member.invited", "en")
    'Invited … as …'
    """
    parts = string.Formatter().parse(EVENTS[event].sentence.to(locale))
    text = "".join(before + ("…" if name else "") for before, name, *_rest in parts)
    return text.rstrip("。.")
