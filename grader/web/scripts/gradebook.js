// The gradebook's matrix: a label beside the pointer or the focus, arrow keys, sorting without the server.
// Without it the page is the same table, with its numbers written out and links that the server answers.
const table = document.querySelector("table.matrix:not(.plain)");
if (table) {
  const body = table.tBodies[0];
  const head = table.tHead.rows[0];
  const box = table.parentElement;
  const peek = document.querySelector(".peek");
  const FIRST = 2; // Before the exercises: the name and the total.
  document.documentElement.classList.add("scripted-grid");
  table.setAttribute("role", "grid");
  box.removeAttribute("tabindex");
  box.removeAttribute("role");
  box.removeAttribute("aria-label");

  // Where a cell leads: to the attempts of its row's student at its column's exercise.
  const address = (cell) => {
    const column = head.cells[cell.cellIndex];
    if (!column || !column.dataset.x) return null;
    const student = cell.parentElement.dataset.u;
    return `students/${student}/${encodeURIComponent(column.dataset.x)}${arrangement()}`;
  };

  // What the links behind the page take along, so that "next student" is the next one in this order.
  const arrangement = () => {
    const asked = new URLSearchParams(location.search);
    for (const name of ["names", "lang", "theme", "view", "page"]) asked.delete(name);
    const text = asked.toString();
    return text && `?${text}`;
  };

  const cellOf = (event) => {
    const cell = event.target.closest("td");
    return cell && cell.cellIndex >= FIRST && body.contains(cell) ? cell : null;
  };

  // The label.
  const said = (cell) => {
    const column = head.cells[cell.cellIndex];
    const { most } = column.dataset;
    const text = cell.textContent.trim();
    if (cell === column) return [text, most && `/ ${most}`];
    const number = /^-?[\d.]+/.exec(text);
    const score = number && most ? `${number[0]} / ${most}${text.slice(number[0].length)}` : text || "–";
    return [cell.parentElement.cells[0].textContent.trim(), column.textContent.trim(), score];
  };
  const show = (cell) => {
    peek.textContent = said(cell).filter(Boolean).join(" · ");
    peek.hidden = false;
    const place = cell.getBoundingClientRect();
    const { width, height } = peek.getBoundingClientRect();
    const left = Math.min(Math.max(4, place.left), document.documentElement.clientWidth - width - 4);
    const below = place.bottom + 6;
    peek.style.left = `${left}px`;
    peek.style.top = `${below + height > innerHeight ? place.top - height - 6 : below}px`;
  };
  const hide = () => {
    peek.hidden = true;
  };
  // A column's head is short of room for its title.
  const titled = (event) => event.target.closest("th[data-x]");
  table.addEventListener("pointerover", (event) => {
    const cell = event.pointerType === "touch" ? null : cellOf(event) || titled(event);
    if (cell) show(cell);
    else hide();
  });
  table.tHead.addEventListener("focusin", (event) => {
    const column = titled(event);
    if (column) show(column);
  });
  table.addEventListener("pointerleave", hide);
  table.addEventListener("focusout", hide);
  box.addEventListener("scroll", hide, { passive: true });

  // Opening.
  const open = (cell, apart) => {
    const target = address(cell);
    if (!target) return;
    if (apart) window.open(target, "_blank");
    else location.assign(target);
  };
  body.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link) {
      link.search = arrangement();
      return;
    }
    const cell = cellOf(event);
    if (cell) open(cell, event.ctrlKey || event.metaKey);
  });
  body.addEventListener("auxclick", (event) => {
    const cell = event.button === 1 && !event.target.closest("a") ? cellOf(event) : null;
    if (cell) open(cell, true);
  });

  // The keyboard: one cell can be reached with Tab, the others from there with the arrow keys.
  let current = null;
  const go = (cell, focus = true) => {
    if (!cell) return;
    if (current) current.removeAttribute("tabindex");
    current = cell;
    current.tabIndex = 0;
    if (!focus) return;
    current.focus({ preventScroll: true });
    reveal(current);
    show(current);
  };
  // Scrolled so far that neither the head nor the names hide it, which scrollIntoView knows nothing of.
  const reveal = (cell) => {
    const frame = box.getBoundingClientRect();
    const place = cell.getBoundingClientRect();
    const left = frame.left + head.cells[0].offsetWidth + head.cells[1].offsetWidth;
    const top = frame.top + table.tHead.offsetHeight;
    if (place.left < left) box.scrollLeft -= left - place.left;
    else if (place.right > frame.right - 16) box.scrollLeft += place.right - frame.right + 16;
    if (place.top < top) box.scrollTop -= top - place.top;
    else if (place.bottom > frame.bottom - 16) box.scrollTop += place.bottom - frame.bottom + 16;
    if (box.getBoundingClientRect().top < 0 || frame.bottom > innerHeight) cell.scrollIntoView({ block: "nearest" });
  };
  const PAGE = 10;
  const moves = {
    ArrowLeft: (row, column) => [row, column - 1],
    ArrowRight: (row, column) => [row, column + 1],
    ArrowUp: (row, column) => [row - 1, column],
    ArrowDown: (row, column) => [row + 1, column],
    PageUp: (row, column) => [row - PAGE, column],
    PageDown: (row, column) => [row + PAGE, column],
    Home: (row, column, far) => [far ? 0 : row, FIRST],
    End: (row, column, far) => [far ? Infinity : row, Infinity],
  };
  body.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(cell, event.ctrlKey || event.metaKey);
      return;
    }
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const [row, column] = move(rows.indexOf(cell.parentElement), cell.cellIndex, event.ctrlKey || event.metaKey);
    const to = rows[Math.min(Math.max(0, row), rows.length - 1)];
    go(to.cells[Math.min(Math.max(FIRST, column), to.cells.length - 1)]);
  });
  body.addEventListener("focusin", (event) => {
    const cell = cellOf(event);
    if (cell) show(cell);
  });

  // Sorting, by the keys of gradebook/arranged.py: a row says its need of help, its total and its place by name.
  let rows = [...body.rows];
  const keyed = (key, sign) => {
    if (key === "need" || key === "total" || key === "name") {
      return (row) => {
        const [need, total, place] = row.dataset.k.split(" ").map(Number);
        if (key === "name") return [sign * place];
        return key === "need" ? [sign * need, -sign * total, place] : [sign * total, place];
      };
    }
    const column = [...head.cells].findIndex((each) => `exercise.${each.dataset.x}` === key);
    return (row) => {
      const score = Number.parseFloat(row.cells[column].textContent);
      const place = Number(row.dataset.k.split(" ")[2]);
      return Number.isNaN(score) ? [1, 0, place] : [0, sign * score, place];
    };
  };
  // What is seen is in order at once, by a property of each row. Moving the rows themselves, for who hears the
  // table or searches in it, takes longer than a frame: a hundred at a time, while nothing else is to be done.
  const AT_ONCE = 100;
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 1));
  let turn = 0;
  const arrange = (sorted) => {
    rows = sorted;
    rows.forEach((row, place) => {
      row.style.order = place;
    });
    turn += 1;
    settle(turn, 0);
  };
  const settle = (mine, from) => {
    idle(() => {
      if (mine !== turn) return;
      const focused = document.activeElement;
      if (from < rows.length) {
        body.append(...rows.slice(from, from + AT_ONCE));
        if (focused !== document.activeElement && body.contains(focused)) focused.focus({ preventScroll: true });
        settle(mine, from + AT_ONCE);
      } else for (const row of rows) row.style.order = "";
    }, { timeout: 300 });
  };
  const sort = (key, first, reverse) => {
    const of = keyed(key, reverse ? -first : first);
    const pairs = rows.map((row) => [of(row), row]);
    pairs.sort(([a], [b]) => {
      for (let n = 0; n < a.length; n += 1) if (a[n] !== b[n]) return a[n] - b[n];
      return 0;
    });
    arrange(pairs.map((pair) => pair[1]));
    box.scrollTop = 0;
    hide();
  };
  const sorters = [...document.querySelectorAll("a[data-sort]")];
  for (const link of sorters) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const key = link.dataset.sort;
      const asked = new URLSearchParams(location.search);
      const before = asked.get("sort") || "need";
      const reverse = before === key;
      const first = Number(link.dataset.first);
      sort(key, first, reverse);
      asked.set("sort", (reverse ? "-" : "") + key);
      history.replaceState(null, "", `?${asked}`);
      for (const each of sorters) {
        const mine = each.dataset.sort === key;
        const column = each.closest("th");
        if (!column) {
          if (mine) each.setAttribute("aria-current", "true");
          else each.removeAttribute("aria-current");
        } else if (mine) {
          column.setAttribute("aria-sort", (reverse ? -first : first) > 0 ? "ascending" : "descending");
        } else column.removeAttribute("aria-sort");
      }
    });
  }
  if (body.rows.length && body.rows[0].cells.length > FIRST) go(body.rows[0].cells[FIRST], false);
}
