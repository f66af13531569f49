/* Signatures as PDF carries them: CMS (RFC 5652) with a time stamp (RFC 3161) among the unsigned attributes. */

import { STAMPS_TIME, digestName, isIssuedBy, isSigned, parseCertificate } from "./certificates.js";
import { Malformed, children, digest, inside, isTagged, joined, oid, read, same, time, whole } from "./der.js";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const STAMP = "1.2.840.113549.1.9.16.1.4";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const STAMP_TOKEN = "1.2.840.113549.1.9.16.2.14";

export function parseSigned(der) {
  const [type, content] = children(read(der));
  if (oid(type) !== SIGNED_DATA) throw new Malformed("not signed data");
  const parts = children(children(content)[0]);
  const [, , encapsulated] = parts;
  const certificates = parts.find((part) => isTagged(part, 0));
  const [contentType, inner] = children(encapsulated);
  return {
    contentType: oid(contentType),
    content: inner === undefined ? null : inside(children(inner)[0]),
    certificates: certificates === undefined ? [] : children(certificates).map((one) => parseCertificate(whole(one))),
    signer: parseSigner(children(parts.at(-1))[0]),
  };
}

function parseSigner(info) {
  const parts = children(info);
  const at = parts.findIndex((part) => isTagged(part, 0));
  if (at < 0) throw new Malformed("no signed attributes");
  const [algorithm, signature, unsigned] = parts.slice(at + 1);
  return {
    id: parts[1],
    digest: digestName(parts[at - 1]),
    // what is signed is the set itself, with its own tag in place of the implicit one (RFC 5652, 5.4)
    signed: joined(Uint8Array.of(0x31), whole(parts[at]).subarray(1)),
    attributes: attributesOf(parts[at]),
    algorithm,
    signature: inside(signature),
    unsigned: unsigned === undefined ? new Map() : attributesOf(unsigned),
  };
}

function attributesOf(set) {
  return new Map(children(set).map((attribute) => {
    const [type, values] = children(attribute);
    return [oid(type), children(values)[0]];
  }));
}

function signerOf(parsed) {
  const [issuer, serial] = children(parsed.signer.id);
  const found = parsed.certificates.find((one) => serial !== undefined && same(one.serial, inside(serial)) && same(one.issuer, whole(issuer)));
  if (found === undefined) throw new Malformed("the signer's certificate is not there");
  return found;
}

/* Whether the content is what was signed, and by whom. `content` is what stands outside, where it is not inside. */
export async function checkSigned(parsed, content) {
  const { signer } = parsed;
  const certificate = signerOf(parsed);
  const told = signer.attributes.get(MESSAGE_DIGEST);
  const isContent = told !== undefined && same(inside(told), await digest(signer.digest, content));
  const isKey = await isSigned(certificate, signer.algorithm, signer.signature, signer.signed, signer.digest);
  return { certificate, isIntact: isContent && isKey };
}

/* A time stamp over `data`: when, and with which certificate; null where it is not one, or not over this. */
export async function checkStamp(parsed, data) {
  if (parsed.contentType !== STAMP || parsed.content === null) return null;
  const { certificate, isIntact } = await checkSigned(parsed, parsed.content);
  const [, , imprint, , moment] = children(read(parsed.content));
  const [algorithm, told] = children(imprint);
  const isOver = same(inside(told), await digest(digestName(algorithm), data));
  if (!isIntact || !isOver || !certificate.usage.includes(STAMPS_TIME)) return null;
  return { at: time(moment), certificate };
}

export function stampOf(parsed) {
  const token = parsed.signer.unsigned.get(STAMP_TOKEN);
  return token === undefined ? null : parseSigned(whole(token));
}

/* Who vouches for a certificate that signs documents or time stamps (`purpose`): our authority, which issued it for that,
   or nobody else where it is pinned itself for that; null where there is nobody, or it was not valid at the time. */
export async function anchorOf(certificate, anchors, moment, purpose) {
  if (moment < certificate.from || moment > certificate.until) return null;
  const isFit = certificate.usage.includes(STAMPS_TIME) === (purpose === "timestamp");
  for (const anchor of anchors) {
    const { certificate: pinned } = anchor;
    if (anchor.purpose === purpose && same(pinned.der, certificate.der)) return anchor;
    if (anchor.purpose !== "root" || !isFit || !same(pinned.subject, certificate.issuer)) continue;
    if (moment >= pinned.from && moment <= pinned.until && await isIssuedBy(certificate, pinned)) return anchor;
  }
  return null;
}
