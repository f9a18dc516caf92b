// Before a session ends: warns, keeps what is typed, and leaves the page so that nothing stays on the screen.
// Without this the server ends the session all the same. Nothing is stored in the browser.
const WARN = 120; // seconds before the end
const KEEP = 15;
const box = document.getElementById("session");
const count = box.querySelector("[data-count]");
const token = box.querySelector("[name=csrfmiddlewaretoken]").value;
const tabs = new BroadcastChannel("session");

let idleEnd, fullEnd; // by this device's clock, which only counts
let asked = false;
let kept = false;
let over = false;
let said = 0;
let before = null; // what had the focus

function set({ left, in_all }) {
  idleEnd = Date.now() + left * 1000;
  fullEnd = Date.now() + in_all * 1000;
  tabs.postMessage({ idleEnd });
  asked = kept = false;
  tick();
}

tabs.addEventListener("message", ({ data }) => {
  if (data.over === "time") keep().then(() => leave());
  else if (data.over) setTimeout(leave, 1500); // signed out in another tab: its request goes first
  else if (data.idleEnd > idleEnd) {
    idleEnd = data.idleEnd;
    asked = kept = false;
    tick();
  }
});

// ---- the countdown ----
async function tick() {
  if (over) return;
  const end = Math.min(idleEnd, fullEnd);
  const rest = Math.ceil((end - Date.now()) / 1000);
  if (rest < -1) { // for sure after the server's own end: before, leaving would be a click
    await keep(); // a device that slept comes late; the server takes it all the same
    if (!asked) return ask().then(tick);
    leave("time");
  } else if (rest <= WARN) {
    if (!asked) return ask().then(tick);
    if (rest <= KEEP) keep();
    warn(rest);
  } else close();
}

// The server's word: another page of this person may have clicked meanwhile. Asking is no sign of life, `poll` says so.
async function ask() {
  asked = true;
  const answer = await fetch(`${box.dataset.stay}?poll=1`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 204) return leave();
  if (!answer?.ok) return;
  const { left, in_all } = await answer.json();
  idleEnd = Date.now() + left * 1000;
  fullEnd = Date.now() + in_all * 1000;
  if (Math.min(left, in_all) > WARN) asked = kept = false;
}

function warn(rest) {
  const age = fullEnd <= idleEnd;
  for (const words of box.querySelectorAll("[data-why]")) words.hidden = (words.dataset.why === "age") !== age;
  box.querySelector("[data-form=stay]").hidden = age;
  count.textContent = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
  if (!box.open) {
    before = document.activeElement;
    said = 0;
    box.showModal();
  }
  const mark = [10, 30, 60].find((seconds) => rest <= seconds);
  if (mark && mark !== said) {
    said = mark;
    box.querySelector("[data-say]").textContent = box.dataset[`say-${mark}`];
  }
}

function close() {
  if (!box.open) return;
  box.close();
  box.querySelector("[data-say]").textContent = "";
  before?.focus?.();
}

// ---- staying and leaving ----
async function stay(event) {
  event.preventDefault();
  const body = new URLSearchParams({ path: location.pathname });
  const answer = await fetch(box.dataset.stay, { method: "POST", body, headers: { "X-CSRFToken": token } }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    set(await answer.json());
    close();
  } else leave();
}
box.querySelector("[data-form=stay]").addEventListener("submit", stay);
box.addEventListener("cancel", (event) => (fullEnd <= idleEnd ? event.preventDefault() : stay(event))); // Escape is a sign of life
document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("action") === box.dataset.out) tabs.postMessage({ over: "out" });
});

function leave(why) {
  if (over) return;
  over = true;
  if (why) tabs.postMessage({ over: why });
  document.body.hidden = true;
  const here = location.pathname + location.search;
  location.replace(`${box.dataset.leave}?next=${encodeURIComponent(here)}`);
}

// ---- what is typed ----
const NEVER = /^(off|one-time-code|.*-password|cc-.*)$/;

function forms() {
  return [...document.querySelectorAll("form[method=post]")].filter((form) => !form.closest("[data-never-keep], .c-head, .c-foot"));
}

function to(form) {
  return new URL(form.getAttribute("action") || location.href, location.href).pathname;
}

function same(path) {
  return forms().filter((form) => to(form) === path);
}

function fields(form) {
  return [...form.elements].filter((field) => {
    if (!field.name || field.disabled || field.closest("[data-never-keep]")) return false;
    if (/^(password|file|hidden|submit|button|reset|image)$/.test(field.type) || field.tagName === "BUTTON") return false;
    return field.hasAttribute("data-keep") || !NEVER.test(field.getAttribute("autocomplete") || "");
  });
}

function changed(field) {
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
  if (field.multiple && field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  return field.value !== field.defaultValue;
}

function values(field) {
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked ? [field.value] : [];
  if (field.options) return [...field.selectedOptions].map((option) => option.value);
  return [field.value];
}

async function keep() {
  if (kept) return;
  kept = true;
  const refused = document.querySelector("[data-error-summary]"); // then even what looks untouched was typed
  const found = forms()
    .filter((form) => refused || filled || fields(form).some(changed))
    .map((form) => ({ at: to(form), n: same(to(form)).indexOf(form), fields: fields(form).flatMap((f) => values(f).map((value) => [f.name, value])) }));
  if (!found.some((form) => form.fields.length)) return;
  await fetch(`${box.dataset.keep}?poll=1`, {
    method: "POST",
    body: JSON.stringify({ path: location.pathname, forms: found }),
    headers: { "Content-Type": "application/json", "X-CSRFToken": token, "HX-Request": "true" },
    keepalive: true,
  }).catch(() => null);
}

let filled = false;
function fill() {
  const data = document.getElementById("kept-fields");
  if (!data) return;
  for (const draft of JSON.parse(data.textContent).forms) {
    const form = same(draft.at)[Math.max(0, draft.n)];
    if (!form) continue;
    for (const field of fields(form)) {
      const mine = draft.fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = mine.includes(field.value);
      else if (field.options) for (const option of field.options) option.selected = mine.includes(option.value);
      else if (mine.length) field.value = mine[0];
      filled = true;
    }
  }
  if (!filled) return;
  const main = document.querySelector("#main .l-container") || document.getElementById("main");
  main.prepend(document.getElementById("kept").content.cloneNode(true));
  main.querySelector(".ds-c-alert .u-link-button").addEventListener("click", (event) => {
    forms().forEach((form) => form.reset());
    filled = false;
    event.target.closest(".ds-c-alert").remove();
    forms()[0]?.elements[0]?.focus?.();
  });
}

fill();
set({ left: Number(box.dataset.left), in_all: Number(box.dataset.inAll) });
setInterval(tick, 1000);
document.addEventListener("visibilitychange", () => document.hidden || tick());
// A page taken back from the browser's memory knows nothing of what happened since: the server does.
window.addEventListener("pageshow", (event) => event.persisted && ask().then(tick));
