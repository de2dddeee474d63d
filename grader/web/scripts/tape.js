// The tape of a backward pass, played step by step. Without this it is a list.

const PAUSE = 1200;

/** Ready every tape in the page that is not yet. */
export function readyTapes() {
  for (const figure of document.querySelectorAll("figure.tape:not([data-ready])")) ready(figure);
}

function ready(figure) {
  figure.dataset.ready = "";
  const words = JSON.parse(figure.dataset.words);
  const steps = [...figure.querySelectorAll("li.step")];
  const tools = figure.querySelector(".tape-tools");
  const button = (go) => tools.querySelector(`[data-go=${go}]`);
  const live = tools.querySelector("[aria-live]");
  let at = -1; // -1: all steps are shown
  let timer = 0;
  tools.hidden = false;

  function show(next) {
    at = next;
    steps.forEach((step, n) => {
      step.hidden = at >= 0 && n > at;
      step.toggleAttribute("aria-current", false);
    });
    for (const rounds of figure.querySelectorAll("li.rounds")) rounds.hidden = !rounds.querySelector("li.step:not([hidden])");
    // A button that were disabled would lose the focus, and the keys with it.
    button("back").setAttribute("aria-disabled", at === 0);
    button("on").setAttribute("aria-disabled", at === steps.length - 1);
    live.textContent = "";
    if (at < 0) return;
    const step = steps[at];
    step.setAttribute("aria-current", "step");
    const folded = step.closest("details");
    if (folded) folded.open = true;
    const said = [...step.querySelectorAll(".what, dl, .difference")].map((each) => each.innerText.replace(/\s+/g, " ").trim());
    live.textContent = `${words.step.replace("{n}", at + 1).replace("{all}", steps.length)}: ${said.join(". ")}`;
    step.scrollIntoView({ block: "nearest" });
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    button("play").textContent = words.play;
  }

  function play() {
    // From the beginning, unless it stands in the middle.
    show(at < 0 || at === steps.length - 1 ? 0 : at);
    button("play").textContent = words.pause;
    timer = setInterval(() => {
      if (!figure.isConnected) return stop();
      if (at < steps.length - 1) show(at + 1);
      if (at === steps.length - 1 || steps[at].classList.contains("stop")) stop();
    }, PAUSE);
  }

  function go(where) {
    const playing = timer !== 0;
    stop();
    if (where === "play" && !playing) play();
    if (where === "on") show(Math.min(at + 1, steps.length - 1));
    if (where === "back") show(at < 0 ? steps.length - 1 : Math.max(at - 1, 0));
    if (where === "all") show(-1);
  }

  tools.addEventListener("click", (event) => {
    const where = event.target.closest("button")?.dataset.go;
    if (where) go(where);
  });
  // A space presses the button that has the focus.
  tools.addEventListener("keydown", (event) => {
    const where = { ArrowLeft: "back", ArrowRight: "on" }[event.key];
    if (!where || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(where);
  });
}
