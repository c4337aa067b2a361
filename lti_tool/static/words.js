// Asks the tool for an explanation in other words, once the page is there, and puts them below it as plain text. Where
// there are none the section stays away. Without this script its button asks.
"use strict";
const form = document.querySelector("form[data-words]");
if (form) {
  const section = form.closest("section"), text = section.querySelector("[data-text]");
  const body = new URLSearchParams(new FormData(form));
  section.hidden = true;
  const ask = async (left) => {
    const answer = await fetch(form.dataset.words, { method: "POST", body, credentials: "omit" });
    const found = answer.ok ? await answer.json() : { state: "none" };
    if (found.state === "waiting" && left > 0) return setTimeout(() => ask(left - 1).catch(() => {}), 1000);
    if (found.state !== "ready") return undefined;
    text.textContent = found.text;
    text.hidden = false;
    form.hidden = true;
    section.hidden = false;
    return undefined;
  };
  ask(10).catch(() => {});
}
