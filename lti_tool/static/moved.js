// Ask now and then whether the team moved on, and say so beside the button that looks again. Nothing is taken from a page
// on which somebody may be writing; nobody is asked for while the page is hidden, or after it has been said once.
"use strict";
for (const form of document.querySelectorAll("form[data-watch]")) {
  const said = form.querySelector("[data-said]");
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(form.dataset.watch, {
        method: "POST",
        body: new URLSearchParams({ bearer: form.elements.bearer.value }),
        credentials: "omit",
      });
      if (!answer.ok) return clearInterval(clock);
      if ((await answer.json()).mark === form.dataset.mark) return;
      said.textContent = said.dataset.said;
      clearInterval(clock);
    } catch {
      // The next turn tries again.
    }
  };
  const clock = setInterval(ask, 5000);
  document.addEventListener("visibilitychange", ask);
}
