// A second net under the drafts on the server: what could not be saved before the page was left is kept in the
// browser, under the name of who wrote it, until the next page has saved it.
const IGNORED = new Set(["csrf_token", "request_key", "draft_seen", "draft_version", "attempt", "chosen", "file"]);

/** What was typed into the form: pairs of a field's name and its value, in the form's order. */
export function contentOf(work) {
  return [...new FormData(work)].filter(([name, value]) => !IGNORED.has(name) && typeof value === "string");
}

export function sameContent(one, other) {
  const plain = (content) => JSON.stringify(content.map(([name, value]) => [name, value.replace(/\r\n?/g, "\n")]));
  return plain(one) === plain(other);
}

function stores() {
  // This tab's own first; the other one outlives the tab. Either may be forbidden.
  return ["sessionStorage", "localStorage"].flatMap((name) => {
    try {
      return [window[name]];
    } catch {
      return [];
    }
  });
}

export function netFor(work) {
  const key = `unsaved:${work.dataset.owner}:${location.pathname}`;
  return {
    /** Keep it; whether the browser did. */
    put(found) {
      const text = JSON.stringify(found);
      let kept = false;
      for (const store of stores()) {
        try {
          store.setItem(key, text);
          kept = true;
        } catch {
          // Full, or forbidden.
        }
      }
      return kept;
    },
    get() {
      for (const store of stores()) {
        try {
          const found = JSON.parse(store.getItem(key) ?? "null");
          if (found) return found;
        } catch {
          // What an older version wrote.
        }
      }
      return null;
    },
    /** Forget it. Another tab may have put something else there since, which stays. */
    drop(content) {
      for (const store of stores()) {
        try {
          const found = JSON.parse(store.getItem(key) ?? "null");
          if (found && (!content || sameContent(found.content, content))) store.removeItem(key);
        } catch {
          // Forbidden.
        }
      }
    },
  };
}

/** Put content into the form's fields; before the editor takes the text from its area. */
export function fill(work, content) {
  const wanted = new Map();
  for (const [name, value] of content) wanted.set(name, [...(wanted.get(name) ?? []), value]);
  for (const field of work.elements) {
    if (!field.name || IGNORED.has(field.name) || field.type === "submit" || field.type === "file") continue;
    const values = wanted.get(field.name) ?? [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
}
