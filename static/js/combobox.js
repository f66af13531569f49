// An editable combobox after the ARIA pattern. Without scripts the browser's own datalist does the work.
const WAIT = 150;

export function enhanceComboboxes(root) {
  for (const box of root.querySelectorAll("[data-combobox]")) new Combobox(box);
}

class Combobox {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input");
    this.options = [];
    this.active = -1;
    this.asked = 0;
    this.input.removeAttribute("list");
    box.querySelector("datalist")?.remove();
    this.list = this.makeList();
    this.live = document.createElement("p");
    this.live.className = "visually-hidden";
    this.live.setAttribute("role", "status");
    box.append(this.list, this.live);
    this.listen();
  }

  makeList() {
    const list = document.createElement("ul");
    list.className = "combobox__list";
    list.id = `${this.input.id}-list`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", this.input.labels[0]?.textContent ?? "");
    const states = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
    for (const [name, value] of Object.entries(states)) this.input.setAttribute(name, value);
    return list;
  }

  listen() {
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), WAIT);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // mousedown, because the blur that precedes a click would close the list
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) this.choose(Number(item.dataset.index));
    });
  }

  async ask() {
    const typed = this.input.value.trim();
    const turn = ++this.asked;
    if (!typed) return this.close();
    try {
      const url = `${this.box.dataset.combobox}?q=${encodeURIComponent(typed)}`;
      const reply = await fetch(url, { headers: { Accept: "application/json" } });
      if (!reply.ok || turn !== this.asked) return undefined;
      this.show(await reply.json());
    } catch {
      this.close(); // offline: what was typed is understood by the server when it is sent
    }
    return undefined;
  }

  show(options) {
    this.options = options;
    this.active = -1;
    this.list.replaceChildren(...(options.length ? options.map((text, index) => this.item(text, index)) : [this.none()]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.live.textContent = options.length ? `${this.box.dataset.found} ${options.length}` : this.box.dataset.none;
  }

  item(text, index) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${index}`;
    item.dataset.index = String(index);
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.textContent = text;
    return item;
  }

  none() {
    const item = document.createElement("li");
    item.className = "combobox__empty";
    item.textContent = this.box.dataset.none;
    return item;
  }

  key(event) {
    if (event.isComposing) return; // the input method owns the keys while Chinese is typed
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.ask();
      else this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !this.list.hidden && this.options.length) {
      event.preventDefault();
      this.choose(Math.max(this.active, 0));
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  move(step) {
    const count = this.options.length;
    if (!count) return;
    this.active = (this.active + step + count) % count;
    [...this.list.children].forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === this.active));
      if (index === this.active) {
        this.input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    });
  }

  choose(index) {
    this.input.value = this.options[index];
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
