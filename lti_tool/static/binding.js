// A browser without our cookie: the platform keeps what binds the launch to it, and gives it back.
// LTI Client Side postMessages 0.1; LTI postMessage Storage 0.1; LTI OIDC Login with LTI Client Side postMessages 0.1.
// A value goes to origins of the platform's registration alone, never to "*". Nobody answers: the page offers a window.
"use strict";

(function () {
  var PATIENCE = 600; // ms for each place that is asked
  var page = document.getElementById("main");
  var data = page.dataset;
  var host = window.parent !== window ? window.parent : window.opener;

  function places() {
    var found = [];
    if (host && data.frame) {
      try {
        found.push([host.frames[data.frame], data.origin]);
      } catch (error) {
        // There is no frame of this name beside ours.
      }
    }
    data.parents.split(" ").forEach(function (origin) {
      if (host && origin) {
        found.push([host, origin]);
      }
    });
    return found.filter(function (place) { return place[0] && place[0].postMessage; });
  }

  function number() {
    return Array.from(crypto.getRandomValues(new Uint32Array(4)), function (one) { return one.toString(16); }).join("");
  }

  function ask(place, message) {
    return new Promise(function (resolve) {
      var id = number();
      function heard(event) {
        var said = event.data;
        if (event.origin !== place[1] || !said || said.message_id !== id || said.subject !== message.subject + ".response") {
          return;
        }
        done(said.error ? null : said);
      }
      function done(said) {
        window.removeEventListener("message", heard);
        clearTimeout(waiting);
        resolve(said);
      }
      var waiting = setTimeout(done, PATIENCE, null);
      window.addEventListener("message", heard);
      place[0].postMessage(Object.assign({ message_id: id }, message), place[1]);
    });
  }

  async function first(message, holds) {
    for (var place of places()) {
      var said = await ask(place, message);
      if (said && holds(said)) {
        return { said: said, place: place };
      }
    }
    return null;
  }

  async function keep() {
    var kept = await first(
      { subject: "lti.put_data", key: data.key, value: data.value },
      function (said) { return said.value === undefined || said.value === data.value; }
    );
    if (kept) {
      window.location.replace(data.location);
    }
    return kept;
  }

  async function fetch() {
    var found = await first(
      { subject: "lti.get_data", key: data.key },
      function (said) { return typeof said.value === "string" && said.value !== ""; }
    );
    if (found) {
      found.place[0].postMessage(
        { subject: "lti.put_data", message_id: number(), key: data.key, value: null }, found.place[1]
      );
      var form = document.getElementById("launch");
      form.elements[data.field].value = found.said.value;
      form.submit();
    }
    return found;
  }

  function show(waiting) {
    document.getElementById("waiting").hidden = !waiting;
    document.getElementById("window").hidden = waiting;
  }

  show(true);
  (data.location ? keep() : fetch()).then(function (done) {
    if (!done) {
      show(false);
    }
  });
})();
