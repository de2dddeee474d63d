// A typed answer has one home: a box that says something else than PREDICTIONS in the file says so while one types.
// Both are read as the judge reads them, as far as they are plain; of anything else nothing is said.
import { predictionsIn } from "./predictions.js";

const PAUSE = 400; // Milliseconds after the last key, so that it is not said of half a number.
const MOST = 80; // Characters of the file that are quoted.
const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const WORDS = new Map([["none", null], ["true", true], ["false", false]]);
const UNKNOWN = Symbol("unknown");

export function watchContradictions(work, editor, words) {
  const places = [...document.querySelectorAll("[data-in-file]")];
  if (!places.length) return;
  let timer = 0;
  let asked = 0;

  async function look() {
    const question = ++asked;
    const inFile = predictionsIn(editor.state());
    for (const place of places) {
      const entry = inFile.get(place.dataset.inFile);
      const differs = entry ? await (READERS[place.dataset.type] ?? (() => false))(place, work, entry) : false;
      if (question !== asked) return; // Something has been typed while the server was asked.
      say(place, differs ? sentence(place, entry) : "");
    }
    busy(false);
  }

  function sentence(place, entry) {
    const text = entry.text.length > MOST ? `${entry.text.slice(0, MOST - 1)}…` : entry.text;
    return words.in_file.replace("%(name)s", () => place.dataset.inFile).replace("%(text)s", () => text);
  }

  function busy(on) {
    for (const place of places) place.setAttribute("aria-busy", on);
  }

  function later() {
    busy(true);
    asked += 1;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  }

  editor.onChange(later);
  for (const event of ["input", "change"]) document.addEventListener(event, (each) => each.target.form === work && later());
  // A verdict says the same of the attempt that it is on: once is enough.
  document.body.addEventListener("htmx:afterSettle", () => places.forEach(hushed));
  look();
}

function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
  hushed(place);
}

/** While it is said of what is typed now, it is not said of what was handed in as well. */
function hushed(place) {
  const note = document.querySelector(`#said-${place.dataset.inFile} .note`);
  if (note) note.hidden = place.textContent !== "";
}

// What is typed, and whether it contradicts the file's entry; false also where one of the two cannot be read.

const READERS = { number: numbersDiffer, bool: numbersDiffer, choice: choicesDiffer, edges: edgesDiffer, formula: formulasDiffer };

const field = (work, name) => work.elements[`predict-${name}`];
const shapeOf = (place) => (place.dataset.shape ? place.dataset.shape.split(" ").map(Number) : []);

/** The text of an answer's only control; empty for none, or none chosen. */
const whole = (work, name) => field(work, name)?.value?.trim() ?? "";

/** What all boxes of an answer hold, nested in its shape; null where one is empty or there are none. */
function boxed(work, name, shape, at = []) {
  if (at.length === shape.length) return work.elements[["predict-" + name, ...at].join(".")]?.value?.trim() || null;
  const held = [];
  for (let i = 0; i < shape[at.length]; i++) {
    const item = boxed(work, name, shape, [...at, i]);
    if (item === null) return null;
    held.push(item);
  }
  return held;
}

function numbersDiffer(place, work, { value }) {
  const name = place.dataset.inFile;
  const none = work.elements[`predict-${name}.none`]?.checked;
  const typed = whole(work, name);
  const shape = shapeOf(place);
  const held = shape.length && !typed ? boxed(work, name, shape) : null;
  const empty = !typed && (!shape.length || !anything(work, name));
  let mine = UNKNOWN;
  if (none) mine = empty ? null : UNKNOWN;
  else if (typed) mine = read(typed);
  else if (held) mine = deep(held, word);
  const theirs = typeof value === "string" ? read(value) : deep(value, (item) => (typeof item === "string" ? word(item) : item));
  const kinds = [kind(mine), kind(theirs)];
  if (kinds.includes(UNKNOWN)) return false;
  return kinds[0] !== kinds[1] || !same(mine, theirs);
}

const anything = (work, name) =>
  [...work.elements].some((each) => each.name?.startsWith(`predict-${name}.`) && each.type !== "checkbox" && each.value.trim());

const deep = (nested, of) => (Array.isArray(nested) ? nested.map((item) => deep(item, of)) : of(nested));
const flat = (nested) => (Array.isArray(nested) ? nested.flat(Infinity) : [nested]);

