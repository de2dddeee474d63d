// The slider of a curve's picture: moves a point along it, and says what is known there. Everything comes from
// the numbers in the page; a picture without this script has them in a table.
const SVG = "http://www.w3.org/2000/svg";
const REACH = 0.3; // A tangent is drawn over so much of the width, to either side of its point.
const STEPS = 24; // On a symlog axis a straight line is bent.

/** From 0 at the top of a panel's axis to 1 at its bottom. */
function height(panel, y) {
  const place = (v) => {
    if (!panel.c) return v;
    const size = Math.abs(v) / panel.c;
    return Math.sign(v) * (size <= 1 ? Math.LOG10E * size : Math.LOG10E + Math.log10(size));
  };
  const low = place(panel.low);
  return 1 - (place(y) - low) / (place(panel.high) - low);
}

function draw(group, name, attributes) {
  const shape = group.appendChild(document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
}

/** The picture of the point with the index `i`. */
function place(slider, i) {
  const data = JSON.parse(slider.dataset.curve);
  const group = slider.closest("figure").querySelector("g.at");
  const xs = data.x.map(Number);
  const [first, last] = [xs[0], xs[xs.length - 1]];
  const across = (x) => data.left + ((x - first) / (last - first)) * data.width;
  const panelOf = (kind) => data.panels[kind === "f" ? "f" : "gradient"];
  const down = (panel, y) => panel.top + height(panel, y) * panel.height;
  const inside = (panel, y) => y >= panel.low && y <= panel.high;
  const at = Object.fromEntries(Object.entries(data.lines).map(([kind, ys]) => [kind, ys[i]]));

  group.replaceChildren();
  for (const panel of Object.values(data.panels)) {
    draw(group, "path", { class: "here", d: `M${across(xs[i])} ${panel.top}v${panel.height}` });
  }
  for (const kind of ["truth", "predicted"]) {
    if (at.f == null || at[kind] == null || (kind === "predicted" && at.predicted === at.truth)) continue;
    const [panel, y, slope] = [data.panels.f, Number(at.f), Number(at[kind])];
    const points = [];
    for (let n = -STEPS; n <= STEPS; n++) {
      const x = xs[i] + ((n / STEPS) * REACH) * (last - first);
      const there = y + slope * (x - xs[i]);
      if (x >= first && x <= last && inside(panel, there)) points.push(`${across(x)} ${down(panel, there)}`);
    }
    if (points.length > 1) draw(group, "path", { class: `tangent ${kind}`, d: `M${points.join("L")}` });
  }
  for (const [kind, y] of Object.entries(at)) {
    const panel = panelOf(kind);
    if (y == null || !inside(panel, Number(y))) continue;
    const [cx, cy] = [across(xs[i]), down(panel, Number(y))];
    if (kind === "predicted") draw(group, "path", { class: "point predicted", d: `M${cx - 5} ${cy}l5 -5l5 5l-5 5z` });
    else draw(group, "circle", { class: `point ${kind}`, cx, cy, r: 4 });
  }
  slider.querySelector("input").setAttribute("aria-valuetext", data.x[i]);
  for (const place of slider.querySelectorAll("[data-of]")) {
    const text = place.dataset.of === "x" ? data.x[i] : (at[place.dataset.of] ?? data.none);
    if (place.textContent !== text) place.textContent = text;
  }
}

function prepare(part) {
  for (const slider of part.querySelectorAll(".slider[hidden]")) {
    const input = slider.querySelector("input");
    input.addEventListener("input", () => place(slider, input.valueAsNumber));
    place(slider, input.valueAsNumber);
    slider.hidden = false;
  }
}

prepare(document);
// A picture that comes later, by htmx.
document.addEventListener("htmx:load", (event) => prepare(event.target));
