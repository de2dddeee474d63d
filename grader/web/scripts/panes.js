// The two panes: the reader's place in each is kept over a reload; in one column the bar shows which part is read.
const memory = `places:${location.pathname}`;

/** Puts the panes back to where they were on this page, and remembers where they are when it is left. */
export function keepPlaces() {
  const panes = [...document.querySelectorAll(".pane")];
  const [entry] = performance.getEntriesByType("navigation");
  const here = document.referrer.split(/[?#]/)[0] === location.href.split(/[?#]/)[0];
  // Reloaded, come back to, or in another language; an address that names a place is where that leads.
  if (entry?.type !== "navigate" || (here && !location.hash)) {
    try {
      const places = JSON.parse(sessionStorage.getItem(memory) ?? "{}");
      for (const pane of panes) pane.scrollTop = places[pane.id] ?? 0;
    } catch {
      // Storage may be forbidden: then a page begins at its top.
    }
  }
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(memory, JSON.stringify(Object.fromEntries(panes.map((pane) => [pane.id, pane.scrollTop]))));
    } catch {
      // As above.
    }
  });
}

/** Says which part of the page is being read: the last one that has begun in the upper half of the window. */
export function showCurrent() {
  const links = [...document.querySelectorAll(".jumps a")];
  const parts = links.map((link) => document.querySelector(link.hash));
  const inSight = new Set();
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) inSight[isIntersecting ? "add" : "delete"](target);
      const last = parts.findLastIndex((part) => inSight.has(part));
      links.forEach((link, i) => (i === last ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    },
    { rootMargin: "0px 0px -50% 0px" },
  );
  for (const part of parts) watch.observe(part);
}
