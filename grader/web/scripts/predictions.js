// What the file's PREDICTIONS says, read off the editor's syntax tree. Nothing is run and nothing is guessed: only
// one plain assignment of literals is read, and of a file that could do anything else with it nothing is known.
import { ensureSyntaxTree } from "@codemirror/language";

const NAME = "PREDICTIONS";
const PATIENCE = 100; // Milliseconds of parsing; of a file that takes longer nothing is known until it is parsed.
const REACH_IN = new Set(["globals", "locals", "vars", "exec", "eval", "compile", "setattr", "__import__"]);
const NUMBER = /^(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d{1,3})?$/;
const STRING = /^(["'])((?:(?!\1)[^\\\n])*)\1$/;

/** Of a value that is no plain literal. */
const UNKNOWN = Symbol("unknown");

/**
 * The entries of the file's PREDICTIONS that are plain literals, by name: `value` is null, a truth value, a number, a
 * text or nested arrays of these, `text` what stands in the file. None where the file may say something else.
 */
export function predictionsIn(state) {
  const tree = ensureSyntaxTree(state, state.doc.length, PATIENCE);
  const found = new Map();
  if (!tree) return found;
  const text = (node) => state.sliceDoc(node.from, node.to);
  let mentions = 0;
  let unclear = false;
  let written = null;
  tree.iterate({
    enter(node) {
      if (node.type.isError) unclear = true;
      if (node.name === "VariableName") {
        const name = text(node);
        if (name === NAME) {
          mentions += 1;
          written = node.node;
        }
        if (REACH_IN.has(name)) unclear = true;
      }
      return !unclear;
    },
  });
  const assigned = written?.parent;
  if (unclear || mentions !== 1 || assigned?.name !== "AssignStatement" || assigned.parent.name !== "Script") return found;
  const parts = inside(assigned).filter((part) => part.name !== "TypeDef" && part.name !== "AssignOp");
  const dictionary = parts[1];
  if (parts.length !== 2 || !isSame(parts[0], written) || dictionary.name !== "DictionaryExpression") return found;
  for (const entry of entriesOf(dictionary, text)) {
    if (!entry) return new Map(); // A key that is computed may be any of them.
    const value = literal(entry.value, text);
    if (value === UNKNOWN) found.delete(entry.key);
    else found.set(entry.key, { value, text: text(entry.value).replace(/\s+/g, " ") });
  }
  return found;
}

const isSame = (one, other) => one.from === other.from && one.to === other.to;

/** The children of a node, without remarks. */
function inside(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) if (child.name !== "Comment") found.push(child);
  return found;
}

/** Keys and values; null for an entry whose key is no plain text. */
function* entriesOf(dictionary, text) {
  const parts = inside(dictionary).filter((part) => !"{},".includes(part.name));
  for (let i = 0; i < parts.length; i += 3) {
    const [key, colon, value] = parts.slice(i, i + 3);
    const name = key.name === "String" ? STRING.exec(text(key)) : null;
    yield name && colon?.name === ":" && value ? { key: name[2], value } : null;
    if (!name) return;
  }
}

function literal(node, text) {
  const said = text(node);
  switch (node.name) {
    case "None":
      return null;
    case "Boolean":
      return said === "True";
    case "Number":
      return NUMBER.test(said) ? Number(said.replaceAll("_", "")) : UNKNOWN;
    case "String":
      return STRING.exec(said)?.[2] ?? UNKNOWN;
    case "UnaryExpression": {
      const [sign, of] = inside(node);
      const value = of?.name === "Number" && /^[+-]$/.test(text(sign)) ? literal(of, text) : UNKNOWN;
      return value === UNKNOWN ? UNKNOWN : text(sign) === "-" ? -value : value;
    }
    case "ArrayExpression":
    case "TupleExpression": {
      const items = inside(node).filter((part) => !"[](),".includes(part.name)).map((part) => literal(part, text));
      return items.includes(UNKNOWN) ? UNKNOWN : items;
    }
  }
  return UNKNOWN;
}
