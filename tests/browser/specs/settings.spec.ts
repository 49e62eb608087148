import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { choose, importCounts, csvFile, definition, expectCount, go, holdLongWork, largeCsv, message, stepADay, today, undo, visit } from "../console";
import { expect, test } from "../fixture";
import { ENDS, handMade } from "../hand-made";
import { DROP_CSV } from "../texts";

const report = (page: Page) => page.getByRole("region", { name: "Import report" });
const number = (page: Page, label: string) => definition(report(page), label);
const connection = (page: Page, words: string) => page.getByRole("banner").getByText(words);

test("a CSV of one's own shows where each domain sits and every move, and lists the rows it left out", async ({ page }) => {
  await visit(page, "settings");
  const buffer = readFileSync(new URL("../../data/daily-counts.csv", import.meta.url));
  await choose(page, DROP_CSV, { name: "daily-counts.csv", mimeType: "text/csv", buffer });
  // It asks first; “Keep it” leaves everything as it was.
  const question = page.getByRole("region", { name: "Import question" });
  await expect(question).toContainText("The simulated account in this browser goes: 400 domains");
  await expect(connection(page, "Simulator · Bought list")).toBeVisible();
  await question.getByRole("button", { name: "Keep it" }).click();
  await expect(question).toBeHidden();
  await expect(connection(page, "Simulator · Bought list")).toBeVisible();
  await importCounts(page, DROP_CSV, { name: "daily-counts.csv", mimeType: "text/csv", buffer });
  await expect(report(page)).toBeVisible();
  await expect(number(page, "Domains")).toHaveText("50");
  await expect(number(page, "Rows rejected")).toHaveText("4");
  await expect(report(page)).toContainText("1 Apr 2026 to 29 Jul 2026");
  const rejected = report(page).getByRole("group").filter({ hasText: "Rejected rows (4)" }).getByRole("listitem");
  await expect(rejected).toHaveCount(4);
  for (const line of await rejected.all()) await expect(line).toHaveText(/^line [\d,]+: \S/);

  // What an independent reading of the rules says of this file.
  await page.getByRole("link", { name: "Open overview" }).click();
  await expect(connection(page, "Simulator · daily-counts.csv")).toBeVisible();
  for (const [pool, domains] of [["Good reputation", "35"], ["Poor reputation", "4"], ["New senders", "11"]]) {
    const card = page.getByRole("region", { name: new RegExp(pool) });
    await expect(card.getByRole("link", { name: domains, exact: true })).toBeVisible();
    // The file has no IPs, so nothing is said per IP.
    await expect(card).toContainText("(placeholders)");
    await expect(definition(card, "Messages per IP and day")).toHaveText("–");
  }
  await go(page, "Pools");
  await expect(page.getByRole("note", { name: "Placeholder IPs" })).toBeVisible();
  await go(page, "History");
  // 84 moves, and 50 enrolments.
  await expectCount(page.getByRole("grid", { name: "History" }), 134);
});

test("files with mistakes: said where one looks, nothing lost, undo and cancel take all of it back", async ({ page }, testInfo) => {
  await visit(page, "settings");
  await choose(page, DROP_CSV, csvFile("counts.csv", "day,domain,processed", "2026-04-01,a.example,1"));
  await expect(page.getByRole("alert").filter({ hasText: "counts.csv can't be read" })).toContainText("delivered");
  await expect(page.getByRole("alert").filter({ hasText: "counts.csv can't be read" })).toContainText("The simulator is unchanged");
  await expect(connection(page, "Simulator · Bought list")).toBeVisible();

  // Dropped on the page, as a person would.
  const rows = [
    "Complained;Domain;Date;Processed;Delivered;Bounced;note",
    "0;a.example;2026-04-01;10;9;1;fine",
    "0;a.example;2026-04-31;10;9;1;no such day",
    "0;a.example;2026-04-02;ten;9;1;not a number",
    "0;b.example;2026-04-03;5;6;0;more delivered than processed",
    "0;a.example;2026-04-01;1;1;0;adds to the first",
  ];
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "mine.csv", { type: "text/csv" }));
    return transfer;
  }, rows.join("\r\n"));
  await page.getByText(DROP_CSV).dispatchEvent("drop", { dataTransfer: dropped });
  await page.getByRole("button", { name: "Replace the simulated account" }).click();
  await expect(report(page)).toContainText("mine.csv imported");
  await expect(report(page)).toContainText("line 3: “2026-04-31” is not a date");
  await expect(report(page)).toContainText("line 4: processed “ten” is not a whole number");
  await expect(report(page).getByText("Warnings (1)")).toBeVisible();
  await expect(report(page)).toContainText("Columns not read: note");
  await expect(number(page, "Duplicate rows merged")).toHaveText("1");
  await expect(number(page, "Domains")).toHaveText("2");
  await undo(page);
  await expect(connection(page, "Simulator · Bought list")).toBeVisible();

  // Stopped in the middle, however fast the machine is.
  const large = testInfo.outputPath("large.csv");
  writeFileSync(large, largeCsv(100_000));
  const letGo = await holdLongWork(page);
  await choose(page, DROP_CSV, large);
  const progress = page.getByRole("progressbar", { name: /Reading bytes|Sorting rows|Simulating days/ });
  await expect(progress).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await letGo();
  await expect(message(page, "large.csv import cancelled")).toBeVisible();
  await expect(progress).toBeHidden();
  await expect(connection(page, "Simulator · Bought list")).toBeVisible();
  await expect(today(page)).toHaveText("Thu 23 Jul 2026");
});

