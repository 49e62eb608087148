import type { Locator, Page } from "@playwright/test";
import { expect } from "./fixture";
import { DIALOG } from "./texts";

/** A grid's rows, the header aside. */
export const rows = (grid: Locator) => grid.getByRole("row").filter({ has: grid.page().getByRole("gridcell") });
export const cell = (row: Locator, at: number) => row.getByRole("gridcell").nth(at);

/** How many rows a grid has, the header aside: as assistive technology hears it, drawn or not. */
export const count = async (grid: Locator) => Number(await grid.getAttribute("aria-rowcount")) - 1;
export const expectCount = (grid: Locator, rows: number) => expect(grid).toHaveAttribute("aria-rowcount", String(rows + 1));

/** Chooses one of a few by its words, as a person does. */
export const pick = (scope: Page | Locator, name: string | RegExp) =>
  scope.getByRole("radio", { name, exact: typeof name === "string" }).check();

/** What a change's dialog says it will do, and what it will send. */
export const happens = (dialog: Locator) => dialog.getByRole("region", { name: DIALOG.happens });
export const request = (dialog: Locator) => dialog.getByRole("region", { name: DIALOG.request });

/** The latest message of this text: an older one may still stand. */
export const message = (page: Page, text: string | RegExp) => page.getByRole("status", { name: "Messages" }).getByText(text).last();
/** Takes back what the latest message says. */
export const undo = (page: Page) => page.getByRole("status", { name: "Messages" }).getByRole("button", { name: "Undo" }).last().click();

/** The simulator's date in the header. */
export const today = (page: Page) => page.getByRole("group", { name: "Virtual date" }).getByTitle("The simulator's date, UTC");
export const stepADay = (page: Page) => page.getByRole("button", { name: "Step a day" }).click();

/** What a list of terms says of one, by its whole name. */
export const definition = (scope: Locator, term: string) =>
  scope.getByRole("term").filter({ hasText: new RegExp(`^${term}$`) }).locator("xpath=following-sibling::dd[1]");

/** The addresses that some items of IPs are about. */
export const ipsOf = async (items: Locator) => (await items.allInnerTexts()).map((text) => /\d+(\.\d+){3}/.exec(text)![0]);

/** Opens a page and waits until its content is there. */
export async function visit(page: Page, address: string) {
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
}

/** Goes to a page as a person does, without a reload, and waits until its content is there. */
export async function go(page: Page, name: string) {
  const unfold = page.getByRole("button", { name: "Navigation" });
  if (await unfold.isVisible()) await unfold.click();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
}

/**
 * Goes to any address as a link in the app leads there, by way of the overview: unlike a reload, it does not come before
 * the browser has stored what was just done.
 */
export async function follow(page: Page, address: string) {
  await go(page, "Overview");
  await page.evaluate((address) => {
    history.pushState(null, "", new URL(address, document.baseURI));
    dispatchEvent(new PopStateEvent("popstate"));
  }, address);
  await expect(page.getByRole("heading", { level: 1, name: "Overview", exact: true })).toHaveCount(0);
  await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
}

/** An account with IPs and domains, whose pools are not set up. */
export async function startWithoutPools(page: Page) {
  await visit(page, "settings");
  await page.getByRole("checkbox", { name: "Start without pools and with no domain enrolled" }).check();
  await page.getByRole("button", { name: "Start this scenario" }).click();
  await expect(message(page, "Started Bought list with 400 domains")).toBeVisible();
}

export const csvFile = (name: string, ...lines: string[]) => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from(lines.join("\n")),
});

/** Imports a file of daily counts in Settings, in place of the simulated account. */
export async function importCounts(page: Page, zone: string, file: Parameters<Locator["setInputFiles"]>[0]) {
  await choose(page, zone, file);
  await page.getByRole("button", { name: "Replace the simulated account" }).click();
}

/** Chooses a file for a drop zone, as the file picker would. */
export const choose = (page: Page, zone: string, file: Parameters<Locator["setInputFiles"]>[0]) =>
  page.getByLabel(zone).setInputFiles(file);

/** The requests in the drawer. */
export const exchanges = (page: Page) => page.getByRole("dialog", { name: "Requests" }).getByRole("group");
/** Unfolds a request in the drawer. */
export const unfold = (exchange: Locator) => exchange.getByText(/^(GET|POST|PUT|PATCH|DELETE)$/).click();

/** Presses Tab, or Shift+Tab, until something has the focus, as a person without a pointer does. */
export async function tabTo(page: Page, target: Locator, key = "Tab") {
  // What is disabled is passed over: a button that waits for a trial's answer, say.
  await expect(target).toBeEnabled();
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press(key);
  }
  await expect(target, `in reach of ${key}`).toBeFocused();
}

/** How far the page scrolls sideways, in pixels. */
export const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Waits until what was asked for is laid out and drawn: the second frame from now. */
export const drawn = (page: Page) =>
  page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

/** Another size of the window, and what follows from it laid out. */
export async function resize(page: Page, width: number, height: number) {
  await page.setViewportSize({ width, height });
  await drawn(page);
}

/**
 * Stops the page's long work between two of its slices, however fast the machine is; the result lets it go on. A slice ends
 * with a timer of no time at all.
 */
export async function holdLongWork(page: Page): Promise<() => Promise<void>> {
  const letGo = await page.evaluateHandle(() => {
    const { setTimeout: set, clearTimeout: clear } = window;
    const held = new Map<number, () => void>();
    const hold = (work: () => void, ms = 0) => {
      if (ms > 0) return set.call(window, work, ms);
      const id = -1 - held.size;
      held.set(id, work);
      return id;
    };
    window.setTimeout = hold as typeof window.setTimeout;
    window.clearTimeout = (id) => (held.delete(Number(id)) ? undefined : clear.call(window, id));
    return () => {
      window.setTimeout = set;
      for (const work of held.values()) set.call(window, work, 0);
    };
  });
  return () => letGo.evaluate((letGo) => letGo());
}

/** A file of daily counts that takes a while to read, whatever the machine: so many rows of 5,000 domains. */
export function largeCsv(rows: number): string {
  const line = (at: number) => `2026-0${1 + (at % 9)}-${10 + (at % 19)},d${at % 5000}.example,1000,990,10,0`;
  return ["date,domain,processed,delivered,bounced,complained", ...Array.from({ length: rows }, (_, at) => line(at))].join("\n");
}
