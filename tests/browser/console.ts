import type { Locator, Page } from "@playwright/test";
import { expect } from "./fixture";

/** A grid's rows, the header aside. */
export const rows = (grid: Locator) => grid.getByRole("row").filter({ has: grid.page().getByRole("gridcell") });
export const cell = (row: Locator, at: number) => row.getByRole("gridcell").nth(at);

/** How many rows a grid has, the header aside: as assistive technology hears it, drawn or not. */
export const count = async (grid: Locator) => Number(await grid.getAttribute("aria-rowcount")) - 1;
export const expectCount = (grid: Locator, rows: number) => expect(grid).toHaveAttribute("aria-rowcount", String(rows + 1));

/** What a change's dialog says it will do, and what it will send. */
export const happens = (dialog: Locator) => dialog.getByRole("region", { name: "What will happen" });
export const request = (dialog: Locator) => dialog.getByRole("region", { name: "Request" });

/** The latest message of this text: an older one may still stand. */
export const message = (page: Page, text: string | RegExp) => page.getByRole("status", { name: "Messages" }).getByText(text).last();
/** Takes back what the latest message says. */
export const undo = (page: Page) => page.getByRole("status", { name: "Messages" }).getByRole("button", { name: "Undo" }).last().click();

/** The simulator's date in the header. */
export const today = (page: Page) => page.getByRole("group", { name: "Virtual date" }).getByTitle("The simulator's date, UTC");
export const stepADay = (page: Page) => page.getByRole("button", { name: "Step a day" }).click();

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
  await expect(message(page, "Now playing Bought list with 400 domains")).toBeVisible();
}

export const csvFile = (name: string, ...lines: string[]) => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from(lines.join("\n")),
});

/** Chooses a file for a drop zone, as the file picker would. */
export const choose = (page: Page, zone: string, file: Parameters<Locator["setInputFiles"]>[0]) =>
  page.getByLabel(zone).setInputFiles(file);

/** Presses Tab, or Shift+Tab, until something has the focus, as a person without a pointer does. */
export async function tabTo(page: Page, target: Locator, key = "Tab") {
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press(key);
  }
  await expect(target, `in reach of ${key}`).toBeFocused();
}

export const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
