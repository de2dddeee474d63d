// What is copied of the given code is the code alone, whatever the boxes between its lines hold.
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  const range = selection.rangeCount ? selection.getRangeAt(0) : null;
  const around = range?.commonAncestorContainer;
  const given = (around?.nodeType === Node.TEXT_NODE ? around.parentElement : around)?.closest(".given");
  if (!given || event.target.closest?.("input, select")) return;
  const copied = range.cloneContents();
  for (const asked of copied.querySelectorAll(".asked")) asked.remove();
  event.clipboardData.setData("text/plain", copied.textContent);
  event.preventDefault();
});
