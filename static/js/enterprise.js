// Registration: the credit code is checked and the size class computed while one types. The server decides in the end.
const WAIT = 250;

async function ask(url, parameters) {
  const reply = await fetch(`${url}?${new URLSearchParams(parameters)}`, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(String(reply.status));
  return reply.json();
}

function delayed(work) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => work().catch(() => {}), WAIT);
  };
}

function checkCode(input) {
  const verdict = document.getElementById("uscc-verdict");
  const look = async (complain) => {
    const typed = input.value.replace(/[\s-]/g, "");
    verdict.replaceChildren();
    // Half a code is not a wrong code: speak up only when it is long enough or the person has moved on.
    if (!typed || (typed.length < 18 && !complain)) return;
    const answer = await ask(input.dataset.check, { code: typed });
    verdict.className = `field__note verdict verdict--${answer.valid ? "good" : "bad"}`;
    verdict.textContent = answer.message;
    if (answer.valid) input.value = answer.code;
  };
  input.addEventListener("input", delayed(() => look(false)));
  input.addEventListener("change", () => look(true).catch(() => {}));
}

function showSize(box, headcount, revenue) {
  const look = delayed(async () => {
    const answer = await ask(box.dataset.size, { headcount: headcount.value, revenue: revenue.value });
    box.textContent = answer.message;
  });
  headcount.addEventListener("input", look);
  revenue.addEventListener("input", look);
}

const form = document.querySelector("[data-enterprise]");
checkCode(form.querySelector("[data-check]"));
showSize(document.getElementById("size"), form.elements.headcount, form.elements.revenue_wan);
