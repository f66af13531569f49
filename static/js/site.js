// What every page gains from scripts. Each part works without them.
import { enhanceComboboxes } from "./combobox.js";

function focusErrors() {
  const summary = document.getElementById("error-summary");
  if (!summary) return;
  document.title = `⚠ ${document.title}`;
  summary.focus();
}

// A password can be looked at while it is typed.
function showPasswords() {
  for (const row of document.querySelectorAll(".password")) {
    const input = row.querySelector("input");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-controls", input.id);
    const update = () => {
      const hidden = input.type === "password";
      button.textContent = hidden ? row.dataset.show : row.dataset.hide;
      button.setAttribute("aria-pressed", String(!hidden));
    };
    button.addEventListener("click", () => {
      input.type = input.type === "password" ? "text" : "password";
      update();
    });
    input.form?.addEventListener("submit", () => { input.type = "password"; });
    update();
    row.append(button);
  }
}

// A form sent once is not sent again by a second click.
function sendOnce() {
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

// Once a person mends a field, its old message would only contradict what is typed now.
function forgetMended() {
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".field--bad");
    if (!field) return;
    field.classList.remove("field--bad");
    field.querySelector(".field__error")?.remove();
    for (const input of field.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  });
}

function closeMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// A long list that would push the page down on a phone opens on demand; without scripts it is simply there.
function collapse() {
  for (const box of document.querySelectorAll("[data-collapsible]")) {
    const button = box.querySelector("[data-toggle]");
    const set = (open) => {
      box.classList.toggle("is-closed", !open);
      box.classList.toggle("is-open", open);
      button.setAttribute("aria-expanded", String(open));
    };
    button.hidden = false;
    button.addEventListener("click", () => set(box.classList.contains("is-closed")));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || box.classList.contains("is-closed")) return;
      set(false);
      button.focus();
    });
    set(false);
  }
}

// Where tabs do not fit on a phone, the one that is open is in sight.
function showCurrentTabs() {
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const row = tab.parentElement;
    const end = tab.offsetLeft + tab.offsetWidth - row.offsetLeft;
    if (end > row.clientWidth) row.scrollLeft = end - row.clientWidth / 2;
  }
}

focusErrors();
showPasswords();
sendOnce();
forgetMended();
closeMenus();
collapse();
showCurrentTabs();
enhanceComboboxes(document);
