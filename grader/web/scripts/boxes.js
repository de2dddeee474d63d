// A whole vector pasted into one box is dealt out to the boxes after it.
export function spreadPasted(work) {
  document.addEventListener("paste", (event) => {
    const box = event.target;
    if (box.form !== work) return;
    const name = box.name?.match(/^(predict-[A-Za-z_0-9]+)(\.\d+)+$/);
    if (!name) return;
    const entries = event.clipboardData.getData("text").split(/[\s,;\[\](){}，；、【】（）]+/).filter(Boolean);
    if (entries.length < 2) return;
    event.preventDefault();
    const all = [...work.elements].filter((each) => each.name?.startsWith(`${name[1]}.`) && /\.\d+$/.test(each.name));
    const from = all.indexOf(box);
    all.slice(from, from + entries.length).forEach((each, i) => (each.value = entries[i]));
    all[Math.min(from + entries.length, all.length) - 1].focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
