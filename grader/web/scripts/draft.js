// What is typed is saved on every pause, and before the page is left, on the server, so that it is there on any
// device. Each save has a name of its own and says which saves it knows (optimistic concurrency control), so
// that a page is told of another window's newer draft, and of none else.
import { contentOf, fill, netFor, sameContent } from "./unsaved.js";

const PAUSE = 800;
const RETRY = [2000, 4000, 8000, 16000, 30000];
const LEAVE = 3000; // Milliseconds that following a link waits for a save.
const KEEPALIVE = 60000; // Bytes of all requests that outlive their page; browsers allow 65536.

/** What an earlier page could not save: put into the form, before the editor opens, where it is the newest. */
export function restoreUnsaved(work) {
  const net = netFor(work);
  const found = net.get();
  if (!found) return null;
  if (sameContent(found.content, contentOf(work))) {
    net.drop();
    return null;
  }
  // The draft in the page is one that it began from; or there is none, and nothing was handed in since.
  const shown = work.elements.draft_seen.value;
  const newest = shown ? found.known.split(" ").includes(shown) : found.latest === work.dataset.latest;
  if (work.elements.chosen || !(newest || found.held)) return { aside: found.content };
  fill(work, found.content);
  work.elements.draft_seen.value = found.known;
  return { held: found.held && !newest };
}

