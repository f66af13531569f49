/* The list of clients by keyboard, and ticking them all; without scripts every row has its box and its link. */
const form = document.querySelector("[data-portfolio]");

if (form) {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const links = [...form.querySelectorAll("tbody th a")];
  const line = form.querySelector("[data-count]");
  const before = line.textContent;

  const all = document.createElement("input");
  const place = form.querySelector("[data-all]");
  all.type = "checkbox";
  all.setAttribute("aria-label", place.dataset.label);
  place.append(all);

  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    line.textContent = ticked ? line.dataset.text.replace("COUNT", ticked) : before;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count);

  const step = { ArrowDown: 1, ArrowUp: -1 };
  const table = form.querySelector("table");
  table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest("tbody tr");
    const index = row ? links.findIndex((link) => row.contains(link)) : -1;
    if (event.key in step) {
      const next = links[index + step[event.key]];
      if (!next) return;
      event.preventDefault();
      next.focus();
    } else if (event.key.toLowerCase() === "x" && index >= 0) {
      event.preventDefault();
      boxes[index].checked = !boxes[index].checked;
      count();
    }
  });
  document.querySelector("[data-keys]").hidden = false;
}
