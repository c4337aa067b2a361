// A scene in three dimensions: a picture of the form beside it. What the form says is the whole state; a hand in the
// picture changes the form, and every change of the form is drawn anew. The answers go by the form, as without a picture.
// A-Frame 1.8 (WebXR Device API). Texts are drawn here, by the fonts of the browser: nothing is fetched from anywhere.
"use strict";

(function () {
  const form = document.getElementById("board");
  const stage = document.getElementById("stage");
  const words = stage.dataset;
  const lanes = Boolean(words.lanes);

  // State: the form -----------------------------------------------------------------------------------------------

  function look(element) {
    const size = (element.dataset.size || "20 20 20").split(" ").map((cm) => Number(cm) / 100);
    return { shape: element.dataset.shape || "", size, paint: element.dataset.paint || "#b98a56" };
  }

  const steps = Array.from(form.querySelectorAll("fieldset[data-step]"), (set) => ({
    set,
    name: set.dataset.name,
    question: set.dataset.question,
    several: set.dataset.form === "several",
    facts: Array.from(set.querySelectorAll("dl > div"), (pair) => pair.innerText.replace(/\s*\n\s*/g, ": ")),
    look: look(set),
    things: Array.from(set.querySelectorAll("input"), (input) => ({ input, text: input.dataset.text, look: look(input) })),
  }));
  let at = 0; // the step in hand

  function answered(step) {
    return step.things.some((thing) => thing.input.checked);
  }

  function open() {
    return steps.filter((step) => !answered(step));
  }

  function fill(text, facts) {
    return text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  }

  function say(text) {
    document.getElementById("said").textContent = text;
  }

  function turnTo(place) {
    at = (place + steps.length) % steps.length;
    say(fill(words.at, { name: steps[at].name, place: at + 1, total: steps.length }));
    draw();
  }

  function choose(place) {
    const step = steps[at];
    const thing = step.things[place];
    if (!thing) {
      return;
    }
    thing.input.checked = step.several ? !thing.input.checked : true;
    const told = fill(thing.input.checked ? words.chosen : words.taken, { name: step.name, text: thing.text });
    const next = steps.findIndex((one) => !answered(one));
    if (lanes && next >= 0) {
      at = next; // the next parcel comes to hand
    }
    say(told + " " + fill(words.left, { count: open().length }));
    draw();
  }

  function handOver() {
    const left = open();
    if (left.length) {
      at = steps.indexOf(left[0]);
      say(fill(words.left, { count: left.length }));
      draw();
    } else {
      form.requestSubmit(form.querySelector("button[value=answer]"));
    }
  }

  const deeds = {
    step: turnTo,
    thing: choose,
    back: () => turnTo(at - 1),
    next: () => turnTo(at + 1),
    hand: handOver,
  };

  // Picture: A-Frame ----------------------------------------------------------------------------------------------

  const CHOSEN = "#22684a";
  const IN_HAND = "#0b5a6e";
  const PIXELS = 512; // of a sign, per metre
  const drawn = {}; // entities by name

  function wrapped(pen, text, width) {
    const lines = [];
    text.split("\n").forEach((row) => {
      let line = "";
      // Chinese breaks between any two signs, other texts between words.
      (row.match(/[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/g) || [""]).forEach((part) => {
        if (line && pen.measureText(line + part.trimEnd()).width > width) {
          lines.push(line);
          line = part.trimStart();
        } else {
          line += part;
        }
      });
      lines.push(line);
    });
    return lines;
  }

  function registerSign() {
    const THREE = AFRAME.THREE;
    AFRAME.registerComponent("sign", {
      schema: {
        text: { default: "" }, width: { default: 1 }, height: { default: 0.3 }, letter: { default: 0.05 },
        paint: { default: "#ffffff" }, ink: { default: "#17232b" }, middle: { default: false },
      },
      init() {
        this.canvas = document.createElement("canvas");
        this.canvas.width = Math.round(this.data.width * PIXELS);
        this.canvas.height = Math.round(this.data.height * PIXELS);
        this.texture = new THREE.CanvasTexture(this.canvas);
        this.texture.colorSpace = THREE.SRGBColorSpace;
        const face = new THREE.MeshBasicMaterial({ map: this.texture });
        this.el.setObject3D("mesh", new THREE.Mesh(new THREE.PlaneGeometry(this.data.width, this.data.height), face));
      },
      update() {
        const pen = this.canvas.getContext("2d");
        const margin = 10;
        const letter = this.data.letter * PIXELS;
        pen.fillStyle = this.data.paint;
        pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
        pen.fillStyle = this.data.ink;
        pen.textBaseline = "top";
        let size = letter;
        let lines = [];
        do { // a text that is too long for its sign is written smaller
          pen.font = `${Math.round(size)}px ${getComputedStyle(document.body).fontFamily}`;
          lines = wrapped(pen, this.data.text, this.canvas.width - 2 * margin);
          size *= 0.92;
        } while (lines.length * size * 1.35 > this.canvas.height - margin && size > 11);
        const step = size * 1.35;
        const top = this.data.middle ? Math.max(margin, (this.canvas.height - lines.length * step) / 2) : margin;
        lines.forEach((line, row) => {
          const room = this.canvas.width - pen.measureText(line.trimEnd()).width;
          pen.fillText(line, this.data.middle ? room / 2 : margin, top + row * step);
        });
        this.texture.needsUpdate = true;
      },
      remove() {
        this.el.removeObject3D("mesh");
        this.texture.dispose();
      },
    });
  }

  function make(name, attributes, parent) {
    const entity = document.createElement("a-entity");
    Object.entries(attributes).forEach(([key, value]) => entity.setAttribute(key, value));
    parent.appendChild(entity);
    drawn[name] = entity;
    return entity;
  }

  function solid(size, paint) {
    return {
      geometry: { primitive: "box", width: size[0], height: size[1], depth: size[2] },
      material: { color: paint, roughness: 0.85 },
    };
  }

  function body(name, seen, text, pick, parent) {
    const bottle = seen.shape === "bottle";
    const size = seen.size;
    const shape = bottle
      ? { geometry: { primitive: "cylinder", radius: size[2] / 2, height: size[1] * 1.3 }, material: { color: seen.paint, roughness: 0.4 } }
      : solid(size, seen.paint);
    const entity = make(name, { ...shape, "data-pick": pick }, parent);
    make(`${name}.plate`, { ...solid([size[0] + 0.06, 0.015, size[2] + 0.06], IN_HAND), position: `0 ${-size[1] / 2 - 0.01} 0` }, entity);
    if (text) {
      const number = text.length < 4;
      make(`${name}.sign`, {
        sign: { text, width: number ? 0.11 : 0.44, height: number ? 0.1 : 0.2, letter: number ? 0.07 : 0.052, middle: true },
        position: `0 ${number ? 0 : size[1] / 2 + 0.13} ${number ? size[2] / 2 + 0.005 : 0}`,
        "data-pick": pick,
      }, entity);
    }
    return entity;
  }

  function build() {
    const scene = document.createElement("a-scene");
    Object.entries({
      embedded: "", "xr-mode-ui": "enabled: false", "loading-screen": "enabled: false", "keyboard-shortcuts": "enterVR: false",
      "device-orientation-permission-ui": "enabled: false", background: "color: #dfe7e9", inspector: "url: none",
      cursor: "rayOrigin: mouse", raycaster: "objects: [data-pick]",
    }).forEach(([key, value]) => scene.setAttribute(key, value));
    make("eye", { camera: "fov: 60", "look-controls": "", position: "0 1.6 0" }, scene);
    ["left", "right"].forEach((hand) => {
      // Pictures of controllers would come from somebody else's server.
      make(hand, { "laser-controls": `hand: ${hand}; model: false`, raycaster: "objects: [data-pick]; lineColor: #0b5a6e" }, scene);
    });
    make("sky", { light: "type: ambient; intensity: 1.6" }, scene);
    make("lamp", { light: "type: directional; intensity: 1.4", position: "1 4 2" }, scene);
    make("floor", { geometry: "primitive: plane; width: 12; height: 12", material: "color: #b9c4c6", rotation: "-90 0 0" }, scene);
    make("bench", { ...solid([3.7, 0.06, 1.1], "#7d6a55"), position: "0 0.87 -1.9" }, scene);
    make("board", { sign: { width: 2.5, height: 0.6, letter: 0.1 }, position: "0 1.92 -2.4" }, scene);
    Array.from(form.querySelectorAll(".papers section"), paper).forEach((text, place) => {
      const side = place % 2 ? 1 : -1;
      make(`paper.${place}`, {
        sign: { text, width: 1.5, height: 1.15, letter: 0.055, paint: "#fbfaf5" },
        position: `${side * 2.45} ${place > 1 ? 2.75 : 1.55} -1.1`, rotation: `0 ${-side * 62} 0`,
      }, scene);
    });
    if (lanes) {
      steps.forEach((step, place) => body(`step.${place}`, step.look, String(place + 1), `step ${place}`, scene));
      steps[0].things.forEach((thing, place) => {
        const x = -0.9 + place * 0.6;
        make(`lane.${place}`, { ...solid([0.56, 0.03, 0.44], thing.look.paint), position: `${x} 0.92 -1.62`, "data-pick": `thing ${place}` }, scene);
        make(`lane.${place}.sign`, {
          sign: { text: thing.text, width: 0.56, height: 0.13, letter: 0.055, paint: thing.look.paint, ink: "#ffffff", middle: true },
          position: `${x} 0.99 -1.4`, rotation: "-30 0 0", "data-pick": `thing ${place}`,
        }, scene);
      });
    } else {
      steps.forEach((step, number) => step.things.forEach((thing, place) =>
        body(`thing.${number}.${place}`, thing.look, thing.text, `thing ${place}`, scene)));
    }
    ["back", "next", "hand"].forEach((deed, place) => {
      make(deed, {
        sign: { text: words[deed], width: 0.5, height: 0.12, letter: 0.06, paint: deed === "hand" ? "#0b5a6e" : "#ffffff", ink: deed === "hand" ? "#ffffff" : "#17232b", middle: true },
        position: `${[-0.55, 0.55, 0][place]} 0.8 -1.28`, rotation: "-35 0 0", "data-pick": deed,
      }, scene);
    });
    scene.addEventListener("click", (event) => {
      const [deed, place] = (event.target.getAttribute("data-pick") || "").split(" ");
      if (deeds[deed]) {
        deeds[deed](Number(place));
      }
    });
    stage.appendChild(scene);
    return scene;
  }

  function paper(section) {
    const rows = Array.from(section.querySelectorAll("tbody tr"), (row) => Array.from(row.cells, (cell) => cell.innerText).join(" · "));
    return [section.querySelector("h2").innerText, ...rows].join("\n");
  }

  function place(name, x, y, z, pick) {
    const entity = drawn[name];
    entity.object3D.position.set(x, y, z);
    entity.object3D.visible = Boolean(pick);
    // What is not there cannot be hit by a ray either.
    [entity, drawn[`${name}.sign`]].forEach((one) => pick ? one.setAttribute("data-pick", pick) : one.removeAttribute("data-pick"));
  }

  function mark(name, paint) {
    drawn[`${name}.plate`].object3D.visible = Boolean(paint);
    if (paint) {
      drawn[`${name}.plate`].setAttribute("material", "color", paint);
    }
  }

  function drawDesk() {
    const heaps = {};
    steps.forEach((step, number) => {
      const name = `step.${number}`;
      const lane = step.things.findIndex((thing) => thing.input.checked);
      const half = step.look.size[1] / 2;
      if (lane < 0) {
        place(name, -1.44 + number * 0.32, 0.92 + half + (number === at ? 0.14 : 0), -2.2, `step ${number}`);
      } else {
        const heap = heaps[lane] = (heaps[lane] || 0) + 1;
        place(name, -1.08 + lane * 0.6 + ((heap - 1) % 3) * 0.18, 0.95 + half + Math.floor((heap - 1) / 3) * 0.3, -1.66, `step ${number}`);
      }
      drawn[name].object3D.scale.setScalar(lane < 0 ? 1 : 0.7);
      mark(name, number === at ? IN_HAND : lane < 0 ? "" : CHOSEN);
    });
  }

  function drawBench() {
    steps.forEach((step, number) => step.things.forEach((thing, order) => {
      const name = `thing.${number}.${order}`;
      const gap = Math.min(0.62, 3.1 / step.things.length);
      const x = (order - (step.things.length - 1) / 2) * gap;
      const chosen = thing.input.checked;
      place(name, x, 0.92 + thing.look.size[1] / 2 + (chosen ? 0.16 : 0), order % 2 ? -2.05 : -1.85, number === at ? `thing ${order}` : "");
      mark(name, chosen ? CHOSEN : "");
      drawn[`${name}.sign`].setAttribute("sign", "text", (chosen ? "✓ " : "") + thing.text);
    }));
  }

  function draw() {
    if (!drawn.board) {
      return;
    }
    const step = steps[at];
    const over = fill(words.at, { name: step.name, place: at + 1, total: steps.length });
    drawn.board.setAttribute("sign", "text", [over, step.question, step.facts.join(" · ")].filter(Boolean).join("\n"));
    (lanes ? drawDesk : drawBench)();
    steps.forEach((one, number) => one.set.classList.toggle("now", number === at));
  }

  // Hands: form, keys, headset ------------------------------------------------------------------------------------

  form.addEventListener("change", draw);
  form.addEventListener("focusin", (event) => {
    const number = steps.findIndex((step) => step.set.contains(event.target));
    if (number >= 0 && number !== at) {
      at = number;
      draw();
    }
  });

  // Keys work while the picture has the focus, so that they take none from a page or a screen reader (WCAG 2.1.4).
  stage.addEventListener("keydown", (event) => {
    const eye = drawn.eye && drawn.eye.components["look-controls"];
    const acts = {
      ArrowLeft: deeds.back, ArrowRight: deeds.next, Enter: deeds.hand,
      a: () => { eye.yawObject.rotation.y += 0.3; }, d: () => { eye.yawObject.rotation.y -= 0.3; },
    };
    const act = /^[1-9]$/.test(event.key) ? () => choose(Number(event.key) - 1) : acts[event.key];
    if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      act();
    }
  });

  function canDraw() {
    return typeof AFRAME !== "undefined" && Boolean(document.createElement("canvas").getContext("webgl2"));
  }

  async function headset(scene) {
    const enter = document.getElementById("enter");
    const framed = window.parent !== window;
    // In a frame the platform has to allow it (Permissions Policy "xr-spatial-tracking"); in a window of its own nobody has.
    document.getElementById("window").hidden = !framed;
    try {
      enter.hidden = !(navigator.xr && await navigator.xr.isSessionSupported("immersive-vr"));
    } catch (error) {
      enter.hidden = true;
    }
    enter.addEventListener("click", () => scene.enterVR());
  }

  if (canDraw()) {
    registerSign();
    document.getElementById("none").hidden = true;
    ["stage", "hands", "keys"].forEach((id) => { document.getElementById(id).hidden = false; });
    const scene = build();
    const begin = () => { drawn.eye.components["look-controls"].pitchObject.rotation.x = -0.17; draw(); headset(scene); stage.dataset.ready = "1"; };
    if (scene.hasLoaded) {
      begin();
    } else {
      scene.addEventListener("loaded", begin);
    }
  }
})();
