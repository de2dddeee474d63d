// Regrades: sliders beside fields, what other rules would come to while they move, and live progress.
const form = document.getElementById("what-if");
const place = document.getElementById("effect");

document.documentElement.classList.add("scripted");

/** A slider writes its field, and the field sets its slider. */
function pair(slider, field, text, value) {
  slider.addEventListener("input", () => {
    field.value = text(slider.value, field.value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("change", () => {
    const found = value(field.value);
    if (Number.isFinite(found)) slider.value = found;
  });
}

const byName = (slider, name) => slider.form.elements[name];
for (const slider of document.querySelectorAll("[data-for]")) {
  pair(slider, byName(slider, slider.dataset.for), (value) => value, Number.parseFloat);
}
for (const slider of document.querySelectorAll("[data-power]")) {
  const text = (value) => (10 ** value).toExponential(0);
  pair(slider, byName(slider, slider.dataset.power), text, (typed) => Math.log10(Number.parseFloat(typed)));
}
// The last percentage of a late rule; of an empty one, a rule of one step.
const LAST = /(\d+(?:\.\d+)?)(\s*[%％])(?![\s\S]*[1-9]\d*(?:\.\d+)?\s*[%％])/;
for (const slider of document.querySelectorAll("[data-percent]")) {
  const field = byName(slider, slider.dataset.percent);
  const text = (value, typed) => (LAST.test(typed) ? typed.replace(LAST, `${Math.max(1, value)}$2`) : `until +1 day: ${value} %`);
  pair(slider, field, text, (typed) => Number.parseFloat(typed.match(LAST)?.[1] ?? ""));
}

if (form && place) {
  let timer = 0;
  let asking = null;

  /** Shows a part of the page; a reason that is being typed stays. */
  function put(part) {
    const typed = document.getElementById("rescore-reason")?.value;
    const focused = document.activeElement?.id === "rescore-reason";
    place.innerHTML = part;
    const reason = document.getElementById("rescore-reason");
    if (reason && typed !== undefined) reason.value = typed;
    if (reason && focused) reason.focus();
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const query = new URLSearchParams(new FormData(form));
    place.setAttribute("aria-busy", "true");
    try {
      // A sample at once, then the rest.
      for (const some of ["1", ""]) {
        query.set("some", some);
        const answer = await fetch(`${form.action.split("#")[0]}?${query}`, { headers: { "HX-Request": "true" }, redirect: "error", signal });
        if (!answer.ok) break;
        put(await answer.text());
        if (!place.querySelector("[data-sample]")) break;
      }
      place.removeAttribute("aria-busy");
    } catch (error) {
      if (error.name !== "AbortError") place.removeAttribute("aria-busy"); // the button still asks
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
}

const line = document.getElementById("progress");
if (line) {
  const bar = line.querySelector("progress");
  const words = line.querySelector("span");
  let pause = 700;
  async function look() {
    try {
      const answer = await fetch(line.dataset.address, { redirect: "error" });
      if (answer.ok) {
        const far = await answer.json();
        bar.max = far.total;
        bar.value = far.judged + far.failed;
        words.textContent = line.dataset.words.replace("{done}", far.judged + far.failed).replace("{all}", far.total);
        if (!far.waiting || far.state !== "open") {
          location.reload();
          return;
        }
        pause = 700;
      }
    } catch {
      pause = Math.min(pause * 2, 10000); // the network is away; it is asked again
    }
    setTimeout(look, document.visibilityState === "hidden" ? 10000 : pause);
  }
  setTimeout(look, pause);
}
