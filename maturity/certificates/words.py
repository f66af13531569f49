"""The words printed on a certificate. They stand in both languages on the same sheet, and so in no catalogue: what an
issued certificate says must not hang on a translation that is missing or changed."""

from __future__ import annotations

from collections.abc import Mapping

from maturity.questionnaires.model import Text

CERTIFICATE: Mapping[str, Text] = {
    "title": Text("评估证书", "Certificate of Assessment"),
    "certify": Text("兹证明", "This is to certify that"),
    "reached": Text("在下述范围内经评审达到", "was assessed and reviewed within the scope below and reached"),
    "uscc": Text("统一社会信用代码", "Unified social credit code"),
    "number": Text("证书编号", "Certificate No."),
    "scope": Text("范围", "Scope"),
    "in_full": Text("……（全文见附件）", "… (in full in the annex)"),
    "edition": Text("评估模型版本", "Edition of the framework"),
    "period": Text("报告期", "Reporting year"),
    "score": Text("水平与能力得分", "Capability score"),
    "weight": Text("权重中已审核 / 企业自评", "Share of weight reviewed / self-declared"),
    "issued_on": Text("发证日期", "Issued on"),
    "valid_until": Text("有效期至", "Valid until"),
    "first_issued_on": Text("初次发证日期", "First issued on"),
    "body": Text("认证机构", "Certification body"),
    "approval": Text("批准号", "Approval No."),
    "signed": Text("本证书以电子签名及可信时间戳签发", "Issued with an electronic signature and a trusted time stamp"),
    "verify": Text("扫码查验证书状态", "Scan to verify"),
    "demonstration": Text("演示样本", "Demonstration"),
    "invalid": Text("演示样本：企业为虚构，本证书不具任何效力", "Demonstration of a made-up enterprise; of no effect"),
    "surveillance": Text(
        "证书有效性以扫码查验结果为准，并须按期通过监督审核。",
        "Whether the certificate stands is told by verification; it is kept by passing surveillance in time.",
    ),
}
ANNEX: Mapping[str, Text] = {
    "title": Text("证书附件", "Annex to the certificate"),
    "scores": Text("得分与门槛", "Scores and gates"),
    "dimension": Text("维度", "Dimension"),
    "score": Text("得分", "Score"),
    "reviewed": Text("已审核", "Reviewed"),
    "declared": Text("自评", "Declared"),
    "capability": Text("水平与能力", "Capability"),
    "outcome": Text("效能与效益", "Outcomes"),
    "gate": Text("等级门槛", "Gate"),
    "level": Text("等级", "Level"),
    "threshold": Text("门槛值", "Threshold"),
    "actual": Text("实际值", "Reached"),
    "met": Text("满足", "met"),
    "missed": Text("未满足", "not met"),
    "highest": Text(
        "有题目未作答，等级不受其影响；得分为确定部分，至多为",
        "Some questions were left open, which cannot change the level; the score is what is certain, at most",
    ),
    "review": Text("评审情况", "What was reviewed"),
    "sampled": Text("抽样核实的答案", "Answers in the sample"),
    "confirmed": Text("属实", "Confirmed"),
    "corrected": Text("更正", "Corrected"),
    "not_evidenced": Text("无证据", "Not evidenced"),
    "major": Text("严重不符合", "Major findings"),
    "minor": Text("一般不符合", "Minor findings"),
    "observation": Text("观察项", "Observations"),
    "how_sampled": Text(
        "样本按对等级的影响、可疑程度和随机三部分抽取，规则版本与种子如下，任何人可据此重新抽取。更正后的答案按更正计分，"
        "无证据的答案只计没有它也确定的部分；严重和一般不符合在发证前均已关闭。",
        "The sample was drawn by weight on the level, by implausibility and by lot, under the rules and the seed "
        "below, from which anybody can draw it again. A corrected answer counts as corrected; of one that is not "
        "evidenced only what is certain without it counts. Major and minor findings were closed before the certificate "
        "was issued.",
    ),
    "rules": Text("抽样规则", "Rules"),
    "seed": Text("随机种子", "Seed"),
    "behind": Text("谁对哪一部分负责", "Who stands behind which part"),
    "part": Text("内容", "Part"),
    "who": Text("责任方", "Who"),
    "all_answers": Text("全部答案的真实性", "That all answers are true"),
    "all_answers_who": Text("企业，由其签署人声明", "the enterprise, declared by its signatory"),
    "reviewed_answers": Text("样本内的答案", "The answers in the sample"),
    "decision": Text("发证决定", "The decision to certify"),
    "decision_who": Text("认证机构，由未参与评审的人员作出", "the certification body, by somebody who did not review"),
    "computation": Text("得分与等级的计算", "That score and level follow from the answers"),
    "computation_who": Text(
        "本平台，按所列版本，可复算", "this platform, by the edition named; it can be computed again"
    ),
    "document": Text("本文件未被改动，签发时间属实", "That this file is unchanged and was issued at its time"),
    "document_who": Text("本平台的电子签名、时间戳与公开日志", "signature, time stamp and public log of this platform"),
    "risk": Text("证明材料到期", "Evidence that runs out"),
    "risk_level": Text("存在风险", "at risk"),
    "from": Text("自", "from"),
    "until": Text("有效期至", "Valid until"),
    "answers": Text("答案数", "Answers"),
    "counts_in": Text("涉及维度", "Counts in"),
    "level_after": Text("失去后确定的等级", "Level that is certain without it"),
    "no_risk": Text(
        "企业未登记会在证书有效期内到期的证明材料。",
        "The enterprise named no evidence that runs out while the certificate is valid.",
    ),
    "level_lasts": Text(
        "即使以上材料全部到期，等级仍然确定。", "The level stays certain even when all of this has run out."
    ),
    "risk_meaning": Text(
        "到期后未更新的材料，其答案在监督审核时须重新证明；此处为提示，不影响证书当前效力。",
        "What has run out and is not renewed is to be proved again at surveillance. This is a notice and does not "
        "change how the certificate stands.",
    ),
    "traces": Text("数据指纹与公开日志", "Hashes and public log"),
    "payload_sha256": Text("证书内容", "Content of this certificate"),
    "reviewed_sha256": Text("评审后结果", "Reviewed result"),
    "submission_sha256": Text("企业提交的结果", "Result as submitted"),
    "edition_sha256": Text("评估模型版本", "Edition of the framework"),
    "leaf": Text("日志条目", "Log entry"),
    "head": Text("日志头", "Log head"),
    "size": Text("条目数", "size"),
    "attachments": Text("本文件内的附件", "Attached to this file"),
    "certificate.json": Text(
        "证书内容，平台签名的规范 JSON", "what the certificate says, canonical JSON with a signature"
    ),
    "log-proof.json": Text("已记入公开日志的证明", "the proof that the issue was logged"),
    "credential.jwt": Text(
        "可验证凭证（Open Badge 3.0）", "the certificate as a verifiable credential (Open Badge 3.0)"
    ),
    "verify": Text("如何查验", "How to verify"),
    "verify_scan": Text(
        "扫描首页二维码，或打开以下网址并输入证书编号：", "Scan the code on the first page, or enter the number at"
    ),
    "verify_file": Text(
        "上传本 PDF 文件，页面将指出任何改动；文件不会被保存。",
        "Upload this PDF there: the page tells every change. The file is not kept.",
    ),
    "verify_reader": Text(
        "PDF 阅读器的签名面板会显示电子签名；若提示签发机构未知，请先导入平台公布的根证书。",
        "The signature panel of a PDF reader shows the signature. Where it does not know the authority, import the "
        "root certificate that the platform publishes.",
    ),
    "verify_offline": Text(
        "无需联网：用平台公布的公钥和离线查验页面，核对签名、附件和日志证明。",
        "Without our site: check signature, attachments and log proof with the published keys and the offline "
        "verifier.",
    ),
    "printed": Text("打印件不含签名，仅供展示。", "A printed copy carries no signature and is for display only."),
}
