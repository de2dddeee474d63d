// CodeMirror in the place of the text area, which goes on holding the text: the form is sent from there.
import { defaultKeymap, history, historyField, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { markedLines, markLines, marks } from "./marks.js";
import { lightLines, litLines, pointedLine } from "./lit_lines.js";

const memory = `undo:${location.pathname}`;

/** The state with the undo history of before a reload, if it is the same text. */
function remembered(text, extensions) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(memory) ?? "null");
    if (kept?.doc === text) return EditorState.fromJSON(kept, { extensions }, { history: historyField });
  } catch {
    // Storage may be forbidden, or hold what an older version wrote: the text itself is in the page.
  }
  return EditorState.create({ doc: text, extensions });
}

export function openEditor(area, words, submit) {
  const nonce = document.querySelector("script[nonce]")?.nonce ?? "";
  const label = area.labels[0];
  const changed = [];
  const bar = document.querySelector(".hand-in");
  const said = document.getElementById("editor-marks");
  const pointed = [];
  const extensions = [
    EditorView.cspNonce.of(nonce),
    lineNumbers(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    indentOnInput(),
    bracketMatching(),
    indentUnit.of("    "),
    EditorState.tabSize.of(4),
    python(),
    syntaxHighlighting(classHighlighter),
    marks,
    // What sticks to the window's lower edge lies over the last lines there.
    EditorView.scrollMargins.of(() => ({ bottom: bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0 })),
    litLines,
    pointedLine((line) => pointed.forEach((tell) => tell(line))),
    keymap.of([
      { key: "Mod-Enter", run: () => (submit(), true) },
      // Tab indents; Escape, then Tab, leaves the editor, and a line beneath it says so.
      indentWithTab,
      ...historyKeymap,
      ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
    ]),
    EditorView.contentAttributes.of({
      // It takes the focus without this as well; who asks which part of the page can be scrolled by keys sees it here.
      tabindex: "0",
      "aria-labelledby": label.id,
      "aria-describedby": "editor-keys editor-marks",
      spellcheck: "false",
      autocapitalize: "none",
    }),
    EditorView.updateListener.of((update) => {
      tellMarks();
      if (!update.docChanged) return;
      area.value = view.state.doc.toString();
      for (const each of changed) each();
    }),
  ];
  const view = new EditorView({ state: remembered(area.value, extensions) });
  area.before(view.dom);
  area.hidden = true;
  area.removeAttribute("id");
  label.addEventListener("click", () => view.focus());
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(memory, JSON.stringify(view.state.toJSON({ history: historyField })));
    } catch {
      // Too long, or forbidden: then undo begins anew.
    }
  });
  // A page that comes back from the browser's cache of pages keeps its editor; one that is restored
  // field by field has its old text in the area only.
  addEventListener("pageshow", () => {
    if (area.value !== view.state.doc.toString()) replace(area.value);
  });

  /** The marked lines in words, too: the column of numbers is not read out. */
  function tellMarks() {
    const lines = markedLines(view.state).map((line) => words.line.replace("%(line)s", line));
    const text = lines.length ? words.marked.replace("%(lines)s", lines.join(words.comma)) : "";
    if (said.textContent !== text) said.textContent = text;
  }

  function replace(text) {
    // By itself in the history: within half a second of a key, one undo would take that back as well.
    view.dispatch({
      changes: { from: 0, to: view.state.doc.length, insert: text },
      annotations: isolateHistory.of("full"),
    });
  }

  return {
    dom: view.dom,
    text: () => view.state.doc.toString(),
    state: () => view.state,
    focus: () => view.focus(),
    replace,
    onChange: (each) => changed.push(each),
    mark: (lines) => view.dispatch(markLines(lines)),
    onPoint: (tell) => pointed.push(tell),
    light: (lines) => lightLines(view, lines),
    goTo(line) {
      const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines)).from;
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
  };
}