test("a scenario of another size and seed starts, is equal for an equal seed, and survives a reload", async ({ page }) => {
  await visit(page, "settings");
  const start = async (seed: string) => {
    await go(page, "Settings");
    await page.getByRole("radio", { name: /Onboarding wave/ }).check();
    await page.getByRole("combobox", { name: "Domains" }).fill("60");
    await page.getByRole("textbox", { name: "Seed" }).fill(seed);
    await page.getByRole("button", { name: "Start this scenario" }).click();
    await expect(connection(page, "Simulator · Onboarding wave")).toBeVisible();
    await expect(message(page, "Started Onboarding wave with 60 domains").last()).toBeVisible();
    await go(page, "Domains");
    const grid = page.getByRole("grid", { name: "Enrolled domains" });
    await expect(grid.getByRole("row").nth(5)).toBeVisible();
    return (await grid.getByRole("link").allInnerTexts()).slice(0, 8);
  };
  const seven = await start("7");
  const eight = await start("8");
  expect(eight).not.toEqual(seven);
  expect(await start("7")).toEqual(seven);

  await stepADay(page);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  await page.reload();
  await expect(connection(page, "Simulator · Onboarding wave")).toBeVisible();
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  await go(page, "Settings");
  await expect(page.getByText("now: Onboarding wave · 60 domains · seed 7")).toBeVisible();
  await page.getByRole("combobox", { name: "Domains" }).fill("100001");
  await expect(page.getByRole("alert").filter({ hasText: "1 to 100,000" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Start this scenario" })).toBeDisabled();
});

test("the simulator is saved as a file, reset, and opened again; another file is refused with a reason", async ({ page }) => {
  await visit(page, "settings");
  await importCounts(page, DROP_CSV, handMade);
  await expect(today(page)).toHaveText("Sat 14 Mar 2026");
  await stepADay(page);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a file" }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe("poolkeeper-hand-made-2026-03-15.poolkeeper");
  const path = await saved.path();

  await page.getByRole("button", { name: "Reset to the scenario's start" }).click();
  await expect(today(page)).toHaveText("Thu 23 Jul 2026");
  const file = { name: "x.poolkeeper", mimeType: "application/octet-stream", buffer: Buffer.from("hello") };
  await choose(page, "Open a saved simulator", file);
  await expect(page.getByRole("alert").filter({ hasText: "x.poolkeeper can't be opened" })).toBeVisible();
  await expect(today(page)).toHaveText("Thu 23 Jul 2026");

  await choose(page, "Open a saved simulator", path);
  await expect(today(page)).toHaveText("Sun 15 Mar 2026");
  await expect(connection(page, "Simulator · hand-made.csv")).toBeVisible();
  await go(page, "Overview");
  for (const [pool, domains] of [["Good", ENDS.good], ["Poor", ENDS.poor], ["New", ENDS.new]]) {
    await expect(page.getByRole("region", { name: new RegExp(`${pool} `) }).getByRole("link", { name: String(domains), exact: true })).toBeVisible();
  }
});

test("a stricter policy takes effect at the next check, and a wrong one is named", async ({ page }) => {
  await visit(page, "settings");
  await importCounts(page, DROP_CSV, handMade);
  await expect(message(page, "hand-made.csv imported: 6 domains")).toBeVisible();
  await page.getByRole("spinbutton", { name: "Window" }).fill("0");
  await page.getByRole("spinbutton", { name: "Window" }).blur();
  await expect(page.getByRole("alert").filter({ hasText: "window_days" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Use this policy" })).toBeDisabled();
  await page.getByRole("button", { name: "Revert" }).click();

  // Elastic Email's looks at complaints alone, over 30 days: bounces.example has none, so it becomes good.
  await page.getByRole("combobox", { name: "Preset" }).selectOption("Elastic Email");
  await page.getByRole("button", { name: "Use this policy" }).click();
  await expect(message(page, "The new policy applies from the next health check")).toBeVisible();
  await go(page, "Domains");
  const bounces = page.getByRole("grid").getByRole("row").filter({ hasText: "bounces.example" });
  await expect(bounces).toContainText("poor");
  await stepADay(page);
  await expect(bounces).toContainText("good");
});
