// The exercise's page: an editor in the place of the text area, drafts, boxes, and handing in without
// leaving the page. Everything here improves a form that works without it.
import htmx from "htmx.org";
import { spreadPasted } from "./boxes.js";
import { watchContradictions } from "./contradictions.js";
import { keepDraft, restoreUnsaved } from "./draft.js";
import { openEditor } from "./editor.js";
import { readFiles } from "./files.js";
import "./given.js";
import { joinGraphAndCode } from "./graph.js";
import { handIn } from "./handin.js";
import { keepPlaces, showCurrent } from "./panes.js";
import "./plot.js";
import { readyTapes } from "./tape.js";
import "./zone.js";

const work = document.getElementById("work");
const words = JSON.parse(work.dataset.words);

document.documentElement.classList.add("scripted");

// Browsers keep what was typed over a reload, which is good where no script saves it.
work.elements.source.autocomplete = "off";
// What the address asked for has been done; a reload shall not do it again, over what is typed from now on.
const address = new URL(location.href);
for (const name of ["from", "lang", "theme"]) address.searchParams.delete(name);
if (address.href !== location.href) history.replaceState(history.state, "", address);

showCurrent();

// Back may bring this page out of the browser's cache as it was before what has been saved and handed in since.
const [arrival] = performance.getEntriesByType("navigation");
const outdated = arrival?.type === "back_forward" && arrival.transferSize === 0 && navigator.onLine;

function start() {
  const shown = work.elements.source.value;
  const restored = restoreUnsaved(work);
  const editor = openEditor(work.elements.source, words, () => work.requestSubmit());
  const draft = keepDraft(work, editor, words, restored);
  const files = readFiles(work, editor, words);
  spreadPasted(work);
  watchContradictions(work, editor, words);
  keepPlaces();
  readyTapes();
  document.body.addEventListener("htmx:afterSettle", readyTapes);
  // A verdict beside code that has changed since says so, and then nobody knows which line is which.
  joinGraphAndCode({ ...editor, current: () => document.getElementById("changed")?.hidden ?? true });
  handIn(htmx, work, editor, { draft, files, shown, words });
}

if (outdated) {
  // Nothing is to be typed into what is about to go.
  work.inert = true;
  // Not reload(): of the answer to a form it would ask whether to send the form again.
  address.hash = "";
  location.replace(address);
} else {
  // In a task of its own: reading this script and opening the editor in one would let nobody tap a slow phone.
  setTimeout(start);
}
