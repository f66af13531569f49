/* What of a PDF a verifier looks at: byte ranges with their signatures, and embedded files. Nothing is drawn. */

import { fromHex, joined, read } from "./der.js";

const RANGE = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g;
const STREAM = /\d+ \d+ obj\s*<<((?:[^>]|>(?!>\s*stream))*?\/EmbeddedFile(?:[^>]|>(?!>\s*stream))*)>>\s*stream\r?\n/g;

export const latin = (bytes) => new TextDecoder("latin1").decode(bytes);

/* Every signature in the order of the file: what it covers, and its CMS structure. */
export function signaturesIn(bytes) {
  const found = [];
  for (const match of latin(bytes).matchAll(RANGE)) {
    const [start, length, next, rest] = match.slice(1).map(Number);
    const gap = latin(bytes.subarray(start + length, next));
    if (start !== 0 || next + rest > bytes.length || !/^<[0-9A-Fa-f]*>$/.test(gap)) continue;
    const padded = fromHex(gap.slice(1, -1));
    found.push({
      covered: joined(bytes.subarray(0, length), bytes.subarray(next, next + rest)),
      end: next + rest,
      der: padded.subarray(0, read(padded).end),
    });
  }
  return found.sort((one, other) => one.end - other.end);
}

/* Embedded files that are JSON, in the order of the file. */
export async function embeddedIn(bytes) {
  const found = [];
  for (const match of latin(bytes).matchAll(STREAM)) {
    const length = /\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(match[1]);
    const start = match.index + match[0].length;
    const end = length ? start + Number(length[1]) : start + latin(bytes.subarray(start)).indexOf("endstream");
    try {
      const raw = bytes.subarray(start, end);
      const text = new TextDecoder("utf-8", { fatal: true }).decode(/\/FlateDecode/.test(match[1]) ? await inflate(raw) : raw);
      const value = JSON.parse(text);
      if (value !== null && typeof value === "object") found.push(value);
    } catch { /* another kind of file */ }
  }
  return found;
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
