// Handing in: the answer comes into the page. When the network is away, the same request is sent again
// until it is answered; its key makes sure that it is one attempt however often it arrives.
import { holdBack } from "./pause.js";
import { poll } from "./poll.js";

const WAITS = [1000, 2000, 4000, 8000, 15000];

export function handIn(htmx, work, editor, { draft, files, shown, words }) {
  const button = document.querySelector("button.main[form=work]");
  const status = document.getElementById("submit-status");
  const answer = document.getElementById("answer");
  let sentCode = null;
  let current = answer.querySelector("[data-state]");
  const idle = button.textContent;
  let failures = 0;
  let timer = 0;
  let stopAsking = () => {};
  const pause = holdBack(button, status, words);
  // The code that the verdict on the page is on: what the server put into the form, or else what it says.
  let judged = document.getElementById("changed")?.dataset.judged?.replace(/\r\n?/g, "\n") ?? shown;

  function busy(on) {
    button.toggleAttribute("data-busy", on);
    button.setAttribute("aria-disabled", String(on));
    button.textContent = on ? words.grading : idle;
    answer.setAttribute("aria-busy", String(on));
  }

  function again() {
    clearTimeout(timer);
    if (timer) {
      timer = 0;
      htmx.trigger(work, "hand-in");
    }
  }

  /** Why a box was refused, where it was typed; nothing, once it is handed in again. */
  function explain(refused) {
    for (const why of document.querySelectorAll(".predicting .why")) {
      why.hidden = true;
      why.textContent = "";
    }
    const boxes = () => document.querySelectorAll(".predicting [aria-invalid]");
    for (const box of boxes()) box.removeAttribute("aria-invalid");
    for (const each of refused) {
      const why = document.getElementById(`why-${each.dataset.why}`);
      if (!why) continue;
      why.textContent = each.textContent;
      why.hidden = false;
      const box = work.elements[each.dataset.box] ?? work.elements[`predict-${each.dataset.why}`];
      if (!(box instanceof HTMLElement)) continue;
      box.setAttribute("aria-invalid", "true");
      const about = new Set((box.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
      box.setAttribute("aria-describedby", [...about.add(why.id)].join(" "));
    }
    boxes()[0]?.focus();
  }

  /** A verdict beside code that it is not on says so. */
  function compare() {
    const notice = document.getElementById("changed");
    if (notice) notice.hidden = editor.text() === judged;
  }
  editor.onChange(compare);

  /** Marks the lines that a verdict names, where they are still the lines that it is on. */
  function mark(verdict) {
    const lines = verdict?.dataset.lines?.split(" ").map(Number) ?? [];
    if (lines.length && editor.text() === judged) editor.mark(lines);
  }

  /** While an attempt waits, ask for its verdict. */
  function wait() {
    stopAsking();
    const pending = answer.querySelector("[data-poll]");
    if (!pending) return;
    busy(true);
    stopAsking = poll(pending.dataset.poll, words, (part) =>
      htmx.swap(answer, part, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 }),
    );
  }

  work.addEventListener("submit", async (event) => {
    // Buttons with an address of their own save the form and lead to another page.
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    // A double click, or Ctrl-Enter while it is on its way, is the same attempt.
    if (button.hasAttribute("data-busy") || pause.holds()) return;
    if (files.undecided()) {
      status.textContent = words.first_file;
      return;
    }
    failures = 0;
    busy(true);
    status.textContent = "";
    editor.mark([]);
    explain([]);
    // A save that arrived after it would be a draft again.
    await draft.handingIn();
    sentCode = editor.text();
    htmx.trigger(work, "hand-in");
  });

  work.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === work) busy(true);
  });

  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    work.addEventListener(name, (event) => {
      if (event.target !== work) return;
      const wait = WAITS[Math.min(failures++, WAITS.length - 1)];
      status.textContent = words.offline;
      timer = setTimeout(again, wait);
    });
  }
  addEventListener("online", again);

  // Events of a swap are those of its target, which stands outside of the form.
  answer.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if ([400, 401, 403].includes(xhr.status)) {
      event.detail.shouldSwap = false;
      if (event.target === answer) {
        draft.carried();
        work.submit();
      }
    } else if (xhr.status >= 500) {
      event.detail.shouldSwap = false;
      if (event.target === answer) {
        status.textContent = words.failed;
        busy(false);
      }
    } else {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  answer.addEventListener("htmx:afterSettle", () => {
    const verdict = answer.querySelector("[data-state]");
    explain(answer.querySelectorAll("[data-why]"));
    if (!verdict) {
      busy(false);
      return;
    }
    // Pictures arrive in a verdict that has long been here.
    if (verdict === current) return;
    current = verdict;
    timer = 0;
    status.textContent = "";
    const pending = verdict.dataset.state === "pending";
    busy(pending);
    if (verdict.dataset.attempt) {
      if (sentCode !== null) {
        judged = sentCode;
        sentCode = null;
        draft.handedIn(verdict.dataset.attempt);
      }
      // A reload, a bookmark or another language shows this verdict again.
      work.elements.attempt.value = verdict.dataset.attempt;
      const address = new URL(location.href);
      address.searchParams.set("attempt", verdict.dataset.attempt);
      history.replaceState(history.state, "", address);
    }
    compare();
    const key = answer.querySelector("[data-next-key]");
    if (key) {
      work.elements.request_key.value = key.dataset.nextKey;
      key.remove();
    }
    if (verdict.dataset.wait) pause.begin(Number(verdict.dataset.wait));
    if (verdict.hasAttribute("data-last")) {
      for (const each of [button, document.querySelector("button.unseen[form=work]")]) each?.toggleAttribute("disabled", true);
      status.textContent = words.used;
    }
    mark(verdict);
    // Where a box was refused the focus is there, and its reason beside it.
    if (!verdict.querySelector("[data-why]")) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      verdict.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
    }
    wait();
  });

  answer.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    editor.goTo(Number(link.dataset.line));
  });

  compare();
  mark(current);
  wait();
  if (button.dataset.wait) pause.begin(Number(button.dataset.wait));
}
