// A graph and the code it is of: pointing at a node lights its line, and pointing at a line lights its nodes.
// Each node with a line is a link to it, which works without this. Arrow keys go from node to node, so that
// the whole graph is one stop of the Tab key.

/**
 * @param code What shows the code: `light(lines)`; `goTo(line)`; `onPoint(tell)`, which tells the line that
 *   the reader points at, 0 for none; and `current()`: whether it is the code that the graph is of.
 */
export function joinGraphAndCode(code) {
  let lit = 0;
  let under = 0;
  let pointed = 0;

  const lineOf = (target) => (target instanceof Element ? Number(target.closest("[data-at]")?.dataset.at ?? 0) : 0);

  /** The line of the node under the pointer, or else of the one in focus. */
  function lightCode() {
    const line = under || lineOf(document.activeElement);
    if (line === lit) return;
    lit = line;
    code.light(line && code.current() ? [line] : []);
    lightNodes();
  }

  /** Those of the line that the code's reader points at, unless a node is pointed at itself. */
  function lightNodes() {
    const line = lit || pointed;
    for (const node of document.querySelectorAll("[data-at]")) node.classList.toggle("lit", Number(node.dataset.at) === line);
  }

  document.addEventListener("pointerover", (event) => {
    under = lineOf(event.target);
    lightCode();
  });
  // Once the focus has moved: while it moves, a browser may scroll to what an editor draws anew.
  for (const name of ["focusin", "focusout"]) document.addEventListener(name, () => setTimeout(lightCode));
  code.onPoint((line) => {
    pointed = code.current() ? line : 0;
    lightNodes();
  });

  document.addEventListener("focusin", (event) => {
    const node = event.target.closest?.("a.node");
    for (const each of node?.closest("svg").querySelectorAll("a.node") ?? []) each.setAttribute("tabindex", each === node ? 0 : -1);
  });

  document.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const node = event.target.closest?.("a.node");
    if (!step || !node || event.altKey || event.ctrlKey || event.metaKey) return;
    const nodes = [...node.closest("svg").querySelectorAll("a.node")];
    const next = nodes[nodes.indexOf(node) + step];
    event.preventDefault();
    next?.focus();
  });

  document.addEventListener("click", (event) => {
    const line = lineOf(event.target);
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey || !code.current()) return;
    event.preventDefault();
    code.goTo(line);
  });
}
