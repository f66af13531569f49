/* Keeps each verdict when it is given. One that cannot reach the server is kept on this device and sent again until it
   is acknowledged, also after the page was closed. The server decides everything; two reviewers never overwrite. */
const page = document.querySelector("[data-review]");
const forms = () => [...page.querySelectorAll("form[data-verdict]")];
const waiting = new Map();
const timers = new Map();
const busy = new Set();
const SETTLED = [403, 404, 409, 413, 422]; // the server has decided; anything else is tried again
const STRANGER = [400, 401]; // the sign-in has ended: kept here until the page is loaded anew
const STORE = `maturity:verdicts:${page.dataset.key}`;

const textOf = (name) => page.dataset[`text${name}`];
const nameOf = (form) => form.closest("[data-item]").dataset.item;
const formOf = (name) => page.querySelector(`[data-item="${CSS.escape(name)}"] form[data-verdict]`);

function show(form, kind, text) {
  const state = form.querySelector("[data-state]");
  state.className = `save-state is-${kind}`;
  state.textContent = text;
}

function remember() {
  const kept = Object.fromEntries([...waiting].map(([name, data]) => [name, data.toString()]));
  try {
    if (waiting.size) localStorage.setItem(STORE, JSON.stringify(kept));
    else localStorage.removeItem(STORE);
  } catch { /* a full or closed store only costs the retry after a reload */ }
  const unsent = [...waiting.keys()].filter((name) => !busy.has(name)).length;
  document.querySelector("[data-waiting]").textContent = unsent ? textOf("Waiting").replace("COUNT", unsent) : "";
}

function dataOf(form) {
  const data = new URLSearchParams(new FormData(form));
  data.delete("csrf_token");
  return data;
}

function schedule(form, delay) {
  const name = nameOf(form);
  waiting.set(name, dataOf(form));
  clearTimeout(timers.get(name));
  timers.set(name, setTimeout(() => send(name), delay));
  remember();
}

async function send(name) {
  const form = formOf(name);
  if (!form || !waiting.has(name) || busy.has(name)) return;
  const data = waiting.get(name);
  data.set("version", form.querySelector("[data-version]").value);
  busy.add(name);
  show(form, "saving", textOf("Saving"));
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": page.dataset.token },
      body: data,
    });
    await take(form, name, data, reply);
  } catch (error) {
    show(form, "offline", textOf(error.message === "busy" ? "Busy" : "Offline"));
    timers.set(name, setTimeout(() => send(name), 3000 + 3000 * Math.random()));
  } finally {
    busy.delete(name);
    remember();
  }
  if (waiting.has(name) && waiting.get(name) !== data) send(name); // changed while the first was on its way
}

async function take(form, name, data, reply) {
  const body = await reply.json().catch(() => ({}));
  if (reply.redirected || STRANGER.includes(reply.status)) return show(form, "offline", textOf("Ended"));
  if (!reply.ok && !SETTLED.includes(reply.status)) throw new Error("busy");
  if (waiting.get(name) === data) waiting.delete(name);
  clear(form);
  if (reply.ok) return kept(form, body);
  show(form, "wrong", textOf("Wrong"));
  if (reply.status === 409 && body.version !== undefined) return showConflict(form, body);
  complain(form, body.message || textOf("Wrong"), body.fields ?? {});
}

function kept(form, body) {
  form.querySelector("[data-version]").value = body.version;
  show(form, "saved", textOf("Saved").replace("TIME", body.saved_at));
  const item = form.closest("[data-item]");
  item.classList.add("is-judged");
  const badge = document.createElement("span");
  badge.className = `badge badge--${{ confirmed: "good", corrected: "caution", not_evidenced: "danger" }[body.verdict]}`;
  badge.textContent = body.words;
  item.querySelector("[data-verdict-badge]").replaceChildren(badge);
  document.querySelector("[data-progress-line]").textContent = body.progress.line;
  document.querySelector("[data-progress-bar]").value = body.progress.percent;
  const next = document.querySelector("[data-next]");
  const open = page.querySelector("[data-item]:not(.is-judged)");
  if (next && open) next.hash = open.id;
  else next?.remove();
}

function clear(form) {
  form.querySelector("[data-problem]").hidden = true;
  for (const place of form.querySelectorAll("[data-error]")) { place.hidden = true; place.textContent = ""; }
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

function complain(form, message, fields) {
  const place = form.querySelector("[data-problem]");
  place.querySelector("[data-problem-text]").textContent = message;
  place.hidden = false;
  for (const [fact, text] of Object.entries(fields)) {
    const error = form.querySelector(`[data-error="${CSS.escape(fact)}"]`);
    if (!error) continue;
    error.textContent = text;
    error.hidden = false;
    for (const input of form.querySelectorAll(`[name="${CSS.escape(fact)}"], [name^="${CSS.escape(fact)}."]`)) input.setAttribute("aria-invalid", "true");
  }
}

/* Somebody else was faster: nothing is written until one of the two verdicts is chosen. */
function showConflict(form, body) {
  const place = form.querySelector("[data-conflict]");
  place.hidden = false;
  place.querySelector("[data-conflict-message]").textContent = body.message;
  place.querySelector("[data-keep-mine]").onclick = () => {
    form.querySelector("[data-version]").value = body.version;
    place.hidden = true;
    schedule(form, 0);
  };
  place.querySelector("[data-take-theirs]").onclick = () => renew(form);
}

async function renew(form) {
  const item = form.closest("[data-item]");
  const fresh = await fetch(form.dataset.fresh)
    .then((reply) => (reply.ok ? reply.text() : ""))
    .then((text) => new DOMParser().parseFromString(text, "text/html").querySelector("[data-item]"))
    .catch(() => null);
  if (!fresh) return;
  item.querySelector("[data-verdict-badge]").replaceChildren(...fresh.querySelector("[data-verdict-badge]").childNodes);
  form.replaceWith(fresh.querySelector("form[data-verdict]")); // files beside it may be on their way, and stay
  item.focus();
}

function exclude(input) {
  const group = input.closest("[data-exclusive]");
  if (!group || !input.checked) return;
  for (const other of group.querySelectorAll("input")) {
    if (other !== input && (input.value === group.dataset.exclusive || other.value === group.dataset.exclusive)) other.checked = false;
  }
}

page.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-verdict]");
  if (!form) return;
  event.preventDefault();
  schedule(form, 0);
});

/* A confirmation needs nothing else and is kept at once; the others wait for their reason and the button. */
page.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-verdict]");
  if (!form) return;
  exclude(event.target);
  if (event.target.name === "verdict" && event.target.value === "confirmed") schedule(form, 0);
});

addEventListener("online", () => [...waiting.keys()].forEach(send));
addEventListener("beforeunload", (event) => { if (busy.size) event.preventDefault(); });

/* What an earlier visit could not deliver: put back, shown, and sent with the version it was given over. */
try {
  for (const [name, text] of Object.entries(JSON.parse(localStorage.getItem(STORE) || "{}"))) {
    const form = formOf(name);
    if (!form) continue;
    const data = new URLSearchParams(text);
    for (const input of form.querySelectorAll("input, textarea")) {
      if (!input.name || input.type === "hidden") continue;
      if (input.type === "radio" || input.type === "checkbox") input.checked = data.getAll(input.name).includes(input.value);
      else if (data.has(input.name)) input.value = data.get(input.name);
    }
    form.querySelector("[data-version]").value = data.get("version") ?? 0;
    schedule(form, 0);
  }
} catch { localStorage.removeItem(STORE); }

for (const form of forms()) form.dataset.ready = "";
