// A Python file, chosen or dropped, is put into the editor, where it can be read before it is handed in.
export function readFiles(work, editor, words) {
  const input = work.elements.file;
  const status = document.getElementById("draft-status");

  async function take(file) {
    if (!file) return;
    if (file.size > 256 * 1024) {
      status.textContent = words.too_large;
      return;
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      editor.replace(text.replace(/\r\n?/g, "\n"));
      input.value = "";
      editor.focus();
    } catch {
      status.textContent = words.not_utf8;
      input.value = "";
    }
  }

  input.addEventListener("change", () => take(input.files[0]));
  for (const name of ["dragenter", "dragover"]) {
    work.addEventListener(name, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      work.classList.add("dropping");
    }, true);
  }
  for (const name of ["dragleave", "drop"]) work.addEventListener(name, () => work.classList.remove("dropping"), true);
  // While capturing, or the editor would insert the file's text where it was dropped.
  work.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    take(event.dataTransfer.files[0]);
  }, true);

  document.getElementById("reset")?.addEventListener("click", (event) => {
    // One undo brings everything back, which a page with the starter in it could not.
    event.preventDefault();
    editor.replace(work.dataset.starter);
    editor.focus();
  });
}
