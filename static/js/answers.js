/* Saves each answer when it is given. The server decides everything; this only carries answers and shows its reply.
   A save that cannot reach the server is kept in this browser and tried again until it is acknowledged. */
const form = document.querySelector("[data-answers]");
const waiting = new Map();
const timers = new Map();
const busy = new Set();
const unreachable = new Set(); // saves that did not get through and are tried again
const renewals = new Set(); // questions being fetched anew
const appeared = new Set(); // questions that this page had not asked before
let leaving = false;
const SETTLED = [403, 404, 409, 422]; // the server has decided; anything else that is no success is kept for later
const STORE = `maturity:unsaved:${form.getAttribute("action")}`; // one for each page of a section

const textOf = (name) => form.dataset[`text${name}`];
const urlFor = (pattern, question) => pattern.replace("QUESTION", encodeURIComponent(question));
const blocks = () => form.querySelectorAll("[data-question]");
const isOpen = (block) => block.querySelector("[data-version]") !== null;
const blockOf = (question) => form.querySelector(`[data-question="${CSS.escape(question)}"]`);

function show(block, kind, text) {
  const state = block.querySelector("[data-state]");
  if (!state) return;
  state.className = `save-state is-${kind}`;
  state.textContent = text;
}

function dataOf(block) {
  const data = new URLSearchParams();
  for (const input of block.querySelectorAll("input, textarea, select")) {
    if (!input.name || input.name === "question") continue;
    if ((input.type === "radio" || input.type === "checkbox") && !input.checked) continue;
    data.append(input.name, input.value);
  }
  return data;
}

function remember() {
  const kept = Object.fromEntries([...waiting].map(([question, data]) => [question, data.toString()]));
  try {
    if (waiting.size) localStorage.setItem(STORE, JSON.stringify(kept));
    else localStorage.removeItem(STORE);
  } catch { /* a full or closed store only costs the retry after a reload */ }
}

function schedule(block, delay) {
  const question = block.dataset.question;
  waiting.set(question, dataOf(block));
  remember();
  clearTimeout(timers.get(question));
  timers.set(question, setTimeout(() => save(question), delay));
}

async function save(question) {
  const block = blockOf(question);
  if (!block || !waiting.has(question)) return;
  if (busy.has(question)) { timers.set(question, setTimeout(() => save(question), 250)); return; }
  const data = waiting.get(question);
  const version = block.querySelector("[data-version]");
  if (version) data.set(version.name, version.value);
  busy.add(question);
  show(block, "saving", textOf("Saving"));
  try {
    const reply = await fetch(urlFor(form.dataset.saveUrl, question), {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: data,
    });
    await take(block, question, data, reply);
    unreachable.delete(question);
  } catch (error) {
    unreachable.add(question);
    show(block, "offline", textOf(error.message === "busy" ? "Busy" : "Offline"));
    timers.set(question, setTimeout(() => save(question), 3000 + 3000 * Math.random())); // not everybody at once
  } finally {
    busy.delete(question);
  }
}

async function take(block, question, data, reply) {
  const body = await reply.json().catch(() => ({}));
  if (reply.status >= 500 || reply.status === 429) throw new Error("busy");
  if (waiting.get(question) === data && (reply.ok || SETTLED.includes(reply.status))) waiting.delete(question);
  remember();
  clearErrors(block);
  if (reply.ok) return saved(block, body);
  show(block, "wrong", textOf("Wrong"));
  if (reply.status === 422 && body.fields) return showErrors(block, body.fields);
  if (reply.status === 409 && body.version !== undefined) return showConflict(block, data, body);
  const state = block.querySelector("[data-state]");
  if (state) state.textContent = body.message || textOf("Wrong");
}

function saved(block, body) {
  const version = block.querySelector("[data-version]");
  if (version) version.value = body.version;
  show(block, "saved", textOf("Saved").replace("TIME", body.saved_at));
  block.classList.toggle("is-answered", body.state === "answered");
  const line = document.querySelector("[data-progress-line]");
  if (line) line.textContent = body.progress.line;
  const bar = document.querySelector("[data-progress]");
  if (bar) bar.value = body.progress.percent;
  for (const [section, [answered, asked]] of Object.entries(body.progress.sections)) {
    const count = document.querySelector(`[data-count="${section}"]`);
    if (!count) continue;
    count.textContent = `${answered}/${asked}`;
    count.closest("a").classList.toggle("is-done", answered === asked);
  }
  block.classList.remove("is-proposed");
  block.querySelector(".proposed")?.remove();
  showFindings(body.findings);
  body.moved.forEach(renew);
  reachLater();
}