export function keepDraft(work, editor, words, restored) {
  const status = document.getElementById("draft-status");
  const replaced = document.getElementById("replaced");
  const net = netFor(work);
  let timer = 0;
  let edits = 0; // how often something was changed
  let saved = 0; // up to which change the server has it
  let sent = -1; // up to which change it was sent while the page was hidden
  let failures = 0;
  let held = false; // while another window's text is the newer one, and nobody has decided
  let sending = Promise.resolve();

  const unsaved = () => edits > saved;
  const catchIt = () =>
    net.put({ content: contentOf(work), known: work.elements.draft_seen.value, latest: work.dataset.latest, held });

  function conflict() {
    held = true;
    const keep = document.createElement("button");
    keep.type = "button";
    keep.textContent = words.keep_mine;
    keep.addEventListener("click", () => {
      held = false;
      enqueue({ force: "1" });
    });
    // Sent with the form, so that this text is kept as well.
    const show = document.createElement("button");
    show.textContent = words.take_other;
    show.name = "show_other";
    show.value = "1";
    show.setAttribute("formaction", work.dataset.draft);
    for (const each of [keep, show]) each.className = "plain";
    status.replaceChildren(words.elsewhere, " ", keep, " · ", show);
  }

  function version() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Send it; the answer may never come, so its version is known from now on. */
  function post(extra, keepalive = false) {
    const body = new FormData(work);
    body.delete("file");
    const mine = version();
    body.set("draft_version", mine);
    for (const [name, value] of Object.entries(extra)) body.set(name, value);
    const seen = work.elements.draft_seen;
    seen.value = [...seen.value.split(" ").filter(Boolean).slice(-50), mine].join(" ");
    return fetch(work.dataset.draft, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "fetch" },
      redirect: "error",
      keepalive,
    });
  }

  function failed(sentence, again = true) {
    catchIt();
    status.replaceChildren(sentence);
    if (!again) return;
    clearTimeout(timer);
    timer = setTimeout(() => enqueue(), RETRY[Math.min(failures++, RETRY.length - 1)]);
  }

  /** Whether the server has all of it now; a guest's text stays in the browser. */
  async function save(extra = {}) {
    const asked = Object.keys(extra).length > 0;
    if (!work.dataset.draft) {
      saved = edits;
      if (extra.start_over) net.drop();
      status.replaceChildren(extra.start_over || !catchIt() ? "" : words.kept_here);
      return true;
    }
    if (!asked && (!unsaved() || held)) return !unsaved();
    const upTo = edits;
    const content = contentOf(work);
    let answer;
    try {
      answer = await post(extra, small(content));
    } catch {
      failed(words.unsaved);
      return false;
    }
    if (answer.status === 409) {
      conflict();
      catchIt();
    } else if (answer.status === 401) failed(words.signed_out);
    else if (answer.status === 400) failed(words.out_of_date, false);
    else if (answer.status === 413) failed(words.too_long, false);
    else if (!answer.ok) failed(words.not_taken);
    if (!answer.ok) return false;
    const said = await answer.json();
    const seen = work.elements.draft_seen;
    if (!seen.value.split(" ").includes(said.version)) seen.value += ` ${said.version}`;
    saved = Math.max(saved, upTo);
    failures = 0;
    work.elements.chosen?.remove();
    replaced.innerHTML = said.replaced;
    status.replaceChildren(said.said);
    if (!unsaved()) net.drop(content);
    return true;
  }

  function enqueue(extra) {
    clearTimeout(timer);
    return (sending = sending.then(() => save(extra)).catch(() => false));
  }

  function touched(wait = PAUSE) {
    edits++;
    clearTimeout(timer);
    timer = setTimeout(() => enqueue(), wait);
  }

  function small(content) {
    const bytes = new TextEncoder();
    return content.reduce((sum, [name, value]) => sum + bytes.encode(value).length + name.length + 150, 1500) < KEEPALIVE;
  }

  /** The page goes out of sight, and perhaps for ever: nothing can be waited for. */
  function parting() {
    if (!unsaved()) return;
    if (work.dataset.draft && !held && sent !== edits) {
      sent = edits;
      const upTo = edits;
      const content = contentOf(work);
      post({}, small(content)).then(
        (answer) => {
          if (!answer.ok) return;
          saved = Math.max(saved, upTo);
          if (!unsaved()) net.drop(content);
        },
        () => (sent = -1),
      );
    }
    catchIt();
  }

  /** Save what is unsaved, then go on; after a while go on in any case, for the second net has it. */
  async function leave(go) {
    let patience = 0;
    await Promise.race([enqueue(), new Promise((done) => (patience = setTimeout(done, LEAVE)))]);
    clearTimeout(patience);
    if (unsaved()) catchIt();
    go();
  }

  editor.onChange(() => touched());
  // Boxes of the form stand in the given code, too, which is outside of it.
  document.addEventListener("input", ({ target }) => {
    if (target.form === work && target.type !== "file") touched();
  });
  addEventListener("online", () => unsaved() && !held && enqueue());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && parting());
  addEventListener("pagehide", parting);
  addEventListener("pageshow", (event) => event.persisted && unsaved() && !held && enqueue());
  addEventListener("beforeunload", (event) => {
    // Only where something could not be kept anywhere is a question worth its nuisance.
    if (unsaved() && !navigator.onLine && !catchIt()) event.preventDefault();
  });

  // Language and colours are buttons of the form, for browsers without scripts. Here the text goes first.
  for (const button of document.querySelectorAll("button[data-go]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const to = new URL(location.pathname, location.href);
      const [name, value] = button.dataset.go.split("=");
      to.searchParams.set(name, value);
      if (work.elements.attempt.value) to.searchParams.set("attempt", work.elements.attempt.value);
      leave(() => location.replace(to));
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || !unsaved() || held) return;
    const away = link.origin !== location.origin || link.pathname !== location.pathname || link.search !== location.search;
    if (!away || link.target || link.hasAttribute("download")) return;
    event.preventDefault();
    leave(() => location.assign(link.href));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const { submitter } = event;
    if ((form === work && !submitter?.hasAttribute("formaction")) || event.defaultPrevented || !unsaved()) return;
    if (held) {
      // Another draft was chosen, and this text is set aside with the form: it is not to come up as a draft again.
      if (form === work) {
        held = false;
        catchIt();
        saved = edits;
      }
      return;
    }
    // Of the form's own buttons, too: what is brought back is not to be overwritten by a save that comes late.
    event.preventDefault();
    leave(() => {
      if (unsaved()) form.submit();
      else form.requestSubmit(submitter);
    });
  });

  document.getElementById("reset")?.addEventListener("click", async (event) => {
    // The server keeps what is replaced, so that there is a way back also after a reload; here one undo is another.
    event.preventDefault();
    if (held) return;
    const button = event.target;
    if (button.hasAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const done = await enqueue({ start_over: "1" });
    button.removeAttribute("aria-busy");
    if (!done) return;
    editor.replace(work.dataset.starter);
    // It is what the server has, and no change of this window.
    clearTimeout(timer);
    saved = edits;
    editor.focus();
  });

  /** What the browser kept is not what this page is to go on with: kept on the server, with a way back. */
  async function setAside(content) {
    const body = new FormData();
    for (const [name, value] of [["csrf_token", work.elements.csrf_token.value], ["show_other", "1"], ...content]) body.append(name, value);
    const answer = await fetch(work.dataset.draft, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "error" });
    if (!answer.ok) return;
    replaced.innerHTML = (await answer.json()).replaced;
    net.drop(content);
  }

  if (restored?.aside) sending = setAside(restored.aside).catch(() => false);
  if (restored?.held) {
    edits++;
    conflict();
  } else if (restored && !restored.aside) {
    edits++;
    status.replaceChildren(words.unsaved_again);
    enqueue();
  } else if (work.elements.chosen || "unsaved" in work.dataset) {
    edits++;
    enqueue();
  }

  let handed = 0;
  return {
    /** The form is sent as a browser does it, with all that is in it. */
    carried() {
      clearTimeout(timer);
      saved = edits;
      net.drop();
    },
    /** What is on its way to the server has arrived; what is typed from now on was not handed in. */
    async handingIn() {
      clearTimeout(timer);
      handed = edits;
      await Promise.race([sending, new Promise((done) => setTimeout(done, LEAVE))]);
      handed = edits;
    },
    /** What was handed in needs no draft any more. */
    handedIn(attempt) {
      work.dataset.latest = attempt;
      saved = Math.max(saved, handed);
      held = false;
      status.replaceChildren();
      if (unsaved()) touched();
      else {
        clearTimeout(timer);
        net.drop();
      }
    },
  };
}
