import type { Page } from "@playwright/test";
import { expectCount, visit } from "../console";
import { axeViolations, expect, test } from "../fixture";

const region = (page: Page, name: string | RegExp) => page.getByRole("region", { name });
const tour = (page: Page) => page.getByRole("dialog", { name: "Tour" });
const help = (page: Page) => page.getByRole("dialog", { name: "Help" });

test.describe("before the app is there", () => {
  test.use({ mayReport: /_bg\.wasm|Failed to (load resource|fetch)/ });

  test("the page says what it is, and has the navigation and heading that the app then has", async ({ page, context }) => {
    await visit(page, "./");
    const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    const [names, lead] = [await links.allInnerTexts(), await page.getByText("Mailgun’s Dynamic IP Pools sort").innerText()];
    await context.route("**/app-*_bg.wasm", (route) => route.abort());
    // Also not from the service worker.
    await context.route("**/sw.js", (route) => route.abort());
    const bare = await context.newPage();
    await bare.goto("./");
    await expect(bare.locator("#shell nav a").first()).toBeVisible();
    expect(await bare.locator("#shell nav a").allInnerTexts()).toEqual(names);
    expect(await bare.locator("#shell h1").innerText()).toBe("Overview");
    expect(await bare.locator("#shell .lead").innerText()).toBe(lead);
    await bare.goto("pools");
    await expect(bare.locator("#shell h1")).toHaveText("Pools");
    await expect(bare.locator("#shell [aria-current=page]")).toHaveText("Pools");
  });
});

test("the overview says whose data it is, by which limits and days, and that Mailgun's own can't be set", async ({ page }) => {
  await visit(page, "./");
  const main = page.getByRole("main");
  await expect(main).toContainText("Simulated data: invented domains and mail. Nothing here reaches Mailgun.");
  // The default policy: 5 and 10 % bounces, 0.1 and 0.3 % complaints of at least 3, 7 days, 1,000 messages.
  await expect(main).toContainText("Good: at most 5 % bounces and at most 0.1 % complaints, over 7 days.");
  await expect(main).toContainText("Poor: 10 % bounces or more, or 0.3 % complaints or more (at least 3).");
  await expect(main).toContainText("In between, or below 1,000 messages in 7 days, a domain stays where it is.");
  await expect(main).toContainText("Mailgun does not publish its thresholds, and they can’t be set.");
  const poor = region(page, /Poor reputation/);
  await expect(poor).toContainText(/Highest bounce rate, 7 days/);
  await expect(poor).toContainText(/[\d.]+ % limit 10 %/);
  await expect(poor).toContainText(/[\d.]+ % limit 0.3 %/);
  await expect(page.locator("#shell")).toHaveCount(0);
});

test("a term opens its meaning and its source by a press, a key and a tap", async ({ page, browser }) => {
  await visit(page, "./");
  const term = region(page, /Poor reputation/).getByRole("button", { name: "Highest bounce rate" });
  const card = page.getByRole("group", { name: "Bounce rate" });
  await term.click();
  await expect(card).toContainText("Bounced ÷ sent over the window, where sent is delivered + bounced.");
  await expect(card).toContainText("By Mailgun’s documentation.");
  expect(await axeViolations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(card).toBeHidden();
  await expect(term).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(card).toBeVisible();
  await card.getByRole("button", { name: "All terms" }).click();
  await expect(help(page).getByRole("term").filter({ hasText: "Bounce rate" })).toBeVisible();

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const small = await phone.newPage();
  await visit(small, new URL("./", page.url()).href);
  await region(small, /Poor reputation/).getByRole("button", { name: "Highest bounce rate" }).tap();
  const box = (await small.getByRole("group", { name: "Bounce rate" }).boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(390);
  await phone.close();
});

test("a question mark opens the help, which says what can be done; not where text is typed", async ({ page }) => {
  await visit(page, "domains");
  await page.getByRole("searchbox").first().focus();
  await page.keyboard.type("?");
  await expect(help(page)).toBeHidden();
  await visit(page, "pools");
  await page.keyboard.press("?");
  await expect(help(page)).toContainText("Mailgun does not publish its thresholds, and they can’t be set. What you can do:");
  await expect(help(page)).toContainText("Search: pages, actions, domains, terms");
  await help(page).getByRole("link", { name: "Domains" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Domains" })).toBeVisible();
  await expect(help(page)).toBeHidden();
});

test("the palette answers what people look for", async ({ page }) => {
  await visit(page, "./");
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  for (const [typed, found] of [
    ["help", "Help and terms"],
    ["threshold", "Try other thresholds"],
    ["export", "Export domains"],
    ["poor", "Poor domains"],
  ]) {
    await page.keyboard.press("Control+k");
    await expect(palette.getByRole("combobox")).toBeFocused();
    await page.keyboard.type(typed!);
    await expect(palette.getByRole("option", { name: found!, exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
  }
  await page.keyboard.press("Control+k");
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("poor domains");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/domains\?pool=dynamic_poor$/);
});

test("the tour tells in five steps what happened, with the pages' own numbers, and can be taken again", async ({ page }) => {
  await visit(page, "./");
  await page.getByRole("main").getByRole("button", { name: "Help and tour" }).click();
  await help(page).getByRole("button", { name: "Take the tour" }).click();
  const next = () => tour(page).getByRole("button", { name: "Next" }).click();
  await expect(tour(page)).toContainText("step 1 of 5");
  await expect(tour(page)).toContainText(/an invented account of \d+ enrolled domains/);
  await next();
  const [, fallen] = /(\d+) domains? fell on \d+ \w+ \d{4}/.exec(await tour(page).getByRole("heading").innerText())!;
  await expect(page.getByRole("heading", { level: 1, name: "History" })).toBeVisible();
  await expectCount(page.getByRole("grid"), Number(fallen));
  await next();
  await expect(tour(page)).toContainText(/[\d,]+ of [\d,]+ messages bounced on \d+ \w+ \d{4}: [\d.]+ % over 7 days, limit 10 %/);
  const name = (await tour(page).getByRole("heading").innerText()).replace("What happened to ", "");
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await next();
  await expect(page.getByRole("heading", { level: 1, name: "What-if" })).toBeVisible();
  await expect(tour(page)).toContainText(/poor \d+ days? earlier|on the same day/);
  await next();
  await expect(page.getByRole("heading", { level: 1, name: "Domains" })).toBeVisible();
  await expect(tour(page)).toContainText("Mailgun’s thresholds can’t be set");
  await tour(page).getByRole("button", { name: "Done" }).click();
  await expect(tour(page)).toBeHidden();

  // Again, by the palette; and ended early, by a key.
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Page, action or domain" })).toBeFocused();
  await page.keyboard.type("tour");
  await page.keyboard.press("Enter");
  await expect(tour(page)).toContainText("step 1 of 5");
  await next();
  await tour(page).getByRole("button", { name: "Back" }).click();
  await expect(tour(page)).toContainText("step 1 of 5");
  await page.keyboard.press("Escape");
  await expect(tour(page)).toBeHidden();
});
