// Passkeys: the browser signs the question that the form carries, and the form sends the answer.
const form = document.querySelector("form[data-passkey]");

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0)).buffer;
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function question() {
  const asked = JSON.parse(form.dataset.question);
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  for (const list of [asked.excludeCredentials, asked.allowCredentials]) {
    for (const known of list ?? []) known.id = bytes(known.id);
  }
  return { publicKey: asked };
}

function answer(made) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = text(made.response[part]);
  }
  if (made.response.getTransports) response.transports = made.response.getTransports();
  return JSON.stringify({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
  });
}

// The answer of a person who turned the browser's dialog away is empty: the page then says what to do.
form?.addEventListener("submit", async (event) => {
  const field = form.querySelector("input[name=code], input[name=answer]");
  if (form.dataset.signed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const credentials = navigator.credentials;
  try {
    const made = form.dataset.passkey === "create" ? credentials.create(question()) : credentials.get(question());
    field.value = answer(await made);
  } catch {
    field.value = "-";
  }
  form.dataset.signed = "1";
  form.requestSubmit();
});
