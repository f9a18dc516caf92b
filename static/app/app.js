// What the pages can do better with a script. Nothing here is needed to finish a task.
document.documentElement.classList.add("has-script");

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-print]");
  if (target) window.print();
  for (const menu of document.querySelectorAll("details.c-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest("details.c-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A second click must not send a form twice; a page taken back from the browser's memory is ready again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(ready, 5000, form); // a form that answered with a file stays on the screen
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(ready);
});
function ready(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}

// The summary of errors is what the person needs first.
document.querySelector("[data-error-summary]")?.focus();
