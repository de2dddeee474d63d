// A file, chosen or dropped, is put into the editor, where it can be read before it is handed in.
// What is not plainly UTF-8 (another encoding, a notebook) is read by the server, which says what it did.
const MOST = 2 * 1024 * 1024; // A notebook may hold pictures.
const MOST_TEXT = 256 * 1024;

export function readFiles(work, editor, words) {
  const input = work.elements.file;
  const status = document.getElementById("draft-status");

  function plain(bytes) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return text.includes("\0") || /^\s*\{/.test(text) ? null : text;
    } catch {
      return null;
    }
  }

  async function onServer(file) {
    const body = new FormData();
    body.set("csrf_token", work.elements.csrf_token.value);
    body.set("file", file);
    const answer = await fetch(work.dataset.read, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    return await answer.json();
  }

  async function take(file) {
    if (!file) return;
    if (file.size > MOST) {
      status.textContent = words.far_too_large;
      input.value = "";
      return;
    }
    try {
      const text = plain(await file.arrayBuffer());
      const short = text === null || file.size <= MOST_TEXT;
      const read = !short ? { said: words.too_large } : text === null ? await onServer(file) : { text, said: "" };
      if (read.text !== undefined) {
        editor.replace(read.text.replace(/\r\n?/g, "\n"));
        editor.focus();
      }
      status.textContent = read.said;
    } catch {
      status.textContent = words.not_read;
    }
    input.value = "";
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
