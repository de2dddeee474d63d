// The pause after quick failures: nothing is sent while it lasts, and Submit comes back by itself.

/** "0:37" */
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Holds the button back. The time is counted from when the server said it: clocks may differ. */
export function holdBack(button, status, words) {
  const idle = button.textContent;
  let ready = 0;
  let timer = 0;

  const left = () => Math.max(0, Math.ceil((ready - performance.now()) / 1000));

  function tick() {
    clearTimeout(timer);
    if (left() > 0) {
      // The button alone counts down; what is said aloud is said once.
      button.textContent = `${idle} ${clock(left())}`;
      timer = setTimeout(tick, 250);
      return;
    }
    ready = 0;
    button.removeAttribute("data-wait");
    button.setAttribute("aria-disabled", "false");
    button.textContent = idle;
    status.textContent = words.ready;
  }

  return {
    /** Whether nothing is to be sent now; who tries is told until when. */
    holds() {
      if (!ready || left() === 0) return false;
      status.textContent = words.pause.replace("%(time)s", clock(left()));
      return true;
    },
    begin(seconds) {
      ready = performance.now() + seconds * 1000;
      button.setAttribute("data-wait", String(seconds));
      button.setAttribute("aria-disabled", "true");
      status.textContent = words.pause.replace("%(time)s", clock(left()));
      tick();
    },
  };
}