/* What can still be reached is worked out apart from the save, and only once a burst of answers is over. */
let reaching;
function reachLater() {
  clearTimeout(reaching);
  if (form.dataset.reachableUrl) reaching = setTimeout(showReachable, 800);
}

async function showReachable() {
  const place = document.querySelector("[data-reachable]");
  if (!place) return;
  const fresh = await fetch(form.dataset.reachableUrl)
    .then((reply) => (reply.ok ? reply.text() : ""))
    .then((text) => new DOMParser().parseFromString(text, "text/html").querySelector("[data-reachable]"))
    .catch(() => null);
  if (!fresh) return;
  if (place.querySelector("details")?.open) fresh.querySelector("details")?.setAttribute("open", "");
  place.replaceWith(fresh);
}

function showFindings(findings) {
  for (const block of blocks()) {
    const place = block.querySelector("[data-findings]");
    if (!place) continue;
    const own = new Set([...block.querySelectorAll("[name]")].map((input) => input.name.split(".")[0]));
    place.replaceChildren(...findings.filter((finding) => finding.facts.some((fact) => own.has(fact))).map((finding) => {
      const paragraph = document.createElement("p");
      paragraph.className = `finding is-${finding.severity}`;
      paragraph.textContent = finding.message;
      return paragraph;
    }));
  }
}

/* A question that has come onto the path, or left it, is fetched as it is now. */
async function renew(question) {
  const block = blockOf(question);
  if (!block) return;
  renewals.add(question);
  form.setAttribute("aria-busy", "true");
  const fresh = await fetch(urlFor(form.dataset.questionUrl, question))
    .then((reply) => (reply.ok ? reply.text() : ""))
    .then((text) => new DOMParser().parseFromString(text, "text/html").querySelector("[data-question]"))
    .catch(() => null);
  if (fresh) {
    const focused = block.contains(document.activeElement);
    if (isOpen(fresh) && !isOpen(block)) appeared.add(question);
    block.replaceWith(fresh);
    sayMoney(fresh);
    if (focused) fresh.focus();
  }
  renewals.delete(question);
  if (!renewals.size) form.removeAttribute("aria-busy");
}

/* The fields a message speaks of: the one it stands in, or, of a pair, both that follow it. */
function fieldsOf(place) {
  const own = place.closest(".field");
  return own ? [own] : [...(place.nextElementSibling?.querySelectorAll(".field") ?? [])];
}

function markWrong(field, wrong) {
  field.classList.toggle("has-error", wrong);
  for (const input of field.querySelectorAll("input")) {
    if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
  }
}

function clearErrors(block) {
  block.querySelectorAll("[data-error]").forEach((place) => { place.hidden = true; place.textContent = ""; });
  block.querySelectorAll(".has-error").forEach((field) => markWrong(field, false));
}

function showErrors(block, fields) {
  for (const [fact, message] of Object.entries(fields)) {
    const place = block.querySelector(`[data-error="${CSS.escape(fact)}"]`);
    if (!place) continue;
    place.textContent = message;
    place.hidden = false;
    fieldsOf(place).forEach((field) => markWrong(field, true));
  }
}

/* Somebody else was faster: both answers are shown, and nothing is written until one of them is chosen. */
function showConflict(block, data, body) {
  const place = block.querySelector("[data-conflict]");
  place.hidden = false;
  place.querySelector("[data-conflict-message]").textContent = body.message;
  const mine = place.querySelector("[data-conflict-mine]");
  mine.textContent = mine.dataset.text.replace("ANSWER", () => wordsOf(block) || textOf("Unanswered"));
  const close = () => { place.hidden = true; block.focus(); };
  place.querySelector("[data-keep-mine]").onclick = () => {
    block.querySelector("[data-version]").value = body.version;
    close();
    schedule(block, 0);
  };
  place.querySelector("[data-take-theirs]").onclick = () => { close(); renew(block.dataset.question); };
}

/* What stands in the fields, as a person would read it. */
function wordsOf(block) {
  const said = [];
  for (const input of block.querySelectorAll("input:not([type=hidden], [data-skip])")) {
    const label = input.labels[0]?.textContent.trim();
    if (input.type === "radio" || input.type === "checkbox") {
      const row = input.closest(".matrix-row")?.querySelector(".matrix-label").textContent;
      if (input.checked) said.push(row ? `${row} ${label}` : label);
    } else if (input.value) {
      said.push(`${label} ${input.value} ${input.nextElementSibling?.textContent ?? ""}`.trim());
    }
  }
  return said.join("; ");
}

const numberOf = (input) => Number(input.value.normalize("NFKC").replace(/[,\s]/g, "") || NaN);

