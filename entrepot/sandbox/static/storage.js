// LTI Platform Storage 0.1: keeps values for the tool's frame, apart for each origin, as long as this page is open.
(() => {
  const place = document.querySelector("[data-origins]");
  const origins = place.dataset.origins.split(" ");
  const frame = place.dataset.storage;
  // Beside a forwarding frame this page only says where the storage is.
  const keeps = frame === "_parent" || frame === "_self";
  const kept = new Map();
  const LONGEST = 4096;
  const MOST = 500;

  const subjects = {
    "lti.capabilities": () => ({
      supported_messages: [
        { subject: "lti.capabilities" },
        { subject: "lti.frameResize" },
        ...["lti.get_data", "lti.put_data"].map((subject) => ({ subject, frame: keeps ? "_parent" : frame })),
      ],
    }),
    "lti.put_data": (data, own) => {
      if (typeof data.key !== "string" || !data.key) return fail("bad_request", "key missing");
      if (data.value === null || data.value === undefined) {
        own.delete(data.key);
      } else if (typeof data.value !== "string" || new Blob([data.value]).size > LONGEST) {
        return fail("storage_exhaustion", "a value is a string of at most " + LONGEST + " bytes");
      } else if (own.size >= MOST && !own.has(data.key)) {
        return fail("storage_exhaustion", "at most " + MOST + " keys");
      } else {
        own.set(data.key, data.value);
      }
      return { key: data.key, value: data.value };
    },
    "lti.get_data": (data, own) => {
      if (typeof data.key !== "string" || !data.key) return fail("bad_request", "key missing");
      return { key: data.key, value: own.has(data.key) ? own.get(data.key) : null };
    },
  };

  function fail(code, message) {
    return { error: { code, message } };
  }

  addEventListener("message", (event) => {
    const data = event.data;
    if (!data || typeof data !== "object" || typeof data.subject !== "string" || !data.subject.startsWith("lti.")) return;
    if (data.subject === "lti.frameResize" || data.subject.endsWith(".response")) return;
    const answer = (body) =>
      event.source.postMessage({ subject: data.subject + ".response", message_id: data.message_id, ...body }, event.origin);
    if (!origins.includes(event.origin)) return void (event.origin !== "null" && answer(fail("wrong_origin", "not a tool of ours")));
    if (typeof data.message_id !== "string" || !data.message_id) return answer(fail("bad_request", "message_id missing"));
    const act = subjects[data.subject];
    if (!act || (!keeps && data.subject !== "lti.capabilities")) return answer(fail("unsupported_subject", "not here"));
    if (!kept.has(event.origin)) kept.set(event.origin, new Map());
    answer(act(data, kept.get(event.origin)));
  });
})();
