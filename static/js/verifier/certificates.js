/* X.509 certificates (RFC 5280): what a verifier without a library needs of them, and signatures with their keys. */

import { Malformed, children, fromPem, inside, isTagged, oid, read, time, whole } from "./der.js";

const CURVES = { "1.2.840.10045.3.1.7": ["P-256", 32], "1.3.132.0.34": ["P-384", 48], "1.3.132.0.35": ["P-521", 66] };
const DIGESTS = { "2.16.840.1.101.3.4.2.1": "SHA-256", "2.16.840.1.101.3.4.2.2": "SHA-384", "2.16.840.1.101.3.4.2.3": "SHA-512" };
const SIGNATURES = {
  "1.2.840.10045.4.3.2": ["ECDSA", "SHA-256"],
  "1.2.840.10045.4.3.3": ["ECDSA", "SHA-384"],
  "1.2.840.10045.4.3.4": ["ECDSA", "SHA-512"],
  "1.2.840.113549.1.1.11": ["RSASSA-PKCS1-v1_5", "SHA-256"],
  "1.2.840.113549.1.1.12": ["RSASSA-PKCS1-v1_5", "SHA-384"],
  "1.2.840.113549.1.1.13": ["RSASSA-PKCS1-v1_5", "SHA-512"],
};
const RSA = "1.2.840.113549.1.1.1";
const COMMON_NAME = "2.5.4.3";
const EXTENDED_USAGE = "2.5.29.37";
export const STAMPS_TIME = "1.3.6.1.5.5.7.3.8";

export const digestName = (algorithm) => DIGESTS[oid(children(algorithm)[0])];

export function parseCertificate(der) {
  const [tbs, algorithm, signature] = children(read(der));
  const parts = children(tbs);
  if (isTagged(parts[0], 0)) parts.shift();
  const [serial, , issuer, validity, subject, key] = parts;
  const [from, until] = children(validity);
  return {
    der,
    tbs: whole(tbs),
    algorithm,
    signature: inside(signature).subarray(1),
    serial: inside(serial),
    issuer: whole(issuer),
    subject: whole(subject),
    name: commonName(subject),
    from: time(from),
    until: time(until),
    key: whole(key),
    keyAlgorithm: children(key)[0],
    usage: extendedUsage(parts.find((part) => isTagged(part, 3))),
  };
}

export const certificateOfPem = (pem) => parseCertificate(fromPem(pem));

function commonName(name) {
  for (const set of children(name)) {
    for (const pair of children(set)) {
      const [type, value] = children(pair);
      if (oid(type) === COMMON_NAME) return new TextDecoder().decode(inside(value));
    }
  }
  return "";
}

function extendedUsage(extensions) {
  if (extensions === undefined) return [];
  for (const extension of children(children(extensions)[0])) {
    const parts = children(extension);
    if (oid(parts[0]) === EXTENDED_USAGE) return children(read(inside(parts.at(-1)))).map(oid);
  }
  return [];
}

/* Whether `signature` over `data` was made with the key; `digest` where the algorithm does not name one (CMS and RSA). */
export async function isSigned(certificate, algorithm, signature, data, digest = "SHA-256") {
  const named = oid(children(algorithm)[0]);
  const [family, hash] = named === RSA ? ["RSASSA-PKCS1-v1_5", digest] : SIGNATURES[named] ?? [];
  if (family === undefined) throw new Malformed(`signature algorithm ${named}`);
  if (family !== "ECDSA") {
    const key = await crypto.subtle.importKey("spki", certificate.key, { name: family, hash }, false, ["verify"]);
    return crypto.subtle.verify(family, key, signature, data);
  }
  const [curve, size] = CURVES[oid(children(certificate.keyAlgorithm)[1])] ?? [];
  if (curve === undefined) throw new Malformed("curve");
  const key = await crypto.subtle.importKey("spki", certificate.key, { name: "ECDSA", namedCurve: curve }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash }, key, rawPair(signature, size), data);
}

/* Two integers as DER has them, as two numbers of the curve's size, which WebCrypto wants. */
function rawPair(der, size) {
  const raw = new Uint8Array(2 * size);
  children(read(der)).forEach((number, i) => {
    let bytes = inside(number);
    while (bytes.length > size && bytes[0] === 0) bytes = bytes.subarray(1);
    if (bytes.length > size) throw new Malformed("signature");
    raw.set(bytes, (i + 1) * size - bytes.length);
  });
  return raw;
}

export const isIssuedBy = (certificate, issuer) => isSigned(issuer, certificate.algorithm, certificate.signature, certificate.tbs);
