// A page that is shown on a wall asks for itself again: the form says after how many seconds. Without a script its
// button does the same.
"use strict";
for (const form of document.querySelectorAll("form[data-renew]")) {
  setTimeout(() => form.requestSubmit(form.querySelector("button")), 1000 * Number(form.dataset.renew));
}
