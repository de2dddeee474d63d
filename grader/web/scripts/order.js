// Order of a list, by its buttons or by dragging: the row moves at once, and the whole order is sent. Without
// this script each button is a form of its own, and the page comes again.
const list = document.getElementById("order");
const form = document.getElementById("order-form");
const said = document.getElementById("order-said");
const words = JSON.parse(list.dataset.words);

document.documentElement.classList.add("scripted");

const rows = () => [...list.children];
let kept = rows();
let sending = Promise.resolve();

function number() {
  rows().forEach((row, at) => {
    const box = row.querySelector("input[type=number]");
    if (box) box.value = at + 1;
  });
}

function say(sentence, row) {
  said.textContent = sentence
    .replace("%(name)s", row.dataset.name)
    .replace("%(place)s", rows().indexOf(row) + 1)
    .replace("%(all)s", rows().length);
}

/** Sends the order as it is now, one after another; what cannot be saved goes back. */
function save(row) {
  number();
  say(words.moved, row);
  const order = rows().map((each) => each.dataset.id).join(",");
  sending = sending.then(async () => {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, order });
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      kept = order.split(",").map((id) => list.querySelector(`[data-id="${id}"]`));
    } catch {
      list.append(...kept);
      number();
      say(words.failed, row);
    }
  });
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=move]");
  if (!button) return;
  event.preventDefault();
  const row = button.closest("[data-id]");
  const up = button.value.endsWith(" up");
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) {
    say(words.end, row);
    return;
  }
  other[up ? "before" : "after"](row);
  button.focus(); // it stays where the reader is, so that the next press moves the same row on
  save(row);
});

let dragged = null;
let before = null;
for (const row of rows()) {
  const grip = row.querySelector(".grip");
  grip.addEventListener("pointerdown", () => row.setAttribute("draggable", "true"));
  grip.addEventListener("pointerup", () => row.removeAttribute("draggable"));
  row.addEventListener("dragstart", (event) => {
    dragged = row;
    before = rows();
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.dataset.name);
    row.classList.add("dragged");
  });
  row.addEventListener("dragend", () => {
    row.classList.remove("dragged");
    row.removeAttribute("draggable");
    if (dragged && before.some((each, at) => each !== rows()[at])) save(row);
    dragged = null;
  });
}
list.addEventListener("dragover", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const over = event.target.closest("[data-id]");
  if (!over || over === dragged || over.parentElement !== list) return;
  const box = over.getBoundingClientRect();
  over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
});
list.addEventListener("drop", (event) => {
  if (dragged) event.preventDefault();
});
