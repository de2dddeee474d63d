// An attempt's page: its graph and its code light one another up, its plots have sliders, and its tapes play. The page is whole without it.
import { joinGraphAndCode } from "./graph.js";
import "./plot.js";
import { readyTapes } from "./tape.js";

readyTapes();

const listing = document.querySelector("pre.numbered");
const lineAt = (number) => document.getElementById(`L${number}`);
const numberOf = (target) => Number(target.closest?.(".line")?.id.slice(1) ?? 0);

if (listing) {
  joinGraphAndCode({
    current: () => true,
    light(lines) {
      for (const each of listing.querySelectorAll(".lit")) each.classList.remove("lit");
      for (const number of lines) lineAt(number)?.classList.add("lit");
    },
    goTo(number) {
      location.hash = `L${number}`;
    },
    onPoint(tell) {
      listing.addEventListener("pointerover", (event) => tell(numberOf(event.target)));
      listing.addEventListener("pointerleave", () => tell(0));
      listing.addEventListener("focusin", (event) => tell(numberOf(event.target)));
      listing.addEventListener("focusout", () => tell(0));
    },
  });
  // Lines with nodes are met by the Tab key as well: there are as many as the graph has.
  const known = new Set([...document.querySelectorAll("[data-at]")].map((node) => node.dataset.at));
  for (const number of known) lineAt(number)?.setAttribute("tabindex", "0");
}
