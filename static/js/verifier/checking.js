/* One certificate, checked from its bytes: a list of findings, each good or not, and the outcome they come to. */

import { anchorOf, checkSigned, checkStamp, parseSigned, stampOf } from "./cms.js";
import { hex, same, sha256 } from "./der.js";
import {
  CONSISTENCY, ENTRIES, OF_CERTIFICATE, PROOF, areIncluded, continues, faultsOf, isIncluded, keyOf, keysOf, leavesOf, readSigned,
} from "./log.js";
import { embeddedIn, latin, signaturesIn } from "./pdf.js";
import { canonical } from "./tree.js";

/* `outcome` is genuine, altered, foreign, contradicted, unsettled, unsigned or no_pdf; `findings` are [code, is good,
   details]. Unsettled: somebody who stamps everybody's files vouches for the end of the file, and the log could tell. */
export async function check(bytes, published, kept) {
  if (!latin(bytes.subarray(0, 1024)).includes("%PDF-")) return { outcome: "no_pdf", findings: [] };
  const keys = keysOf(published);
  const signed = await signatures(bytes, keys);
  if (signed.outcome !== "genuine") return signed;
  const said = await contents(bytes.subarray(0, signed.end), keys);
  const logged = kept === null ? { findings: [] } : await against(kept, keys, bytes, said);
  const findings = [...signed.findings, ...said.findings, ...logged.findings];
  const isSettled = signed.isOurs || logged.isFile === true;
  const outcome = !findings.every(([, isGood]) => isGood) ? "contradicted" : isSettled ? "genuine" : "unsettled";
  if (!isSettled) findings.push(["outside_stamp", false]);
  return { outcome, findings, payload: said.payload, at: signed.at, head: said.proof?.head, standing: logged.standing, asOf: logged.asOf };
}

async function signatures(bytes, keys) {
  const found = signaturesIn(bytes);
  if (found.length === 0) return { outcome: "unsigned", findings: [["no_signature", false]] };
  const [first] = found;
  const parsed = parseSigned(first.der);
  const { certificate, isIntact } = await checkSigned(parsed, first.covered);
  if (!isIntact) return { outcome: "altered", findings: [["broken", false, { end: first.end }]] };
  const token = stampOf(parsed);
  const stamp = token && await checkStamp(token, parsed.signer.signature);
  if (!stamp || !await anchorOf(stamp.certificate, keys.anchors, stamp.at, "timestamp")) return { outcome: "foreign", findings: [["no_stamp", false]] };
  if ([certificate, stamp.certificate].some((one) => isRevoked(one, keys))) return { outcome: "foreign", findings: [["revoked", false]] };
  if (!await anchorOf(certificate, keys.anchors, stamp.at, "document")) return { outcome: "foreign", findings: [["foreign", false, { name: certificate.name }]] };
  const findings = [["signed", true, { name: certificate.name }], ["stamped", true, { at: stamp.at }]];
  const { sure, isOurs } = await coverage(found.slice(1), keys, first.end);
  if (sure !== bytes.length) return { outcome: "altered", findings: [...findings, ["added", false, { from: sure, bytes: bytes.length - sure }]] };
  return { outcome: "genuine", findings: [...findings, ["covered", true, { bytes: bytes.length }]], at: stamp.at, end: first.end, isOurs };
}

const isRevoked = (certificate, keys) => keys.revoked.some((one) => same(one.der, certificate.der));

/* Up to which byte somebody vouches for the file, and whether that is us. What follows the signature are proofs for later
   years, and a time stamp over all that stands before it. Our authority stamps our own files only. */
async function coverage(later, keys, end) {
  let [sure, isOurs] = [end, true];
  for (const one of later) {
    const stamp = await checkStamp(parseSigned(one.der), one.covered);
    const anchor = stamp && !isRevoked(stamp.certificate, keys) && await anchorOf(stamp.certificate, keys.anchors, stamp.at, "timestamp");
    if (!anchor) break;
    sure = one.end;
    isOurs &&= anchor.isOurs;
  }
  return { sure, isOurs };
}

async function contents(signed, keys) {
  const files = await embeddedIn(signed);
  const shown = files.find((file) => typeof file.jws === "string");
  const proof = files.find((file) => file.format === PROOF);
  const token = shown === undefined ? null : await readSigned(shown.jws, keys).catch(() => null);
  const isSame = token !== null && (shown.payload === undefined || canonical(shown.payload) === canonical(token.said));
  const isKept = proof !== undefined && await isIncluded(proof, keys).catch(() => false);
  const findings = [["payload", isSame], ["included", isKept, proof && { leaf: proof.leaf, size: proof.head.size }]];
  if (isSame && isKept) {
    const { entry } = proof;
    const isThis = entry.event === "issued" && entry.signed_payload_sha256 === token.sha256 && entry.certificate === await keyOf(token.said.number);
    findings.push(["same_payload", isThis]);
  }
  return { payload: isSame ? token.said : null, proof, findings };
}

/* Against what somebody kept of the log: all of it, what it says of this certificate, or the proof that it only grew. */
async function against(kept, keys, bytes, said) {
  if (kept.format === CONSISTENCY) return grown(kept, keys, said);
  if (said.payload === null || ![ENTRIES, OF_CERTIFICATE].includes(kept.format)) return { findings: [["no_log", false]] };
  const [isSound, first] = kept.format === ENTRIES ? await wholeLog(kept, keys) : await partOfLog(kept, keys, said.payload.number);
  const leaves = kept.format === ENTRIES ? await leavesOf(kept, said.payload.number) : kept.leaves;
  const { proof } = said;
  const isThere = proof !== undefined && leaves.some(({ leaf, entry }) => leaf === proof.leaf && canonical(entry) === canonical(proof.entry));
  const digest = hex(await sha256(bytes));
  const isFile = leaves.some(({ entry }) => entry.kind === "file" && entry.pdf_sha256 === digest);
  const standing = leaves.map(({ entry }) => entry).filter((entry) => entry.kind === "status").at(-1);
  const findings = [first, ["same_leaf", isThere, { leaf: proof?.leaf }], ["same_file", isFile]];
  return { findings, standing: isSound ? standing : undefined, asOf: kept.head?.at, isFile: isSound && isFile };
}

async function grown(kept, keys, said) {
  const head = said.proof?.head;
  const isGrown = await continues(kept, keys).catch(() => false);
  const isOurs = head !== undefined && [kept.old, kept.new].some((one) => one.size === head.size && one.root === head.root);
  return { findings: [["grown", isGrown && isOurs, { old: kept.old?.size, size: kept.new?.size }]] };
}

async function wholeLog(kept, keys) {
  const faults = await faultsOf(kept, keys).catch(() => ["unreadable"]);
  return [faults.length === 0, ["whole_log", faults.length === 0, { size: kept.entries.length }]];
}

async function partOfLog(kept, keys, number) {
  const isSound = kept.certificate === await keyOf(number) && await areIncluded(kept, keys).catch(() => false);
  return [isSound, ["logged", isSound, { size: kept.head?.size, count: kept.leaves?.length }]];
}
