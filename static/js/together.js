// Comments without leaving the page, names after an @, and who else is answering. Each part works without the others.
const comments = document.getElementById("comments");
const answers = document.querySelector("[data-answers]");
const people = comments ? JSON.parse(comments.dataset.people) : [];

// A button of a thread acts here, and its thread comes back as it is then. The text of other threads stays.
async function act(button) {
  const thread = button.closest("[data-thread]");
  const data = new FormData();
  data.set("csrf_token", comments.elements.csrf_token.value);
  for (const field of thread.querySelectorAll("textarea")) data.set(field.name, field.value);
  if (button.name) data.set(button.name, button.value);
  button.setAttribute("aria-disabled", "true");
  const reply = await fetch(button.formAction, { method: "POST", body: data, headers: { "X-Part": "thread" } }).catch(() => null);
  button.removeAttribute("aria-disabled");
  const fresh = reply && (reply.ok || reply.status === 422)
    ? new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-thread]")
    : null;
  if (!fresh) { say(thread, reply && await messageOf(reply)); return; }
  keepOtherTexts(thread, fresh, reply.ok ? button : null);
  thread.replaceWith(fresh);
  show(there);
  fresh.querySelector("[aria-invalid], summary")?.focus();
}

async function messageOf(reply) {
  const page = new DOMParser().parseFromString(await reply.text().catch(() => ""), "text/html");
  return page.querySelector("main p")?.textContent.trim();
}

function say(thread, message) {
  const note = document.createElement("p");
  note.className = "thread__note";
  note.setAttribute("role", "alert");
  note.textContent = message || comments.dataset.failed;
  thread.querySelectorAll(".thread__note").forEach((old) => old.remove());
  thread.querySelector(".thread__body").prepend(note);
}

// What was begun in another field of the thread is still there afterwards.
function keepOtherTexts(before, after, done) {
  const sent = done?.parentElement.closest(".said__change, .thread__write")?.querySelector("textarea");
  for (const field of before.querySelectorAll("textarea")) {
    if (field === sent || field.value === field.defaultValue) continue;
    const place = after.querySelector(`textarea[name="${CSS.escape(field.name)}"]`);
    if (!place) continue;
    place.value = field.value;
    place.closest("details.said__change")?.setAttribute("open", "");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || !comments) return;
  event.preventDefault();
  if (button.getAttribute("aria-disabled") !== "true") act(button);
});

// Names after an @: offered while one is typed, chosen with the arrows and Enter, or with the mouse.
let offer = null;

function begun(field) {
  const found = /[@＠]([^\s@＠]{0,20})$/u.exec(field.value.slice(0, field.selectionStart));
  return found && { start: field.selectionStart - found[1].length, text: found[1].toLowerCase() };
}

function suggest(field) {
  withdraw();
  const word = begun(field);
  const names = word ? people.filter((name) => name.toLowerCase().includes(word.text)).slice(0, 8) : [];
  if (!names.length || (names.length === 1 && names[0].toLowerCase() === word.text)) return;
  const list = document.createElement("ul");
  list.className = "names";
  list.id = "names";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", comments.dataset.names);
  names.forEach((name, index) => {
    const item = document.createElement("li");
    item.id = `name-${index}`;
    item.setAttribute("role", "option");
    item.textContent = name;
    item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(name); });
    list.append(item);
  });
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  offer = { field, list, names, word, index: 0 };
  mark(0);
}

function mark(index) {
  offer.index = (index + offer.names.length) % offer.names.length;
  [...offer.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === offer.index)));
  offer.field.setAttribute("aria-activedescendant", `name-${offer.index}`);
  offer.list.children[offer.index].scrollIntoView({ block: "nearest" });
}

function choose(name) {
  const { field, word } = offer;
  const rest = field.value.slice(field.selectionStart);
  field.value = `${field.value.slice(0, word.start)}${name} ${rest}`;
  field.setSelectionRange(word.start + name.length + 1, word.start + name.length + 1);
  withdraw();
}

function withdraw() {
  if (!offer) return;
  offer.field.removeAttribute("aria-controls");
  offer.field.removeAttribute("aria-activedescendant");
  offer.list.remove();
  offer = null;
}

document.addEventListener("input", (event) => { if (comments && event.target.matches("[data-mentions]")) suggest(event.target); });
document.addEventListener("focusout", (event) => { if (offer?.field === event.target) withdraw(); });
document.addEventListener("keydown", (event) => {
  if (!offer || event.target !== offer.field || event.isComposing) return;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) mark(offer.index + moves[event.key]);
  else if (event.key === "Enter" || event.key === "Tab") choose(offer.names[offer.index]);
  else if (event.key === "Escape") withdraw();
  else return;
  event.preventDefault();
});

// Who is there: said while a field has the focus, asked for otherwise, and never in the way of a save.
const EVERY_MS = 20_000;
let there = [];
let said = null; // the question that the server knows us to be at
let saidAt = 0;

const questionInFocus = () => document.activeElement?.closest?.("[data-answers] [data-question]")?.dataset.question ?? null;

async function tell() {
  const question = questionInFocus();
  const url = answers.dataset.presenceUrl;
  const options = { headers: { Accept: "application/json", "X-CSRFToken": answers.elements.csrf_token.value } };
  if (question) Object.assign(options, { method: "POST", body: new URLSearchParams({ question }) });
  said = question ?? said;
  saidAt = Date.now();
  const reply = await fetch(url, options).catch(() => null);
  if (!reply?.ok || reply.status !== 200) return;
  there = await reply.json().catch(() => there);
  show(there);
}

function show(list) {
  for (const place of document.querySelectorAll("[data-there]")) {
    write(place, list.filter((item) => item.question === place.dataset.there).map((item) => item.text).join("; "));
  }
  for (const place of document.querySelectorAll("[data-there-section]")) {
    write(place, list.filter((item) => item.section === place.dataset.thereSection).map((item) => item.name).join(", "));
  }
}

// Written only when it changes, so that a screen reader says it once.
function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

if (answers?.dataset.presenceUrl) {
  tell();
  setInterval(() => { if (!document.hidden) tell(); }, EVERY_MS);
  let soon = 0;
  answers.addEventListener("focusin", () => {
    if (questionInFocus() === said && Date.now() - saidAt < EVERY_MS) return;
    clearTimeout(soon);
    soon = setTimeout(tell, 300); // passing through with Tab is not answering
  });
  addEventListener("pagehide", () => {
    if (said) navigator.sendBeacon(answers.dataset.presenceUrl, new URLSearchParams({ csrf_token: answers.elements.csrf_token.value, question: "" }));
  });
}
