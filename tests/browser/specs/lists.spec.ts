import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { cell, choose, count, csvFile, expectCount, follow, go, message, rows, visit } from "../console";
import { axeViolations, expect, test } from "../fixture";

const domains = (page: Page) => page.getByRole("grid", { name: "Enrolled domains" });
const history = (page: Page) => page.getByRole("grid", { name: "History" });
const heads = (page: Page) => domains(page).getByRole("columnheader").filter({ hasText: /\w/ });
const names = async (page: Page) => domains(page).getByRole("link").allInnerTexts();

/** The list, whole and with its last moves. */
async function openDomains(page: Page, address = "domains") {
  await (page.url() === "about:blank" ? visit : follow)(page, address);
  await expect(rows(domains(page)).first()).toBeVisible();
}

test("columns are chosen, a view is saved by name, opened by a link and deleted", async ({ page }) => {
  await openDomains(page);
  await expect(heads(page)).toHaveText(["Domain↑", "Account", "Pool", "Override", "Bounce rate", "Complaint rate", "Limit used", "Processed", "Last move, UTC"]);
  await page.getByRole("button", { name: "Columns" }).click();
  for (const name of ["Account", "Override"]) await page.getByRole("checkbox", { name, exact: true }).uncheck();
  await page.getByRole("checkbox", { name: "Registered" }).check();
  await page.keyboard.press("Escape");
  await expect(heads(page)).toHaveText(["Domain↑", "Pool", "Bounce rate", "Complaint rate", "Limit used", "Processed", "Registered", "Last move, UTC"]);
  await page.getByRole("columnheader", { name: "Limit used" }).getByRole("button").click();
  await expect(page).toHaveURL(/sort=-limit_used/);
  const query = new URL(page.url()).search;
  const first = await names(page);

  await page.getByRole("button", { name: /^Views/ }).click();
  await expect(page.getByText("No saved views yet")).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Type a name for this view")).toBeVisible();
  await page.getByRole("textbox", { name: "Name of this view" }).fill("Near the limit");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("link", { name: "Near the limit" })).toBeVisible();
  expect(await axeViolations(page)).toEqual([]);

  await openDomains(page);
  await page.getByRole("button", { name: /^Views/ }).click();
  await page.getByRole("link", { name: "Near the limit" }).click();
  await expect(page).toHaveURL(new RegExp(`${query.replace(/[?]/g, "\\?")}$`));
  expect((await names(page)).slice(0, 5)).toEqual(first.slice(0, 5));
  // The list of views stays open, as one may want another.
  await page.getByRole("button", { name: "Delete the view Near the limit" }).click();
  await expect(page.getByText("No saved views yet")).toBeVisible();
});

test("last moves and used limits filter and sort, and agree with the history", async ({ page }) => {
  await openDomains(page, "domains?moved=7&moved_to=poor&sort=-last_move");
  const moved = await names(page);
  expect(moved.length).toBeGreaterThan(0);
  await expect(domains(page)).toHaveAttribute("aria-rowcount", String(moved.length + 1));
  // The history of the same seven days, its newest record of each domain.
  await follow(page, "history?after=2026-07-16&before=2026-07-22&to=dynamic_poor");
  const fell = new Set(await history(page).getByRole("link").allInnerTexts());
  for (const name of moved) expect(fell).toContain(name);

  await openDomains(page);
  await page.getByRole("button", { name: "Rates" }).click();
  await page.getByRole("group", { name: "Limit used" }).getByLabel("at least").fill("100");
  await expect(page).toHaveURL(/used=100/);
  // What uses all of its limit is judged poor, unless it has too little mail or is pinned.
  const used = rows(domains(page)).locator("[role=gridcell]:nth-child(8)");
  for (const text of await used.allInnerTexts()) expect(Number.parseFloat(text)).toBeGreaterThanOrEqual(100);
});

test("Back leads to the row and the ticks that were left", async ({ page }) => {
  await openDomains(page, "domains?sort=-name");
  const grid = domains(page);
  await grid.focus();
  await page.keyboard.press("End");
  const last = rows(grid).last();
  await expect(last).toBeVisible();
  await last.getByRole("checkbox").check();
  const name = (await last.getByRole("link").innerText()).trim();
  await last.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.goBack();
  const row = rows(domains(page)).filter({ hasText: name });
  await expect(row).toBeInViewport();
  await expect(row.getByRole("checkbox")).toBeChecked();
  // Opened by a link, the list begins at its start, with nothing ticked.
  await go(page, "Overview");
  await go(page, "Domains");
  await expect(rows(domains(page)).first()).toBeInViewport();
  await expect(page.getByRole("toolbar", { name: "Selected domains" })).toHaveCount(0);
});

