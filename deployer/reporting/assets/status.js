// The filter: text, states, tag and order, kept in the address so that a view can be shared.
"use strict";
(() => {
  const tools = document.querySelector(".tools");
  if (!tools) return;
  const text = document.getElementById("q");
  const tag = document.getElementById("tag");
  const sort = document.getElementById("sort");
  const shown = document.getElementById("shown");
  const clear = document.getElementById("clear");
  const none = document.querySelector(".none");
  const body = document.querySelector(".tenants tbody");
  const boxes = [...tools.querySelectorAll("input[name=state]")];
  const rows = [...body.rows].map((row) => ({
    row,
    text: row.textContent.toLowerCase().replace(/\s+/g, " "),
    name: row.querySelector("b").textContent,
    state: row.dataset.state,
    tags: JSON.parse(row.dataset.tags),
    rank: Number(row.dataset.rank),
    at: Number(row.dataset.at),
  }));
  const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const orders = {
    "": (a, b) => b.rank - a.rank || byName(a, b),
    name: byName,
    applied: (a, b) => b.at - a.at || byName(a, b),
  };
  let order = "";

  const read = () => {
    const wanted = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    text.value = wanted.get("q") ?? "";
    const states = (wanted.get("state") ?? "").split(",");
    boxes.forEach((box) => { box.checked = states.includes(box.value); });
    if (tag) {
      tag.value = wanted.get("tag") ?? "";
      if (tag.selectedIndex < 0) tag.value = "";
    }
    sort.value = wanted.get("sort") ?? "";
    if (sort.selectedIndex < 0) sort.value = "";
  };

  const write = () => {
    const wanted = new URLSearchParams();
    const states = boxes.filter((box) => box.checked).map((box) => box.value);
    if (text.value) wanted.set("q", text.value);
    if (states.length) wanted.set("state", states.join(","));
    if (tag?.value) wanted.set("tag", tag.value);
    if (sort.value) wanted.set("sort", sort.value);
    const hash = wanted.toString().replaceAll("%2C", ",");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };

  const show = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = boxes.filter((box) => box.checked).map((box) => box.value);
    let number = 0;
    for (const each of rows) {
      const fits = words.every((word) => each.text.includes(word))
        && (!states.length || states.includes(each.state))
        && (!tag?.value || each.tags.includes(tag.value));
      each.row.hidden = !fits;
      number += fits;
    }
    if (sort.value !== order) {
      order = sort.value;
      rows.sort(orders[order]);
      body.append(...rows.map((each) => each.row));
    }
    shown.textContent = number === rows.length ? `all ${number} shown` : `${number} of ${rows.length} shown`;
    clear.hidden = number === rows.length && !words.length && !states.length && !tag?.value;
    none.hidden = number > 0;
  };

  const changed = () => { write(); show(); };
  const reset = () => {
    text.value = "";
    boxes.forEach((box) => { box.checked = false; });
    if (tag) tag.value = "";
    changed();
  };
  tools.addEventListener("input", changed);
  clear.addEventListener("click", () => { reset(); text.focus(); });
  addEventListener("hashchange", () => { read(); show(); });
  // A node of the pipeline leads to its row, without the filter being lost from the address.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#tenant-']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = document.getElementById(link.getAttribute("href").slice(1));
    event.preventDefault();
    if (row.hidden) reset();
    row.scrollIntoView({ block: "center" });
    row.querySelector("th").focus({ preventScroll: true });
  });
  tools.hidden = false;
  read();
  show();
})();
