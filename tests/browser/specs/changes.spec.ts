import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { resize, sideways, visit } from "../console";
import { axeViolations, expect, test } from "../fixture";
import { connect, KEY, open, type PageOf, serve } from "../serve";

const list = (page: Page) => page.getByRole("table").getByRole("row").filter({ has: page.getByRole("rowheader") });

test("what fell this week, why, the way back and an export take three presses, and agree with the history", async ({ page }) => {
  await visit(page, "./");
  const link = page.getByRole("main").getByRole("link", { name: /^last 7 days: \d+ fell, \d+ rose/ });
  const [, fell] = /(\d+) fell/.exec(await link.innerText())!;
  // One press.
  await link.click();
  await expect(page.getByRole("heading", { level: 1, name: "What changed" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText(/\d+ fell, \d+ rose.* from \d+ Jul to 22 Jul 2026\. In the 7 days before: \d+ fell, \d+ rose/);
  // Two more: the falls alone are a press, which the task does not need.
  await page.getByRole("group", { name: "Change" }).getByRole("radio", { name: `Fell ${fell}` }).check();
  await expect(list(page)).toHaveCount(Number(fell));
  for (const row of await list(page).all()) {
    // A fall names the day that did it, or says that a rate alone did not.
    await expect(row.getByRole("cell").nth(2)).toHaveText(/(messages bounced|brought complaints) on \d+ Jul 2026: [\d.]+ % over 7 days, limit [\d.]+ %|threshold|minimum/);
  }
  const names = await list(page).getByRole("link").allInnerTexts();
  await page.getByRole("button", { name: "Export" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "CSV" }).click()]);
  const lines = readFileSync(await file.path(), "utf8").trim().split(/\r?\n/);
  expect(lines[0]).toBe("domain,account,customer,change,from,to,on,why,way_back,by");
  expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(names);

  // Each fell by a record of the same days: the history's last move of the domain leads to poor or new.
  await page.goto(`history?domain=${names[0]}&after=2026-07-16&before=2026-07-22`);
  await expect(page.getByRole("grid").getByRole("row").nth(1)).toContainText(names[0]!);
});

test("another period and another kind are in the address, at every width", async ({ page }) => {
  await visit(page, "changes");
  await page.getByRole("group", { name: "Period" }).getByRole("radio", { name: "30 days" }).check();
  await expect(page).toHaveURL(/changes\?days=30$/);
  await expect(page.getByRole("main")).toContainText("In the 30 days before:");
  await page.reload();
  await expect(page.getByRole("radio", { name: "30 days" })).toBeChecked();
  for (const [width, height] of [[1280, 800], [1024, 768], [390, 844]] as const) {
    await resize(page, width, height);
    expect(await sideways(page), `${width}`).toBe(0);
    expect(await axeViolations(page), `${width}`).toEqual([]);
  }
});

type Moved = { domain_name: string; prev_band: string | null; new_band: string; reason: string; timestamp: string };

test("a live account's changes come from its history, by its words, and by account", async ({ page }) => {
  const server = await serve("--cors", "--size", "350", "--key", KEY, "--still");
  // What fell in the seven days to 22 July, by the service's own list, the newest first. A check is of the day before its midnight.
  const ranks = ["dynamic_poor", "dynamic_new", "dynamic_good"];
  const first = Date.parse("2026-07-16T00:00:00Z");
  const moved: Moved[] = [];
  for (let path = "/v1/dynamic_pools/history?limit=100&include_subaccounts=true"; path; ) {
    const { items, paging } = await server.ask<PageOf<Moved>>(path);
    moved.push(...items);
    const isOver = items.length === 0 || Date.parse(items.at(-1)!.timestamp) < first;
    path = isOver || !paging.Next ? "" : paging.Next.replace(server.base, "");
  }
  const recent = moved.filter(({ timestamp }) => Date.parse(timestamp) - 1000 >= first);
  const fell = [...new Set(recent.map(({ domain_name }) => domain_name))].filter((name) => {
    const own = recent.filter(({ domain_name }) => domain_name === name);
    const [from, to] = [own.at(-1)!.prev_band, own[0]!.new_band];
    return from !== null && own[0]!.reason !== "Override set" && ranks.indexOf(to) < ranks.indexOf(from);
  });
  expect(fell.length).toBeGreaterThan(0);

  await page.clock.setFixedTime(new Date("2026-07-22T20:00:00Z"));
  await connect(page, server.base);
  await open(page, "History");
  await page.getByRole("main").getByRole("link", { name: "What changed" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "What changed" })).toBeVisible();
  await page.getByRole("group", { name: "Change" }).getByRole("radio", { name: `Fell ${fell.length}` }).check();
  await expect(list(page)).toHaveCount(fell.length);
  const names = await list(page).getByRole("link").allInnerTexts();
  expect(names.toSorted()).toEqual(fell.toSorted());
  await expect(list(page).first().getByRole("cell").nth(2)).toHaveText(/threshold: [\d.]+ % bounces, [\d.]+ % complaints|minimum/);
  expect(await axeViolations(page)).toEqual([]);
  server.stop();
});
