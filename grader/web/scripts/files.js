// A file, chosen or dropped, is put into the editor, where it can be read before it is handed in.
// What is not plainly UTF-8 (another encoding, a notebook) is read by the server, which says what it did.
// A file that is not taken stops handing in until somebody has decided: another file, or the editor's text.
const MOST = 2 * 1024 * 1024; // A notebook may hold pictures.
const MOST_TEXT = 64 * 1024; // Of longer ones the server knows whether they are too long.
const ENDINGS = /\.(py|ipynb)$/i;

export function readFiles(work, editor, words) {
  const input = work.elements.file;
  const problem = document.getElementById("file-problem");
  const note = document.getElementById("file-note");

  function plain(bytes) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return text.includes("\0") || /^\s*[{<%]/.test(text) ? null : text;
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

  function refuse(sentence) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words.keep_code;
    button.addEventListener("click", () => {
      decided();
      editor.focus();
    });
    // Emptied first: an alert is read out when it changes, also when the same file is chosen again.
    problem.replaceChildren();
    problem.append(sentence, " ", button);
    note.textContent = "";
    input.value = "";
    input.setAttribute("aria-invalid", "true");
    problem.scrollIntoView({ block: "nearest" });
  }

  function decided(said = "") {
    problem.replaceChildren();
    input.removeAttribute("aria-invalid");
    note.textContent = said;
  }

  const named = (file, why) => words.refused.replace("%(name)s", () => file.name.slice(-80)).replace("%(why)s", () => why);

  async function take(file) {
    if (!ENDINGS.test(file.name)) return refuse(named(file, words.ending));
    if (file.size === 0) return refuse(named(file, words.empty));
    if (file.size > MOST) return refuse(named(file, words.far_too_large));
    try {
      const text = plain(await file.arrayBuffer());
      const read = text === null || !text.trim() || file.size > MOST_TEXT ? await onServer(file) : { text, said: "" };
      if (read.text === undefined) return refuse(named(file, read.said));
      editor.replace(read.text.replace(/\r\n?/g, "\n"));
      decided(read.said);
      editor.focus();
    } catch {
      refuse(words.not_read.replace("%(name)s", () => file.name.slice(-80)));
    }
    input.value = "";
  }

  function takeOne(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (transfer.files.length > 1) refuse(words.several);
    else if (entries.some((entry) => entry.isDirectory)) refuse(named(transfer.files[0], words.folder));
    else take(transfer.files[0]);
  }

  input.addEventListener("change", () => (input.files.length ? take(input.files[0]) : decided()));
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
    takeOne(event.dataTransfer);
  }, true);

  return {
    /** Whether a file was refused and nothing decided since; then the decision gets the focus. */
    undecided() {
      const button = problem.querySelector("button");
      button?.focus();
      return button !== null;
    },
  };
}
