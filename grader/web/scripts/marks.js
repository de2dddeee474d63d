// Marks of the lines that a verdict names. A mark moves with its line and goes when the line is edited: then the
// verdict is no longer on what stands there.
import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutterLineClass } from "@codemirror/view";

const set = StateEffect.define();
const line = Decoration.line({ class: "cm-wrong" });
const number = new (class extends GutterMarker {
  elementClass = "cm-wrong-number";
})();

/** The marks of lines that a change has not touched. */
function untouched(found, transaction) {
  const { doc } = transaction.state;
  const touched = [];
  transaction.changes.iterChangedRanges((_fromA, _toA, from, to) => touched.push([from, to]));
  return found.update({
    filter: (at) => {
      const here = doc.lineAt(at);
      return at === here.from && !touched.some(([from, to]) => from <= here.to && to >= here.from);
    },
  });
}

/** Marks of these lines, as far as there are so many. */
const at = (lines, doc) =>
  Decoration.set(lines.filter((each) => each >= 1 && each <= doc.lines).map((each) => line.range(doc.line(each).from)), true);

const field = StateField.define({
  create: () => Decoration.none,
  update(found, transaction) {
    if (transaction.docChanged) found = untouched(found.map(transaction.changes), transaction);
    for (const effect of transaction.effects) if (effect.is(set)) found = at(effect.value, transaction.state.doc);
    return found;
  },
});

/** The extension that shows them: the line, and its number. */
export const marks = [
  field,
  EditorView.decorations.from(field),
  gutterLineClass.compute([field], (state) => RangeSet.of(starts(state).map((at) => number.range(at)))),
];

function starts(state) {
  const found = [];
  for (const each = state.field(field).iter(); each.value; each.next()) found.push(each.from);
  return found;
}

/** The numbers of the marked lines. */
export const markedLines = (state) => starts(state).map((at) => state.doc.lineAt(at).number);

/** A transaction's part that marks these lines of the text as it is now, and none else. */
export const markLines = (lines) => ({ effects: set.of(lines) });
