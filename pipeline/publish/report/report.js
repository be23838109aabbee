"use strict";
(() => {
  const root = document.documentElement;
  const title = document.querySelector("title");
  const both = (ja, en) => {
    const box = document.createDocumentFragment();
    for (const [lang, text] of [["ja", ja], ["en", en]]) {
      const span = document.createElement("i");
      span.lang = lang;
      span.textContent = text;
      box.append(span);
    }
    return box;
  };

  // Language: that of the address (?lang=en), else of the browser.
  const languages = [...document.querySelectorAll("[data-lang]")];
  function speak(lang) {
    root.lang = lang;
    title.textContent = title.dataset[lang];
    for (const b of languages) b.setAttribute("aria-pressed", String(b.dataset.lang === lang));
  }
  for (const b of languages) b.addEventListener("click", () => speak(b.dataset.lang));
  const asked = new URLSearchParams(location.search).get("lang");
  speak(asked === "ja" || asked === "en" ? asked : /^ja/.test(navigator.language || "ja") ? "ja" : "en");

  document.getElementById("print").addEventListener("click", () => print());

  // What a reader sees of a cell in the language chosen.
  function said(cell) {
    const spans = cell.querySelectorAll("[lang]");
    if (!spans.length) return cell.textContent.trim();
    return [...spans].filter((s) => s.lang === root.lang).map((s) => s.textContent).join("").trim();
  }
  // The number of a cell as machines write it, undefined where it has none: cells of text have a class.
  const number = (cell) => /^(n|)$/.test(cell.className) && cell.textContent.trim().replaceAll(",", "").replace("−", "-").replace("+", "") || undefined;
  const value = (cell) => number(cell) ?? said(cell);

  // A text that a spreadsheet would take for a formula is made text.
  function field(text) {
    if (/^[=+\-@\t\r\n]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }
  function csv(table) {
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.map((h, i) => i).filter((i) => !heads[i].classList.contains("g"));
    const lines = [columns.map((i) => field(said(heads[i])))];
    for (const r of table.tBodies[0].rows) if (!r.hidden) lines.push(columns.map((i) => field(value(r.cells[i]))));
    return "\ufeff" + lines.map((l) => l.join(",")).join("\r\n") + "\r\n";
  }
  function download(name, text) {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    a.download = name + ".csv";
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 1000);
  }

  // Rows without a number stay at the end whichever way a column is sorted.
  function sort(table, column, down) {
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => ({ row, key: number(row.cells[column]), text: said(row.cells[column]) }));
    keyed.sort((a, b) => {
      const x = a.key !== undefined, y = b.key !== undefined;
      if (x !== y) return x ? -1 : 1;
      const by = x ? Number(a.key) - Number(b.key) : a.text.localeCompare(b.text, root.lang);
      return down ? -by : by;
    });
    body.append(...keyed.map((k) => k.row));
  }
  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      if (head.classList.contains("g")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const down = now ? now === "ascending" : head.classList.contains("n");
        for (const h of table.tHead.rows[0].cells) h.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, i, down);
      });
    });
  }
  function filterable(table, controls) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const shown = document.createElement("output");
    input.type = "search";
    label.append(both("絞り込み ", "Filter "), input);
    controls.append(label, shown);
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((r) => r.textContent.toLowerCase());
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let n = 0;
      rows.forEach((r, i) => {
        r.hidden = !texts[i].includes(wanted);
        if (!r.hidden) n++;
      });
      shown.textContent = wanted ? n + " / " + rows.length : "";
    });
  }
  function enhance(box) {
    const table = box.querySelector("table");
    const controls = document.createElement("div");
    controls.className = "controls";
    const save = document.createElement("button");
    save.type = "button";
    save.append(both("CSV で保存", "Save as CSV"));
    save.addEventListener("click", () => download(box.dataset.file, csv(table)));
    if (box.classList.contains("long")) filterable(table, controls);
    controls.append(save);
    box.append(controls);
    sortable(table);
  }
  const tables = (within) => within.querySelectorAll(".data:not(:has(.controls))").forEach(enhance);

  // Region: one panel at a time, its tables made ready when it is first shown.
  const picker = document.getElementById("region");
  const panels = [...document.querySelectorAll("[data-region]")];
  function show(code) {
    for (const p of panels) p.hidden = p.dataset.region !== code;
    const now = panels.find((p) => !p.hidden);
    if (now) tables(now);
  }
  const wanted = new URLSearchParams(location.search).get("region");
  show(panels.some((p) => p.dataset.region === wanted) ? wanted : panels[0]?.dataset.region);
  if (picker) {
    picker.value = panels.find((p) => !p.hidden).dataset.region;
    picker.addEventListener("change", () => show(picker.value));
  }
  document.querySelectorAll("main > section .data").forEach(enhance);

  // A closed table is not printed; all are opened for paper.
  addEventListener("beforeprint", () => {
    for (const d of document.querySelectorAll("details")) d.open = true;
  });
})();
