// node test.mjs REPORT FOLDER: what readers do with a report, done in Chromium with
// the network off. FOLDER has hostile.html and nation.html, and takes the
// screenshots.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [report, folder] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });

// open opens a page offline; whatever it asks of anybody, and every error of a
// script, is a fault.
const faults = [];
async function open(file, { width = 1280, height = 900, lang = "ja", query = "" } = {}) {
  const context = await browser.newContext({ offline: true, locale: lang === "ja" ? "ja-JP" : "en-GB", viewport: { width, height }, acceptDownloads: true });
  const page = await context.newPage();
  page.on("request", (r) => { if (!/^(file|blob|data):/.test(r.url())) faults.push(`asks for ${r.url()}`); });
  page.on("pageerror", (e) => faults.push(`script: ${e.message}`));
  page.on("console", (m) => { if (m.type() === "error") faults.push(`console: ${m.text()}`); });
  page.on("dialog", (d) => { faults.push(`dialog: ${d.message()}`); d.dismiss(); });
  const started = performance.now();
  await page.goto(pathToFileURL(resolve(file)).href + query, { waitUntil: "load" });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  return { page, took: performance.now() - started, close: () => context.close() };
}

const visible = (page, selector) => page.locator(selector).evaluateAll((all) => all.filter((e) => e.offsetParent !== null).map((e) => e.innerText.trim()));

// column are the values of a column of a table, in the order shown.
const column = (page, file, n) => page.locator(`[data-file="${file}"] tbody tr`).evaluateAll((rows, i) =>
  rows.filter((r) => !r.hidden).map((r) => /^n?$/.test(r.cells[i].className) ? r.cells[i].textContent.trim().replaceAll(",", "").replace("−", "-").replace("+", "") : ""), n);

async function sorts(page, file, head) {
  const button = page.locator(`[data-file="${file}"] thead button`).filter({ hasText: head });
  const n = await button.evaluate((b) => b.closest("th").cellIndex);
  for (const [state, sign] of [["descending", -1], ["ascending", 1]]) {
    await button.focus();
    await page.keyboard.press("Enter");
    assert.equal(await button.evaluate((b) => b.closest("th").getAttribute("aria-sort")), state);
    const values = await column(page, file, n);
    const numbers = values.filter((v) => v !== "").map(Number);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => sign * (a - b)), `${file} by ${head} ${state}`);
    assert.ok(numbers.length > 1, `${file} has ${numbers.length} numbers under ${head}`);
    assert.ok(values.slice(numbers.length).every((v) => v === ""), "rows without a number come last");
  }
}

async function filters(page, file, text) {
  const box = page.locator(`[data-file="${file}"]`);
  const all = await box.locator("tbody tr").count();
  await box.locator("input").fill(text);
  const shown = await box.locator("tbody tr:visible").allInnerTexts();
  assert.ok(shown.length > 0 && shown.length < all && shown.every((t) => t.includes(text)), `filter ${text}: ${shown.length} of ${all}`);
  assert.equal(await box.locator("output").innerText(), `${shown.length} / ${all}`);
  await box.locator("input").fill("");
}

async function downloads(page, file) {
  const coming = page.waitForEvent("download");
  await page.locator(`[data-file="${file}"] .controls button`).last().click();
  const download = await coming;
  assert.equal(download.suggestedFilename(), `${file}.csv`);
  const text = await readFile(await download.path(), "utf8");
  assert.ok(text.startsWith("\ufeff") && text.endsWith("\r\n"), "a byte order mark, and lines that Excel reads");
  return text.slice(1).trimEnd().split("\r\n").map(fields);
}

const fields = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, -1).map((m) => m[1].replace(/^"|"$/g, "").replaceAll('""', '"'));

async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const serious = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
  for (const v of found.violations) console.log(`  axe ${what}: ${v.impact} ${v.id}: ${v.nodes.length} × ${v.nodes[0].html.slice(0, 140)}`);
  assert.equal(serious.length, 0, `axe, ${what}: ${serious.map((v) => v.id)}`);
  return found.passes.length;
}

// fits: nothing is wider than the window, and no label of a chart is cut off.
async function fits(page, what) {
  const wide = await page.evaluate(() => {
    const out = [];
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > edge) out.push(`page ${document.documentElement.scrollWidth} of ${edge}`);
    for (const e of document.querySelectorAll(".plot text, h1, h2, .big, .card p, figcaption, .legend li, .controls button")) {
      const box = e.getBoundingClientRect();
      if (box.width && (box.right > edge + 1 || box.left < -1)) out.push(`${e.tagName} ${e.textContent.trim().slice(0, 40)} ${Math.round(box.left)}–${Math.round(box.right)}`);
    }
    for (const axis of document.querySelectorAll(".plot > svg")) {
      const labels = [...axis.querySelectorAll("text.x")].map((t) => t.getBoundingClientRect()).filter((b) => b.width);
      labels.sort((a, b) => a.left - b.left);
      for (let i = 1; i < labels.length; i++) if (labels[i].left < labels[i - 1].right) out.push(`labels overlap at ${Math.round(labels[i].left)}`);
    }
    return out;
  });
  assert.deepEqual(wide, [], what);
}

