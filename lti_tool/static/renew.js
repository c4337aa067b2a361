// A page that is shown on a wall asks for itself again: the form says after how many seconds. Without a script its
// button does the same. Whoever presses something else goes there: a page on its way is not asked away.
"use strict";
for (const form of document.querySelectorAll("form[data-renew]")) {
  const waits = setTimeout(() => form.requestSubmit(form.querySelector("button")), 1000 * Number(form.dataset.renew));
  document.addEventListener("submit", () => clearTimeout(waits));
}