function compute(block) {
  sayMoney(block);
  const place = block.querySelector("[data-ratio]");
  if (!place) return;
  const number = (name) => numberOf(block.querySelector(`[name="${CSS.escape(name)}"]`));
  const ratio = (100 * number(place.dataset.numerator)) / number(place.dataset.denominator);
  place.querySelector("output").textContent = Number.isFinite(ratio) ? ratio.toFixed(1) : "—";
}

/* The amount in the unit people say it in: one digit too many is seen at once. */
function sayMoney(root) {
  for (const input of root.querySelectorAll("[data-money]")) {
    const amount = numberOf(input) / Number(form.dataset.moneyUnit);
    const shown = amount.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
    input.closest(".field").querySelector("[data-reads-as]").textContent = amount >= 1 ? textOf("Money").replace("AMOUNT", shown) : "";
  }
}

function exclude(input) {
  const group = input.closest("[data-exclusive]");
  if (!group || !input.checked) return;
  const alone = group.dataset.exclusive;
  for (const other of group.querySelectorAll("input")) {
    if (other !== input && (input.value === alone || other.value === alone)) other.checked = false;
  }
}

form.addEventListener("input", (event) => {
  const block = event.target.closest("[data-question]");
  if (!block) return;
  compute(block);
  if (event.target.type === "text") {
    unskip(block);
    schedule(block, 900);
  }
});

form.addEventListener("change", (event) => {
  const block = event.target.closest("[data-question]");
  if (!block) return;
  exclude(event.target);
  if (!event.target.matches("[data-skip]")) unskip(block);
  const whole = block.dataset.widget === "matrix" && !block.querySelector("[data-skip]").checked;
  const rows = [...block.querySelectorAll(".matrix-row")];
  if (whole && rows.some((row) => !row.querySelector(":checked"))) return; // saved once every row has a choice
  schedule(block, 0);
});

function unskip(block) {
  const skip = block.querySelector("[data-skip]");
  if (skip) skip.checked = false;
}

/* "Unchanged": last period's value, whatever its shape, goes into the fields. */
function put(block, name, value) {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [part, text] of Object.entries(value)) put(block, `${name}.${part}`, text);
    return;
  }
  for (const input of block.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (input.type === "radio" || input.type === "checkbox") input.checked = [value].flat().map(String).includes(input.value);
    else input.value = value ?? "";
  }
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unchanged]");
  if (!button) return;
  const block = button.closest("[data-question]");
  put(block, button.dataset.unchanged, JSON.parse(button.dataset.value));
  unskip(block);
  compute(block);
  schedule(block, 0);
});

addEventListener("online", () => [...waiting.keys()].forEach(save));
addEventListener("beforeunload", (event) => { if (waiting.size && !leaving) event.preventDefault(); });

/* Going on waits until everything typed has arrived. Without a connection it stays here, where nothing is lost; and it
   stays where the last answers have brought a further question. */
form.addEventListener("submit", async (event) => {
  if (!(waiting.size || renewals.size) || leaving) return;
  event.preventDefault();
  delete form.dataset.sent;
  appeared.clear();
  for (let round = 0; round < 3 && waiting.size; round += 1) await Promise.all([...waiting.keys()].map(settle));
  while (renewals.size) await pause();
  const stuck = [...waiting.keys()].some((question) => unreachable.has(question));
  const [further] = appeared;
  form.querySelector("[data-staying]").textContent = stuck ? textOf("Unsent") : further ? textOf("Further") : "";
  if (!stuck && further) blockOf(further).focus();
  if (stuck || further) return;
  leaving = true;
  form.requestSubmit(event.submitter); // with the button that was pressed: it may confirm the page
});

const pause = () => new Promise((resolve) => { setTimeout(resolve, 50); });

async function settle(question) {
  while (busy.has(question)) await pause();
  clearTimeout(timers.get(question));
  await save(question);
}

/* What an earlier visit could not deliver: put back, shown, and sent with the version it was typed over. */
try {
  for (const [question, kept] of Object.entries(JSON.parse(localStorage.getItem(STORE) || "{}"))) {
    const block = blockOf(question);
    if (!block || !block.querySelector("[data-version]")) continue;
    const data = new URLSearchParams(kept);
    for (const input of block.querySelectorAll("input")) {
      if (!input.name || input.type === "hidden") continue;
      if (input.type === "radio" || input.type === "checkbox") input.checked = data.getAll(input.name).includes(input.value);
      else if (data.has(input.name)) input.value = data.get(input.name);
    }
    block.querySelector("[data-version]").value = data.get(`version.${question}`) ?? 0;
    compute(block);
    schedule(block, 0);
  }
} catch { localStorage.removeItem(STORE); }

sayMoney(form);

document.querySelector("[data-focus]")?.focus();
