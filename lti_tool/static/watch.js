// Tells the tool what was played of a video: played, paused, seeked, completed, terminated, with the parts played so
// far (xAPI Video Profile). Nothing else is read, and nothing is sent to anybody else. Without this script it plays too.
"use strict";
const video = document.querySelector("video[data-report]");
if (video) {
  const form = document.querySelector("form[data-bearer]");
  const session = crypto.randomUUID ? crypto.randomUUID() : ([1e7] + -1e3 + -4e3 + -8e3 + -1e11).replace(/[018]/g, (c) =>
    (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
  const enough = Number(video.dataset.enough);
  const parts = [];
  let start = null, last = 0, waiting = [], done = false;

  const second = (value) => Math.round(value * 1000) / 1000;
  const close = (end) => {
    if (start !== null && end > start) parts.push([second(start), second(end)]);
    start = null;
  };
  const listed = () => parts.slice(-400).map(([from, to]) => `${from}[.]${to}`).join("[,]");
  const share = () => {
    let seen = 0, reached = 0;
    for (const [from, to] of [...parts].sort((one, two) => one[0] - two[0])) {
      if (to > reached) { seen += to - Math.max(from, reached); reached = to; }
    }
    return video.duration ? seen / video.duration : 0;
  };
  const note = (act, time, left) => {
    waiting.push({ act, at: Date.now(), time: second(time), left: left === undefined ? undefined : second(left), parts: listed() });
    if (!done && share() >= enough) {
      done = true;
      waiting.push({ act: "completed", at: Date.now(), time: second(time), parts: listed() });
    }
  };
  const send = () => {
    if (!waiting.length) return;
    const now = Date.now(), body = new URLSearchParams();
    body.set("bearer", form.elements.bearer.value);
    body.set("video", video.dataset.report);
    body.set("session", session);
    body.set("acts", JSON.stringify(waiting.splice(0).map(({ at, ...act }) => ({ ...act, ago: now - at }))));
    fetch(video.dataset.to, { method: "POST", body, keepalive: true, credentials: "omit" })
      .then(async (answer) => { if (answer.ok) form.elements.bearer.value = await answer.text(); })
      .catch(() => {});
  };

  video.addEventListener("play", () => { start = last = video.currentTime; note("played", start); send(); });
  video.addEventListener("timeupdate", () => { if (!video.seeking) last = video.currentTime; });
  video.addEventListener("seeking", () => {
    if (start !== null) close(last);
  });
  video.addEventListener("seeked", () => {
    const left = last;
    last = video.currentTime;
    if (!video.paused) start = last;
    note("seeked", last, left);
    send();
  });
  video.addEventListener("pause", () => {
    if (video.seeking) return;
    close(video.currentTime);
    note("paused", video.currentTime);
    send();
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  addEventListener("pagehide", () => {
    if (start !== null) { close(video.currentTime); note("terminated", video.currentTime); }
    send();
  });
}