test("the history is filtered by person, account, reason and direction, and sorts by every column", async ({ page }) => {
  await visit(page, "history");
  // All of them are here once the page no longer says how many of how many.
  await expect(page.getByRole("main").getByText(/^[\d,]+ records$/)).toBeVisible();
  const all = await count(history(page));
  await page.getByRole("combobox", { name: "By", exact: true }).selectOption("system");
  await expect(page).toHaveURL(/by=system/);
  await expect.poll(() => count(history(page))).toBeLessThan(all);
  await page.getByRole("combobox", { name: "Direction" }).selectOption("worse");
  await page.getByRole("combobox", { name: "Reason" }).selectOption("bounce_rate in poor threshold");
  await expect(page).toHaveURL(/direction=worse.*reason=bounce_rate/);
  await expect(rows(history(page)).first()).toContainText("bounce_rate in poor threshold");
  await expect(rows(history(page)).filter({ hasNotText: "bounce_rate in poor threshold" })).toHaveCount(0);
  const bounces = page.getByRole("columnheader", { name: "Bounces" });
  await bounces.getByRole("button").click();
  await expect(bounces).toHaveAttribute("aria-sort", "descending");
  const rates = (await rows(history(page)).locator("[role=gridcell]:nth-child(5)").allInnerTexts()).map((text) => Number.parseFloat(text.replace(/\D*/, "")));
  expect(rates).toEqual([...rates].sort((a, b) => b - a));
  // Each of them broke the limit for poor, which is 10 %.
  for (const rate of rates) expect(rate).toBeGreaterThanOrEqual(10);
});

test("notes from a file give domains a customer, owner and tags: they filter, are edited, and are saved as the file", async ({ page }) => {
  await openDomains(page);
  const [first, second] = await names(page);
  await go(page, "Settings");
  const zone = "Open a CSV of notes";
  await choose(page, zone, csvFile("wrong.csv", "applies_to,customer", "not a domain,Acme"));
  await expect(page.getByRole("alert").filter({ hasText: "line 2: applies_to:" })).toBeVisible();
  await choose(page, zone, csvFile("notes.csv", "applies_to,customer,owner,tags", `${first},Acme,ann,trial`, "*.de,Berlin AG,,"));
  await expect(message(page, "notes.csv opened: 2 rows of notes")).toBeVisible();

  await openDomains(page, "domains?columns=name,customer,owner,tags");
  await page.getByRole("combobox", { name: "Customer" }).selectOption("Acme");
  await expectCount(domains(page), 1);
  const row = rows(domains(page)).first();
  await expect(row).toContainText(first!);
  for (const [at, text] of [[2, "Acme"], [3, "ann"], [4, "trial"]] as const) await expect(cell(row, at)).toHaveText(text);

  await row.getByRole("link").click();
  await page.getByRole("textbox", { name: "Owner" }).fill("bob");
  await page.getByRole("button", { name: "Save notes" }).click();
  await expect(message(page, `Saved the notes on ${first}`)).toBeVisible();
  await follow(page, `domain?name=${second}`);
  await page.getByRole("textbox", { name: "Customer" }).fill("=Else");
  await page.getByRole("button", { name: "Save notes" }).click();
  await expect(message(page, `Saved the notes on ${second}`)).toBeVisible();

  await go(page, "Settings");
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save notes as CSV" }).click();
  const lines = readFileSync(await (await saving).path(), "utf8").trim().split("\r\n");
  // What a spreadsheet would run as a formula is kept from it.
  expect(lines.toSorted()).toEqual(
    [
      "applies_to,customer,owner,tags,note,override_reason,override_until",
      `${first},Acme,bob,trial,,,`,
      `${second},'=Else,,,,,`,
      "*.de,Berlin AG,,,,,",
    ].toSorted(),
  );
  await page.getByRole("button", { name: "Delete all notes" }).click();
  await expect(message(page, "All notes deleted")).toBeVisible();
  await openDomains(page);
  await expect(page.getByRole("combobox", { name: "Customer" })).toHaveCount(0);
});
