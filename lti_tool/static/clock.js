// The time that is left of an exam: shown by the minute, said at ten, five and one minute, and at its end the answer
// that stands in the form is handed in. Without this script the page shows what was left when it was made, and the
// server ends the exam all the same.
"use strict";

const card = document.querySelector(".clock");
const shown = document.getElementById("left");
const said = document.getElementById("clock-said");
const form = document.getElementById("step");
const end = performance.now() + 1000 * Number(card.dataset.left);
const marks = [10, 5, 1].filter((minutes) => 60 * minutes < Number(card.dataset.left));
let over = false;

function words(template, minutes) {
  return template.replace("%", String(minutes));
}

function chosen() {
  return [...form.elements].some((field) =>
    field.name === "answer" && (["radio", "checkbox"].includes(field.type) ? field.checked : field.value !== ""));
}

function tick() {
  const left = (end - performance.now()) / 1000;
  const minutes = Math.floor(left / 60);
  const text = minutes >= 1 ? words(card.dataset.unit, minutes) : card.dataset.last;
  if (shown.textContent !== text) shown.textContent = text;
  if (marks.length && left <= 60 * marks[0]) {
    const mark = marks.shift();
    said.textContent = mark === 1 ? card.dataset.one : words(card.dataset.say, mark);
  }
  if (left <= 0 && !over) {
    over = true;
    said.textContent = card.dataset.over;
    const act = document.createElement("input");
    act.type = "hidden";
    act.name = "act";
    act.value = chosen() ? "answer" : "open";
    form.append(act);
    form.submit();
    return;
  }
  window.setTimeout(tick, 1000);
}

tick();
