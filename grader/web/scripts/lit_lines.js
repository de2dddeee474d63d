// Lines of the editor that something else on the page points at, and the line that the reader points at.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

const setLit = StateEffect.define();
const lit = Decoration.line({ class: "lit" });

/** The extension; it holds no text and no history. */
export const litLines = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    let now = marks.map(transaction.changes);
    const { doc } = transaction.state;
    for (const effect of transaction.effects) {
      if (!effect.is(setLit)) continue;
      const lines = effect.value.filter((line) => line >= 1 && line <= doc.lines);
      now = Decoration.set(lines.map((line) => lit.range(doc.line(line).from)), true);
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Light these lines, counted from 1, and no others. */
export function lightLines(view, lines) {
  view.dispatch({ effects: setLit.of(lines) });
}

/** An extension that tells the line under the pointer, or else the caret's in an editor in focus; 0 for none. */
export function pointedLine(tell) {
  const at = (view, position) => tell(view.state.doc.lineAt(position).number);
  const caret = (view) => (view.hasFocus ? at(view, view.state.selection.main.head) : tell(0));
  return [
    EditorView.domEventHandlers({
      mousemove(event, view) {
        const position = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (position !== null) at(view, position);
      },
      mouseleave: (_, view) => caret(view),
      focus: (_, view) => caret(view),
      blur: () => tell(0),
    }),
    EditorView.updateListener.of((update) => {
      if (update.selectionSet) caret(update.view);
    }),
  ];
}
