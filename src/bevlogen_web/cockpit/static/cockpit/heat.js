// Heat map: thousands of rows, of which only those in sight are in the page. Without this script there are pages of rows.
"use strict";
(() => {
  const box = document.getElementById("heat");
  if (!box) return;
  const said = document.getElementById("said");
  const body = box.querySelector("tbody");
  const columns = box.querySelectorAll("thead th").length;
  const total = Number(box.dataset.total);
  const chunk = 120;
  const height = 41; // of a row with its border
  const room = 12; // rows kept above and below what is in sight
  const rows = new Map(); // place -> row
  const asked = new Set(); // chunks that were asked for
  let drawn = [-1, -1];
  let at = null; // [row, column] that the keyboard is at
  let frame = 0;

  document.querySelector("nav.pages").hidden = true;
  for (const line of body.rows) { // what the server wrote is known already
    const link = line.cells[0].firstElementChild;
    const cells = [...line.cells].slice(1).map((cell) => [cell.textContent, cell.className, cell.dataset.said]);
    const place = Number(line.getAttribute("aria-rowindex")) - 2;
    const depth = Number(line.cells[0].className.slice(1));
    rows.set(place, { at: place, name: link.textContent, address: link.getAttribute("href"), depth, cells });
  }

  async function load(number) {
    if (asked.has(number)) return;
    asked.add(number);
    const answer = await fetch(`${box.dataset.rows}&from=${number * chunk}&n=${chunk}`);
    if (!answer.ok) { asked.delete(number); return; }
    for (const row of (await answer.json()).rows) rows.set(row.at, row);
    drawn = [-1, -1];
    plan();
  }

  function element(name, attributes, text = "") {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  const blank = element("tr", { role: "row" }); // to copy: quicker than making each cell
  blank.append(element("th", { scope: "row", role: "rowheader", tabindex: -1 }));
  for (let column = 1; column < columns; column += 1) blank.append(element("td", { role: "gridcell", tabindex: -1 }));

  function line(place) {
    const made = blank.cloneNode(true);
    const row = rows.get(place);
    made.setAttribute("aria-rowindex", place + 2);
    const head = made.firstElementChild;
    if (!row) {
      head.textContent = "…";
      made.dataset.waits = "";
      return made;
    }
    head.className = `d${row.depth}`;
    head.append(element("a", { href: row.address, tabindex: -1 }, row.name));
    let cell = head;
    for (const [text, tone, what] of row.cells) {
      cell = cell.nextElementSibling;
      cell.className = tone;
      cell.textContent = text;
      cell.dataset.said = what;
    }
    return made;
  }

  function space() {
    const made = element("tr", { "aria-hidden": "true" });
    const cell = element("td", { colspan: columns });
    cell.style.cssText = "padding:0;border:0";
    made.append(cell);
    return made;
  }

  const above = space();
  const below = space();
  const lines = new Map(); // place -> line in the page
  body.replaceChildren(above, below);

  function draw() {
    frame = 0;
    const first = Math.max(0, Math.floor(box.scrollTop / height) - room);
    const last = Math.min(total, Math.ceil((box.scrollTop + box.clientHeight) / height) + room);
    for (let number = Math.floor(first / chunk); number * chunk < last; number += 1) {
      const end = Math.min(last, (number + 1) * chunk);
      let missing = false;
      for (let place = Math.max(first, number * chunk); place < end; place += 1) missing ||= !rows.has(place);
      if (missing) load(number);
    }
    if (first === drawn[0] && last === drawn[1]) return;
    drawn = [first, last];
    const held = body.contains(document.activeElement);
    for (const [place, tr] of lines) {
      if (place < first || place >= last) { tr.remove(); lines.delete(place); }
    }
    let before = above;
    for (let place = first; place < last; place += 1) {
      let tr = lines.get(place);
      if (!tr || ("waits" in tr.dataset && rows.has(place))) { // only what is new is made
        const made = line(place);
        if (tr) tr.replaceWith(made);
        else before.after(made);
        lines.set(place, made);
        tr = made;
      }
      before = tr;
    }
    above.firstChild.style.height = `${first * height}px`;
    below.firstChild.style.height = `${(total - last) * height}px`;
    above.hidden = first === 0;
    below.hidden = last === total;
    if (held && at && !body.contains(document.activeElement)) focus();
    else if (held && at) tell(document.activeElement);
  }

  const plan = () => { frame ||= requestAnimationFrame(draw); };

  function focus() {
    const row = body.querySelector(`tr[aria-rowindex="${at[0] + 2}"]`);
    const cell = row?.children[at[1]];
    cell?.focus({ preventScroll: true });
    tell(cell);
  }

  function tell(cell) {
    if (!cell?.dataset.said) { said.textContent = ""; return; }
    const unit = cell.parentElement.firstElementChild.textContent;
    const column = box.querySelectorAll("thead th")[cell.cellIndex].textContent.trim();
    said.textContent = `${unit}, ${column}: ${cell.textContent} – ${cell.dataset.said}`;
  }

  function show([row]) {
    const header = box.querySelector("thead").offsetHeight;
    const top = row * height;
    if (top < box.scrollTop) box.scrollTop = top;
    if (top + height > box.scrollTop + box.clientHeight - header) box.scrollTop = top + height - box.clientHeight + header;
  }

  const moves = {
    ArrowDown: ([row, column]) => [row + 1, column],
    ArrowUp: ([row, column]) => [row - 1, column],
    ArrowRight: ([row, column]) => [row, column + 1],
    ArrowLeft: ([row, column]) => [row, column - 1],
    PageDown: ([row, column]) => [row + 10, column],
    PageUp: ([row, column]) => [row - 10, column],
    Home: ([row]) => [row, 0],
    End: ([row]) => [row, columns - 1],
  };

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && at?.[1] === 0) {
      const link = document.activeElement.querySelector?.("a");
      if (link) location.assign(link.href);
      return;
    }
    const move = moves[event.key];
    if (!move || event.target.closest("thead")) return;
    event.preventDefault();
    const [row, column] = at ? move(at) : [Math.floor(box.scrollTop / height), 0];
    at = [Math.min(Math.max(row, 0), total - 1), Math.min(Math.max(column, 0), columns - 1)];
    show(at);
    if (frame) cancelAnimationFrame(frame);
    draw();
    focus();
  });
  box.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-said]");
    if (!cell) return;
    at = [Number(cell.parentElement.getAttribute("aria-rowindex")) - 2, cell.cellIndex];
    cell.focus({ preventScroll: true });
    tell(cell);
  });
  box.addEventListener("scroll", plan, { passive: true });
  const start = Number(box.dataset.first) - 1;
  if (start) box.scrollTop = start * height;
  draw();
})();
