import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { cell, importCounts, expectCount, go, message, rows, visit } from "../console";
import { expect, test } from "../fixture";
import { handMade, MOVES } from "../hand-made";
import { DOMAIN, DROP_CSV } from "../texts";

const grid = (page: Page) => page.getByRole("grid", { name: "History" });
const ENROLMENTS = 6;

test.beforeEach(async ({ page }) => {
  await visit(page, "settings");
  await importCounts(page, DROP_CSV, handMade);
  await expect(message(page, "hand-made.csv imported: 6 domains")).toBeVisible();
  await go(page, "History");
  await expectCount(grid(page), MOVES.length + ENROLMENTS);
});

test("every move is there with its reason, newest first, and counted by day and direction", async ({ page }) => {
  const newestFirst = [...MOVES].reverse();
  // Several of one day come in no promised order.
  const seen = await Promise.all(
    (await rows(grid(page)).all()).slice(0, MOVES.length).map(async (row) => {
      const [when, name, move, why] = await Promise.all([0, 1, 2, 3].map((at) => cell(row, at)).map((cell) => cell.innerText()));
      return `${when.split(",")[0]} ${name} ${move.replace(/[^a-z]+/g, " ").trim()}: ${why}`;
    }),
  );
  // A check belongs to the UTC day it closes, also for a reader in New York, where it runs on the evening of that day, and in
  // the service's own records, where it is at the next midnight.
  const expected = newestFirst.map(([day, name, from, to, why]) => `${day} Mar 2026 ${name} ${from} ${to}: ${why}`);
  expect(seen.sort()).toEqual(expected.sort());

  const chart = page.getByRole("region", { name: "Moves per day" });
  await chart.getByRole("button", { name: "View as table" }).click();
  const table = chart.getByRole("table");
  for (const day of [1, 2, 3, 4, 6, 8, 13]) {
    const ofDay = MOVES.filter(([on]) => on === day);
    const better = ofDay.filter(([, , from, to]) => to === "good" || from === "poor").length;
    await expect(table.getByRole("row").filter({ hasText: new RegExp(`^\\D*${day} Mar|2026-03-${String(day).padStart(2, "0")}`) })).toHaveText(
      new RegExp(`2026\\D*${better}\\D*${ofDay.length - better}$`),
    );
  }
});

/** How to set each filter, what the address says then, and how many records fit. */
const FILTERS: [name: string, set: (page: Page) => Promise<unknown>, address: RegExp, fit: number][] = [
  ["to", (page) => page.getByRole("combobox", { name: "New pool" }).selectOption("dynamic_poor"), /[?&]to=dynamic_poor/, 3],
  ["from", (page) => page.getByRole("combobox", { name: "Old pool" }).selectOption("dynamic_poor"), /[?&]from=dynamic_poor/, 2],
  ["domain", (page) => page.getByRole("searchbox", { name: "Exact domain name" }).fill("FALLS.example"), /[?&]domain=FALLS.example/, 4],
  // Days are UTC days, and a check belongs to the day that it ends.
  ["after", (page) => page.getByLabel("From day").fill("2026-03-07"), /[?&]after=2026-03-07/, 2],
  ["before", (page) => page.getByLabel("To day").fill("2026-03-03"), /[?&]before=2026-03-03/, ENROLMENTS + 4],
  ["accounts", (page) => page.getByRole("checkbox", { name: "Include subaccounts" }).uncheck(), /[?&]accounts=own/, 0],
];

test("each filter asks for what fits, and stays in the address", async ({ page }) => {
  for (const [name, set, address, fit] of FILTERS) {
    await set(page);
    await expect(page, name).toHaveURL(address);
    const fits = async () => {
      if (fit > 0) await expectCount(grid(page), fit);
      else await expect(page.getByText("No records match these filters"), name).toBeVisible();
    };
    await fits();
    await page.reload();
    await fits();
    await page.getByRole("button", { name: /^Clear (all )?filters$/ }).first().click();
    await expectCount(grid(page), MOVES.length + ENROLMENTS);
    expect(new URL(page.url()).search).toBe("");
  }
  await page.goto("history?to=dynamic_good&from=dynamic_poor&after=2026-03-10");
  await expectCount(grid(page), 1);
  await expect(cell(rows(grid(page)), 1)).toHaveText("falls.example");
});

test("a record opens its domain at that day", async ({ page }) => {
  const row = rows(grid(page)).filter({ hasText: "falls.example" }).filter({ hasText: "bounce_rate in poor threshold" });
  await row.getByRole("link", { name: "falls.example" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "falls.example" })).toBeVisible();
  await expect(page).toHaveURL(/day=2026-03-06/);
  const past = page.getByRole("region", { name: DOMAIN.history }).getByRole("listitem");
  const marked = past.and(page.locator("[aria-current=true]"));
  await expect(past).toHaveCount(4);
  await expect(marked).toContainText("bounce_rate in poor threshold");
  // 600 of 6,000 on that day's window.
  await expect(marked).toContainText(/bounces 10(\.0+)? %/);
  await page.goBack();
  // An enrolment is of the moment it was made.
  await rows(grid(page)).filter({ hasText: "calm.example" }).filter({ hasText: "Enrolled" }).getByRole("link").click();
  await expect(page).toHaveURL(/day=2026-03-01/);
  await expect(marked.last()).toContainText("Enrolled");
});

test("the filtered view is saved as CSV, safe for a spreadsheet, and as JSON", async ({ page }) => {
  await page.getByRole("searchbox", { name: "Exact domain name" }).fill("complains.example");
  await expectCount(grid(page), 3);
  const save = async (kind: string) => {
    await page.getByRole("button", { name: "Export" }).click();
    const saving = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: kind }).click();
    return readFileSync(await (await saving).path(), "utf8");
  };
  const lines = (await save("CSV")).trim().split("\r\n");
  expect(lines).toHaveLength(4);
  // Its account is called =HYPERLINK(1), which a spreadsheet would run.
  for (const line of lines.slice(1)) expect(line).toMatch(/,complains\.example,[0-9a-f]{24},'=HYPERLINK\(1\),/);
  const json = JSON.parse(await save("JSON"));
  expect(json.map(({ account_name }: { account_name: string }) => account_name)).toEqual(Array(3).fill("=HYPERLINK(1)"));
  expect(json[0]).toMatchObject({ prev_band: "dynamic_poor", new_band: "dynamic_good", bounce_rate: "0", complaint_rate: "0.001" });
});
