/* The Merkle tree of RFC 6962 as its readers need it: hashes, the root of a list, and both kinds of proof (RFC 9162, 2.1.3
   and 2.1.4). Written apart from the server's tree, so that one is checked by the other. */

import { fromHex, hex, joined, sha256 } from "./der.js";

const half = (number) => Math.floor(number / 2);
const isOdd = (number) => number % 2 === 1;

export const leafHash = (entry) => sha256(joined(Uint8Array.of(0), entry));
const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

export async function rootOf(hashes) {
  if (hashes.length === 0) return sha256(new Uint8Array());
  let level = hashes;
  while (level.length > 1) {
    const next = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(await nodeHash(level[i], level[i + 1]));
    if (isOdd(level.length)) next.push(level.at(-1));
    level = next;
  }
  return level[0];
}

/* The root that a proof leads to from the hash of a leaf; null where the proof cannot be one of a tree of this size. */
export async function rootByInclusion(leaf, size, hash, proof) {
  if (!Number.isSafeInteger(leaf) || !Number.isSafeInteger(size) || leaf < 0 || leaf >= size) return null;
  let [place, last, root] = [leaf, size - 1, hash];
  for (const text of proof) {
    if (last === 0) return null;
    const beside = fromHex(text);
    if (isOdd(place) || place === last) {
      root = await nodeHash(beside, root);
      while (!isOdd(place) && place !== 0) { place = half(place); last = half(last); }
    } else {
      root = await nodeHash(root, beside);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 ? root : null;
}

/* Whether the tree of `size` leaves begins with the one of `old`; roots and proof as hexadecimal digits. */
export async function isConsistent(old, oldRoot, size, newRoot, proof) {
  if (!(old > 0 && old <= size)) return false;
  if (old === size) return proof.length === 0 && oldRoot === newRoot;
  const hashes = proof.map(fromHex);
  if (Number.isInteger(Math.log2(old))) hashes.unshift(fromHex(oldRoot));
  if (hashes.length === 0) return false;
  let [place, last] = [old - 1, size - 1];
  while (isOdd(place)) { place = half(place); last = half(last); }
  let [before, after] = [hashes[0], hashes[0]];
  for (const hash of hashes.slice(1)) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      before = await nodeHash(hash, before);
      after = await nodeHash(hash, after);
      while (!isOdd(place) && place !== 0) { place = half(place); last = half(last); }
    } else {
      after = await nodeHash(after, hash);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 && hex(before) === oldRoot && hex(after) === newRoot;
}

/* Canonical JSON (RFC 8785) of what JSON.parse gave. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

export const bytesOf = (text) => new TextEncoder().encode(text);
