// Asks for a verdict until there is one: as the server says (Retry-After), else with exponential back-off.
const FIRST = 150;
const MOST = 5000;
const HIDDEN = 20000; // Nobody looks; when somebody does, it is asked at once.

/** The time until the next question, in milliseconds. */
function pause(answer, tries) {
  const said = Number.parseFloat(answer?.headers.get("Retry-After") ?? "");
  const wait = said >= 0 ? Math.min(said * 1000, 60000) : Math.min(FIRST * 2 ** tries, MOST);
  return document.visibilityState === "hidden" ? Math.max(wait, HIDDEN) : wait;
}

/** "4 before you, about 1 s", as far as it is known. */
export function expectation(said, words) {
  if (said.versions) return words.versions;
  if (said.stalled) return words.stalled;
  const parts = [];
  if (said.before > 0) parts.push(words.before.replace("%(before)s", Math.round(said.before)));
  else if (said.before === 0 && said.state === "queued") parts.push(words.next);
  if (said.about_s >= 0) parts.push(words.about.replace("%(seconds)s", Math.max(1, Math.round(said.about_s))));
  return parts.join(document.documentElement.lang.startsWith("zh") ? "，" : ", ");
}

/** Calls `arrived` with the part of the page that holds the verdict; the result stops asking. */
export function poll(address, words, arrived) {
  let tries = 0;
  let timer = 0;
  let stopped = false;
  let asking = false;

  async function ask() {
    clearTimeout(timer);
    if (stopped || asking) return;
    asking = true;
    let answer = null;
    try {
      answer = await fetch(address, { headers: { "HX-Request": "true", Accept: "application/json, text/html;q=0.9" }, redirect: "error" });
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      if (answer.ok && !json) {
        const part = await answer.text();
        if (!stopped) arrived(part);
        stop();
      } else if (answer.ok) {
        const place = document.getElementById("waiting");
        const text = expectation(await answer.json(), words);
        if (place && place.textContent !== text) place.textContent = text;
      }
    } catch {
      // The network is away; it is asked again.
    }
    asking = false;
    if (!stopped) timer = setTimeout(ask, pause(answer, ++tries));
  }

  const seen = () => document.visibilityState === "visible" && ask();
  function stop() {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
  }
  document.addEventListener("visibilitychange", seen);
  timer = setTimeout(ask, pause(null, 0));
  return stop;
}
