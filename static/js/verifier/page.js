/* The page of the offline verifier: files in, words out. */

import { check } from "./checking.js";
import { hex, sha256 } from "./der.js";
import { WORDS } from "./words.js";

const one = (selector) => document.querySelector(selector);
const state = { language: /^zh/i.test(navigator.language) ? "zh" : "en", published: null, kept: null, bytes: null };
const words = () => WORDS[state.language];
const filled = (text, details) => text.replace(/\{(\w+)\}/g, (_all, name) => shown(details?.[name]));

function shown(value) {
  if (value instanceof Date) return value.toLocaleString(state.language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "long", timeStyle: "short" });
  if (typeof value === "number") return value.toLocaleString("en");
  return String(value ?? "–");
}

function element(tag, className, ...parts) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...parts.filter((part) => part !== ""));
  return made;
}

async function translate() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.title = words().title;
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = words()[place.dataset.say];
  const keys = state.published?.keys ?? [];
  const print = hex(await sha256(new TextEncoder().encode(JSON.stringify(keys)))).slice(0, 16);
  one("[data-keys]").textContent = keys.length ? `${words().built_in}${keys.length} (${print})` : words().none;
}

function verdict(result) {
  const [title, text] = words().outcomes[result.outcome];
  const kind = !["genuine", "unsettled"].includes(result.outcome) ? "danger" : result.outcome === "genuine" && isInForce(result) ? "good" : "caution";
  return element("div", `verdict verdict--${kind}`, element("h2", "", title), element("p", "", text), ...standing(result).map((line) => element("p", "verdict__standing", line)));
}

const isOver = (payload) => new Date().toISOString().slice(0, 10) > payload.dates.valid_until;
const isInForce = (result) => (result.standing?.status ?? "valid") === "valid" && !isOver(result.payload);

function standing(result) {
  if (result.outcome !== "genuine") return [];
  const said = words().stands;
  const lines = result.payload.demonstration ? [said.demonstration] : [];
  if (result.standing) lines.push(filled(said[result.standing.status], { at: new Date(result.asOf) }));
  if (isOver(result.payload)) lines.push(filled(said.over, { day: result.payload.dates.valid_until }));
  else if (!result.standing) lines.push(said.unknown);
  return lines;
}

function findings(result) {
  const list = element("ul", "checks");
  for (const [code, isGood, details] of result.findings) {
    const [good, more] = words().findings[code];
    const title = isGood ? good : words().wrong[code] ?? good;
    const note = details && (isGood || !words().wrong[code]) ? filled(more, details) : "";
    list.append(element("li", isGood ? "is-good" : "is-wrong", element("b", "", title), note && element("span", "", note)));
  }
  return list;
}

function facts(payload) {
  const list = element("dl", "facts");
  const said = (text) => text[state.language];
  const rows = {
    number: payload.number,
    holder: payload.holder.name,
    uscc: payload.holder.uscc,
    level: `${payload.level.number} · ${said(payload.level.title)}`,
    score: payload.score.rounded,
    framework: said(payload.framework.title),
    period: payload.period,
    scope: payload.scope,
    body: payload.body.name,
    issued: payload.dates.issued_on,
    until: payload.dates.valid_until,
  };
  for (const [name, value] of Object.entries(rows)) list.append(element("div", "", element("dt", "", words().facts[name]), element("dd", "", String(value))));
  return list;
}

async function show() {
  await translate();
  const place = one("[data-result]");
  if (state.bytes === null) return;
  place.replaceChildren(element("p", "muted", words().checking));
  let result;
  try {
    result = await check(state.bytes, state.published ?? {}, state.kept);
  } catch {
    result = { outcome: "unreadable", findings: [] };
  }
  place.replaceChildren(verdict(result));
  if (result.findings.length) place.append(element("h3", "", words().found), findings(result));
  if (result.payload) place.append(element("h3", "", words().says), facts(result.payload));
  place.dataset.outcome = result.outcome;
}

const bytesIn = async (file) => new Uint8Array(await file.arrayBuffer());

async function jsonIn(file) {
  try {
    return JSON.parse(await file.text());
  } catch {
    return {};
  }
}

async function take(name, file) {
  if (!file) return;
  if (name === "file") { state.bytes = await bytesIn(file); one("[data-name]").textContent = file.name; }
  if (name === "keys") state.published = await jsonIn(file);
  if (name === "log") state.kept = await jsonIn(file);
  await show();
}

for (const input of document.querySelectorAll("input[type=file]")) input.addEventListener("change", () => take(input.name, input.files[0]));
const target = one("[data-drop]");
target.addEventListener("dragover", (event) => { event.preventDefault(); target.classList.add("is-over"); });
target.addEventListener("dragleave", () => target.classList.remove("is-over"));
target.addEventListener("drop", (event) => { event.preventDefault(); target.classList.remove("is-over"); take("file", event.dataTransfer.files[0]); });
one("[data-switch]").addEventListener("click", () => { state.language = state.language === "zh" ? "en" : "zh"; show(); });
state.published = JSON.parse(one("#keys").textContent);
show();
