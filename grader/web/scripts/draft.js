// What is typed is saved on every pause, on the server, so that it is there on any device.
const PAUSE = 800;

export function keepDraft(work, editor, words) {
  const status = document.getElementById("draft-status");
  let timer = 0;
  let dirty = false;
  let held = false; // while another tab's text is the newer one, and nobody has decided
  let sending = Promise.resolve();

  function say(text, action) {
    status.replaceChildren(text);
    if (!action) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = words.keep_mine;
    button.addEventListener("click", action);
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = words.take_other;
    status.append(" ", button, " · ", link);
  }

  async function save(force = false) {
    if ((!dirty && !force) || (held && !force)) return;
    dirty = false;
    const body = new FormData(work);
    body.delete("file");
    if (force) body.set("force", "1");
    try {
      const answer = await fetch(work.dataset.draft, {
        method: "POST",
        body,
        headers: { "X-Requested-With": "fetch" },
        redirect: "error",
      });
      if (answer.status === 409) {
        held = true;
        say(words.elsewhere, () => ((held = false), save(true)));
        return;
      }
      if (answer.status === 401) {
        dirty = true;
        say(words.signed_out);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const saved = await answer.json();
      work.elements.draft_seen.value = saved.seen;
      say(saved.said);
    } catch {
      dirty = true;
      say(words.unsaved);
    }
  }

  function touched() {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(() => (sending = sending.then(() => save())), PAUSE);
  }

  editor.onChange(touched);
  work.addEventListener("input", (event) => {
    if (event.target.type !== "file") touched();
  });
  addEventListener("online", () => dirty && touched());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty) save();
  });
  addEventListener("beforeunload", (event) => {
    // Only where something could not be saved is a question worth its nuisance.
    if (dirty && !navigator.onLine) event.preventDefault();
  });

  return {
    /** What was handed in needs no draft any more. */
    handedIn(seen) {
      clearTimeout(timer);
      dirty = false;
      held = false;
      if (seen !== undefined) work.elements.draft_seen.value = seen;
      status.replaceChildren();
    },
  };
}