// The report of the sample.
let checks = 0;
{
  const { page, took, close } = await open(report);
  console.log(`${report}: open in ${Math.round(took)} ms`);
  assert.match((await visible(page, "h1"))[0], /^和歌山県の関係人口$/);
  assert.match((await visible(page, ".big"))[0], /^約[\d,]+人$/);
  assert.equal(await page.title(), await page.evaluate(() => document.querySelector("title").dataset.ja));
  await sorts(page, "30000-areas", "見えた人");
  await filters(page, "30000-areas", "白浜");
  const lines = await downloads(page, "30000-areas");
  const rows = await page.locator('[data-file="30000-areas"] tbody tr').count();
  assert.equal(lines.length, rows + 1);
  assert.ok(lines.every((l) => l.length === lines[0].length && l.length === 9), "as many fields in each line");
  assert.equal(lines[0][0], "地域");
  checks += await accessible(page, "ja");
  const cards = await visible(page, ".card");
  assert.ok(cards.some((c) => /^目標（関係人口ビジョン）\s+\d+%\s+2031年3月31日までに5,000人/.test(c)), `cards: ${cards}`);
  assert.ok(cards.some((c) => /^1年以内に移り住む割合\s+約[\d.]+%/.test(c)), `cards: ${cards}`);

  // The keyboard alone: past the skip link to English.
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
  await page.locator("button[data-lang=en]").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  assert.match((await visible(page, "h1"))[0], /^Wakayama: relational population$/);
  assert.match((await visible(page, ".big"))[0], /^about [\d,]+$/);
  // Documents that definitions follow have Japanese titles, and targets the names that they were given; nothing else is left.
  const japanese = await page.evaluate(() => {
    const rules = document.querySelector('[data-file="definition-rules"]');
    rules.hidden = true;
    const text = document.body.innerText;
    rules.hidden = false;
    return text.replace("日本語", "").replaceAll("関係人口ビジョン", "").match(/[\u3040-\u30ff\u4e00-\u9fff][^\n]*/g) ?? [];
  });
  assert.deepEqual(japanese, [], "Japanese left in English");
  checks += await accessible(page, "en");
  const english = await downloads(page, "30000-areas");
  assert.equal(english[0][0], "Region");

  // Paper: every page of a table has the whole head, and nothing is folded.
  await page.emulateMedia({ media: "print" });
  const heads = await page.locator("thead th button").evaluateAll((all) => all.map((b) => [getComputedStyle(b).display, getComputedStyle(b.closest("th")).position].join()));
  assert.ok(heads.length > 50 && heads.every((h) => h === "contents,static"), "heads that are repeated on paper");
  await page.emulateMedia({ media: null });

  await page.keyboard.press("Control+Home");
  await page.evaluate(() => scrollTo(0, 0));
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  await writeFile(`${folder}/report-en.pdf`, pdf);
  assert.ok(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 30_000, `PDF of ${pdf.length} bytes`);
  await close();
}
for (const [width, height] of [[1280, 900], [390, 844]]) {
  for (const lang of ["ja", "en"]) {
    const { page, close } = await open(report, { width, height, lang });
    await page.evaluate(() => { for (const d of document.querySelectorAll("details")) d.open = true; });
    await fits(page, `${width} ${lang}`);
    if (width < 500) checks += await accessible(page, `${lang} ${width}`);
    await page.screenshot({ path: `${folder}/${lang}-${width}-first.png` });
    await page.evaluate(() => { for (const d of document.querySelectorAll("details")) d.open = false; });
    await page.screenshot({ path: `${folder}/${lang}-${width}.png`, fullPage: true });
    if (lang === "ja" && width === 1280) await writeFile(`${folder}/report-ja.pdf`, await page.pdf({ format: "A4", printBackground: true }));
    await close();
  }
}

// Names that are markup or formulas stay text.
{
  const { page, close } = await open(`${folder}/hostile.html`);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  const lines = await downloads(page, "30000-areas");
  const names = lines.slice(1).map((l) => l[0]);
  assert.ok(names.some((n) => n === "'=cmd|' /C calc'!A0"), `names in the download: ${names}`);
  assert.ok(names.some((n) => n.includes("<script>")), `names in the download: ${names}`);
  assert.ok(lines.flat().every((f) => !/^[=+@\t\r]/.test(f) && !/^-(?!\d)/.test(f)), "no field that a spreadsheet runs");
  await close();
}

// The nation: 48 panels, 1,741 municipalities.
{
  const times = [];
  for (let i = 0; i < 3; i++) {
    const { page, took, close } = await open(`${folder}/nation.html`);
    times.push(Math.round(took));
    if (i === 0) {
      assert.match((await visible(page, "h1"))[0], /^全国の関係人口$/);
      await page.selectOption("#region", "47000");
      assert.deepEqual(await visible(page, "h1"), ["沖縄県の関係人口"]);
      const moves = page.locator("#r47000-conversion");
      assert.ok((await moves.locator(".plot path.band").getAttribute("d")).length > 50, "a curve with its band");
      assert.equal(await moves.locator('[data-file="47000-curve"] tbody tr').count(), 8);
      await moves.screenshot({ path: `${folder}/nation-conversion.png` });
      await page.locator("#r47000-targets").screenshot({ path: `${folder}/nation-targets.png` });
      await page.selectOption("#region", "13000");
      await filters(page, "13000-areas", "区");
      await fits(page, "nation");
      await page.screenshot({ path: `${folder}/nation-13000.png`, fullPage: true });
      await page.selectOption("#region", "00000");
      await page.screenshot({ path: `${folder}/nation.png`, fullPage: true });
    }
    await close();
  }
  console.log(`nation: open in ${times.sort((a, b) => a - b)[1]} ms (median of 3)`);
}
assert.deepEqual(faults, []);
await browser.close();
console.log(`browser: ok (${checks} accessibility rules passed, nothing serious)`);
