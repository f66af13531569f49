// A passkey is made or used: the server's options go to the browser, the browser's answer goes back in the form.

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const withBytes = (list) => (list ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));

function forBrowser(options) {
  const ready = { ...options, challenge: bytes(options.challenge) };
  if (options.user) ready.user = { ...options.user, id: bytes(options.user.id) };
  for (const name of ["allowCredentials", "excludeCredentials"]) {
    if (options[name]) ready[name] = withBytes(options[name]);
  }
  return ready;
}

// Written by hand and not with toJSON(), which browsers of the last years lack.
function forServer(credential) {
  const { response } = credential;
  const answer = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) answer[name] = text(response[name]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: answer,
    extensions: JSON.stringify(credential.getClientExtensionResults()),
  });
}

async function carryOut(box) {
  const state = box.querySelector(".passkey__state");
  const again = box.querySelector("[data-passkey-again]");
  again.hidden = true;
  try {
    const publicKey = forBrowser(JSON.parse(box.dataset.options));
    const credential = await navigator.credentials[box.dataset.passkey]({ publicKey });
    const form = box.querySelector("form");
    form.elements.credential.value = forServer(credential);
    form.requestSubmit();
  } catch (error) {
    const unable = !window.PublicKeyCredential || error.name === "SecurityError";
    state.textContent = unable ? box.dataset.unable : box.dataset.refused;
    again.hidden = unable;
  }
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  box.querySelector("[data-passkey-again]").addEventListener("click", () => carryOut(box));
  carryOut(box);
}
