// The course page listens to its frame: a tool asks for height, or says that it is done; our own page says that
// activities were added. The page loads this before the frame, so that a quick tool is heard too.
addEventListener("message", (event) => {
  const data = event.data;
  const frame = document.querySelector("iframe[name=tool]");
  if (!frame || !data || typeof data !== "object") return;
  if (event.origin === location.origin && data.subject === "sandbox.added") location.reload();
  const origins = (frame.dataset.origins || "").split(" ");
  if (!origins.includes(event.origin) || event.source !== frame.contentWindow) return;
  if (data.subject === "lti.frameResize" && Number.isFinite(Number(data.height))) {
    frame.style.height = Math.min(Math.max(Number(data.height), 200), 20000) + "px";
  }
  if (data.subject === "org.imsglobal.lti.close") location.assign(location.pathname + location.search);
});
