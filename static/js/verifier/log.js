/* The transparency log: signed heads, proofs of inclusion and consistency, and a whole log that somebody kept. */

import { certificateOfPem } from "./certificates.js";
import { fromBase64Url, fromHex, fromPem, hex, sha256 } from "./der.js";
import { bytesOf, canonical, isConsistent, leafHash, rootByInclusion, rootOf } from "./tree.js";

export const HEAD = "maturity-log-head/1";
export const PROOF = "maturity-log-proof/1";
export const CONSISTENCY = "maturity-log-consistency/1";
export const ENTRIES = "maturity-log/1";
export const OF_CERTIFICATE = "maturity-log-certificate/1";

/* The published keys: those of tokens and heads by id, and the certificates that may vouch for signatures in files, each
   for its purpose alone. Authorities that are not ours stamp anybody's files. */
export function keysOf(published) {
  const all = published.keys ?? [];
  return {
    byId: new Map(all.map((key) => [key.key_id, key])),
    anchors: all.filter((key) => key.certificate && !key.revoked_at && (key.purpose === "root" || key.source !== "embedded")).map(anchorOfKey),
    revoked: all.filter((key) => key.certificate && key.revoked_at).map((key) => certificateOfPem(key.certificate)),
  };
}

const anchorOfKey = (key) => ({ purpose: key.purpose, isOurs: key.source === "embedded", certificate: certificateOfPem(key.certificate) });

/* Whether the key of this id and purpose signed the bytes (Ed25519). */
export async function isSignedBy(keys, id, purpose, signature, data) {
  const found = keys.byId.get(id);
  if (found === undefined || found.purpose !== purpose || found.revoked_at) return false;
  const key = await crypto.subtle.importKey("spki", fromPem(found.public_key), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, signature, data);
}

export async function isHeadSigned(head, keys) {
  if (head?.format !== HEAD) return false;
  const { signature, ...said } = head;
  return isSignedBy(keys, head.key_id, "log", fromHex(signature), bytesOf(canonical(said)));
}

export const entryHash = (entry) => leafHash(bytesOf(canonical(entry)));

/* Whether an entry is in the log of the head that stands beside it. */
export async function isIncluded(proof, keys) {
  if (proof?.format !== PROOF || !await isHeadSigned(proof.head, keys)) return false;
  const root = await rootByInclusion(proof.leaf, proof.head.size, await entryHash(proof.entry), proof.inclusion);
  return root !== null && hex(root) === proof.head.root;
}

/* Whether the newer of two signed heads continues the older one. */
export async function continues(document, keys) {
  const { old, new: later, consistency } = document;
  if (!await isHeadSigned(old, keys) || !await isHeadSigned(later, keys)) return false;
  return isConsistent(old.size, old.root, later.size, later.root, consistency);
}

/* What a compact JWS of ours says, with the bytes that are signed; null where no key of ours signed it (RFC 7515). */
export async function readSigned(token, keys) {
  const [head, payload, signature, ...more] = String(token).split(".");
  if (signature === undefined || more.length) return null;
  const { alg, kid } = JSON.parse(new TextDecoder().decode(fromBase64Url(head)));
  const id = String(kid).split("#").at(-1);
  if (alg !== "EdDSA" || !await isSignedBy(keys, id, "credential", fromBase64Url(signature), bytesOf(`${head}.${payload}`))) return null;
  const signed = fromBase64Url(payload);
  return { said: JSON.parse(new TextDecoder().decode(signed)), sha256: hex(await sha256(signed)) };
}

/* What is wrong with a whole log: codes, in the order in which they are found. */
export async function faultsOf(log, keys) {
  const found = log.from === 0 ? [] : ["cut"];
  const hashes = await Promise.all(log.entries.map(entryHash));
  const times = log.entries.map((entry) => entry.at);
  if (times.some((time, i) => i > 0 && time < times[i - 1])) found.push("dated_back");
  const head = log.head;
  if (!await isHeadSigned(head, keys)) found.push("head");
  else if (head.size !== hashes.length || hex(await rootOf(hashes)) !== head.root) found.push("root");
  return found;
}

export const keyOf = async (number) => hex(await sha256(bytesOf(number)));

/* What a whole log says of a certificate, as the site gives it out for one: each entry with its leaf. */
export async function leavesOf(log, number) {
  const key = await keyOf(number);
  return log.entries.map((entry, leaf) => ({ entry, leaf })).filter(({ entry }) => entry.certificate === key);
}

/* Whether every leaf of a certificate's document is about it, in the log of its head, and in the order of the log. */
export async function areIncluded(document, keys) {
  const { head, leaves, certificate } = document;
  if (leaves.some(({ leaf, entry }, i) => entry.certificate !== certificate || (i > 0 && leaf <= leaves[i - 1].leaf))) return false;
  const proven = await Promise.all(leaves.map((one) => isIncluded({ ...one, format: PROOF, head }, keys)));
  return leaves.length > 0 && proven.every(Boolean);
}
