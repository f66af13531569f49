/* DER (ITU-T X.690): a value with its children, and what certificates and signatures are made of. */

export class Malformed extends Error {}

/* One value that begins at `at`: its tag, where its contents begin and end. Lengths over four bytes are refused. */
export function read(bytes, at = 0, end = bytes.length) {
  if (at + 2 > end) throw new Malformed("cut off");
  const tag = bytes[at];
  let length = bytes[at + 1];
  let start = at + 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4 || start + count > end) throw new Malformed("length");
    length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + bytes[start + i];
    start += count;
  }
  if (start + length > end) throw new Malformed("cut off");
  return { bytes, tag, at, start, end: start + length };
}

export const whole = (node) => node.bytes.subarray(node.at, node.end);
export const inside = (node) => node.bytes.subarray(node.start, node.end);

export function children(node) {
  const found = [];
  for (let at = node.start; at < node.end;) {
    const child = read(node.bytes, at, node.end);
    found.push(child);
    at = child.end;
  }
  return found;
}

export const isTagged = (node, number) => node !== undefined && node.tag === (0xa0 | number);

export function oid(node) {
  if (node.tag !== 0x06) throw new Malformed("no object identifier");
  const bytes = inside(node);
  const parts = [Math.floor(bytes[0] / 40), bytes[0] % 40];
  let value = 0;
  for (const byte of bytes.subarray(1)) {
    value = value * 128 + (byte & 0x7f);
    if (!(byte & 0x80)) { parts.push(value); value = 0; }
  }
  return parts.join(".");
}

export function time(node) {
  const text = new TextDecoder("ascii").decode(inside(node));
  const full = node.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(full);
  if (!found) throw new Malformed("time");
  const [, year, month, day, hour, minute, second] = found.map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);
export const fromBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
export const fromBase64Url = (text) => fromBase64(text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "="));
export const fromPem = (text) => fromBase64(text.replace(/-----[^-]+-----/g, "").replace(/\s+/g, ""));

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { all.set(part, at); return at + part.length; }, 0);
  return all;
}

export const digest = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));
export const sha256 = (bytes) => digest("SHA-256", bytes);
