/* Files are added where they are chosen or dropped, each sent alone, so that one that is refused stops no other. The
   server decides everything; this shows how far it is and what was said. Without scripts the page has a plain form. */
const LARGEST = 20 * 1024 * 1024;
const LONGEST_PAUSE_MS = 15000;

const said = (place, name, file) => place.dataset[`text${name}`].replace("NAME", file.name);

function enhance(place) {
  const drop = place.querySelector("[data-drop]");
  if (drop) {
    drop.hidden = false;
    for (const plain of place.querySelectorAll("[data-plain]")) plain.hidden = true;
    drop.querySelector("[data-choose]").append(field(place));
    takeDrops(place);
  }
  if (isPending(place)) look(place, 1500);
}

/* The field is made here, and has no name: the form of the answers around it must never send it. */
function field(place) {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = place.querySelector("[data-choose]").dataset.choose;
  input.className = "visually-hidden";
  input.dataset.files = "";
  input.addEventListener("change", () => { add(place, [...input.files]); input.value = ""; });
  return input;
}

function takeDrops(place) {
  const hasFiles = (event) => [...event.dataTransfer.types].includes("Files");
  place.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    place.classList.add("is-over");
  });
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove("is-over");
  });
  place.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    place.classList.remove("is-over");
    add(place, [...event.dataTransfer.files]);
  });
}

async function add(place, files) {
  if (!place.dataset.sending) place.querySelector("[data-uploads]").replaceChildren();
  place.dataset.sending = "yes";
  for (const file of files) {
    const line = document.createElement("p");
    place.querySelector("[data-uploads]").append(line);
    if (file.size > LARGEST) tell(line, "wrong", [said(place, "Large", file)]);
    else await send(place, file, line);
  }
  delete place.dataset.sending;
  await renew(place);
  if (isPending(place)) look(place, 1000);
}

function tell(line, kind, sentences) {
  line.className = `is-${kind}`;
  line.textContent = sentences.join(" ");
}

function send(place, file, line) {
  const bar = document.createElement("progress");
  bar.className = "bar";
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", said(place, "Sending", file));
  line.append(said(place, "Sending", file), bar);
  const data = new FormData();
  data.append("files", file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much has been sent
    request.open("POST", place.dataset.uploadUrl);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", place.dataset.token);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      const wrong = answer.refused?.length ? answer.refused : answer.message ? [answer.message] : [];
      if (request.status < 400) tell(line, "done", answer.said ?? []);
      else tell(line, "wrong", wrong.length ? wrong : [said(place, "Unsent", file)]);
      resolve();
    });
    request.addEventListener("error", async () => {
      tell(line, "wrong", [said(place, "Unsent", file)]);
      if (place.dataset.retry === undefined) return resolve();
      await connection(); // on site: what was taken goes out by itself, as long as the page is open
      line.replaceChildren();
      resolve(await send(place, file, line));
    });
    request.send(data);
  });
}

/* Until the browser says that there is a line again, or a while has passed. */
const connection = () => new Promise((resolve) => {
  addEventListener("online", resolve, { once: true });
  setTimeout(resolve, LONGEST_PAUSE_MS);
});

const isPending = (place) => place.querySelector('[data-stage="waiting"], [data-stage="being_erased"]') !== null;

/* A remark that is being typed is not thrown away by what the server has to say meanwhile. */
const isTyping = (list) => list.contains(document.activeElement) || [...list.querySelectorAll("input[name=caption]")].some((input) => input.value !== input.defaultValue);

async function renew(place) {
  const list = place.querySelector("[data-list]");
  if (isTyping(list)) return;
  const fresh = await fetch(place.dataset.listUrl)
    .then((reply) => (reply.ok ? reply.text() : ""))
    .then((text) => new DOMParser().parseFromString(text, "text/html").querySelector("[data-list]"))
    .catch(() => null);
  if (fresh && fresh.innerHTML !== list.innerHTML && !isTyping(list)) list.replaceWith(fresh);
}

/* While a file is being checked, the page looks again, ever less often. */
async function look(place, pause) {
  await new Promise((resolve) => { setTimeout(resolve, pause); });
  await renew(place);
  if (isPending(place)) look(place, Math.min(pause * 1.5, LONGEST_PAUSE_MS));
}

document.querySelectorAll("[data-evidence]").forEach(enhance);
