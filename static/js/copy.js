// A citation is copied with one press; without scripts one click selects it whole.
for (const box of document.querySelectorAll("[data-copy]")) {
  const text = box.querySelector(".cite__text");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = box.dataset.copy;
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  told.className = "muted";
  button.addEventListener("click", async () => {
    told.textContent = "";
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text.textContent.trim());
    } else {
      getSelection().selectAllChildren(text);
      document.execCommand("copy");
    }
    told.textContent = ` ${box.dataset.copied}`;
  });
  const line = document.createElement("p");
  line.append(button, told);
  box.append(line);
}