/** "none", "truths" or "numbers"; UNKNOWN for what the judge would not take, or what is not read here. */
function kind(value) {
  if (value === null) return "none";
  const all = flat(value);
  if (!all.length || all.includes(UNKNOWN) || all.includes(null) || !regular(value)) return UNKNOWN;
  return all.every((each) => typeof each === "boolean") ? "truths" : "numbers";
}

/** Whether nested lists are as long as their neighbours. */
function regular(value) {
  const shape = (item) => (Array.isArray(item) ? `${item.length}(${shape(item[0])})` : "");
  return !Array.isArray(value) || (value.every(regular) && value.every((item) => shape(item) === shape(value[0])));
}

function same(one, other) {
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (!Array.isArray(one)) return Number(one) === Number(other); // beside numbers, True is 1
  return one.length === other.length && one.every((item, i) => same(item, other[i]));
}

/** One number, a fraction, or a word. */
function word(text) {
  const lower = text.toLowerCase();
  if (WORDS.has(lower)) return WORDS.get(lower);
  const parts = text.split("/");
  if (parts.length > 2 || !parts.every((part) => PLAIN.test(part))) return UNKNOWN;
  const number = parts.length === 2 ? Number(parts[0]) / Number(parts[1]) : Number(text);
  return Number.isFinite(number) ? number : UNKNOWN;
}

/** A word, or a list in square brackets. */
function read(text) {
  if (!text.startsWith("[")) return word(text);
  const tokens = text.match(/[[\],]|[^[\],\s]+/g);
  let at = 0;
  function item() {
    const token = tokens[at++];
    if (token !== "[") return token === undefined || "],".includes(token) ? UNKNOWN : word(token);
    const items = [];
    while (at < tokens.length && tokens[at] !== "]") {
      items.push(item());
      if (tokens[at] === ",") at += 1;
      else if (tokens[at] !== "]") return UNKNOWN;
    }
    return tokens[at++] === "]" ? items : UNKNOWN;
  }
  const found = item();
  return at === tokens.length ? found : UNKNOWN;
}

function choicesDiffer(place, work, { value }) {
  const name = place.dataset.inFile;
  const ids = place.dataset.options.split(" ");
  const id = (text) => (typeof text === "string" && ids.includes(text.trim().toLowerCase()) ? text.trim().toLowerCase() : UNKNOWN);
  const list = (said) => (Array.isArray(said) ? said : typeof said === "string" ? said.split(",") : [UNKNOWN]).map(id);
  const shape = shapeOf(place);
  const mine = whole(work, name) ? list(whole(work, name)) : shape.length ? list(boxed(work, name, shape) ?? [UNKNOWN]) : [UNKNOWN];
  const theirs = list(value);
  if (mine.includes(UNKNOWN) || theirs.includes(UNKNOWN)) return false;
  return mine.join() !== theirs.join();
}

function edgesDiffer(place, work, { value }) {
  const arrows = (said) => {
    const found = new Set();
    for (const piece of (Array.isArray(said) ? said : [said]).flatMap((each) => (typeof each === "string" ? each.split(",") : [UNKNOWN]))) {
      const ends = typeof piece === "string" ? piece.split("->").map((end) => end.trim()) : [];
      if (ends.length < 2 || !ends.every((end) => /^[A-Za-z_]\w*$/.test(end))) return null;
      for (let i = 1; i < ends.length; i++) found.add(`${ends[i - 1]} ${ends[i]}`);
    }
    return [...found].sort().join();
  };
  const [mine, theirs] = [arrows(whole(work, place.dataset.inFile)), arrows(value)];
  return mine !== null && theirs !== null && mine !== theirs;
}

const printed = new Map();

/** Two formulas differ where the judge's reader prints them differently: it is asked, once for each text. */
async function formulasDiffer(place, work, { value }) {
  const name = place.dataset.inFile;
  const mine = whole(work, name);
  const theirs = typeof value === "number" ? String(value) : value;
  if (!mine || typeof theirs !== "string" || mine === theirs.trim()) return false;
  const [one, other] = await Promise.all([mine, theirs].map((text) => inPrint(place.dataset.print, text)));
  return one !== null && other !== null && one !== other;
}

/** A formula as it is shown in print; null for what is none, and while the server cannot be asked. */
async function inPrint(address, text) {
  const asked = `${address}&text=${encodeURIComponent(text)}`;
  if (!printed.has(asked)) {
    try {
      const answer = await fetch(asked, { redirect: "error" });
      if (!answer.ok) return null;
      const html = await answer.text();
      printed.set(asked, html.startsWith("<math") ? html : null);
    } catch {
      return null;
    }
  }
  return printed.get(asked);
}
