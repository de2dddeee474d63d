// The exercise's page: an editor in the place of the text area, drafts, boxes, and handing in without
// leaving the page. Everything here improves a form that works without it.
import htmx from "htmx.org";
import { spreadPasted } from "./boxes.js";
import { keepDraft } from "./draft.js";
import { openEditor } from "./editor.js";
import { readFiles } from "./files.js";
import { handIn } from "./handin.js";
import "./zone.js";

const work = document.getElementById("work");
const words = JSON.parse(work.dataset.words);

document.documentElement.classList.add("scripted");

// In a task of its own: reading this script and opening the editor in one would let nobody tap a slow phone.
setTimeout(() => {
  const editor = openEditor(work.elements.source, () => work.requestSubmit());
  const draft = keepDraft(work, editor, words);
  readFiles(work, editor, words);
  spreadPasted(work);
  handIn(htmx, work, editor, draft, words);
});
