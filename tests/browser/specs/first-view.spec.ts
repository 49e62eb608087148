import type { Page } from "@playwright/test";
import { axeViolations, expect, test } from "../fixture";

/** The files, by their names in dist/, that the page asked for before its first view was drawn, and those after. */
async function asked(page: Page): Promise<{ before: string[]; after: string[] }> {
  await page.waitForFunction(() => performance.getEntriesByName("first-view").length > 0);
  return page.evaluate(() => {
    const mark = performance.getEntriesByName("first-view")[0].startTime;
    const files = performance.getEntriesByType("resource").map((entry) => ({
      name: new URL(entry.name).pathname.split("/some/where/")[1],
      isBefore: entry.startTime < mark,
    }));
    const names = (isBefore: boolean) => files.filter((file) => file.isBefore === isBefore).map((file) => file.name);
    return { before: names(true), after: names(false) };
  });
}

// What these may weigh is held against the build: xtask/src/sizes.rs.
test("a first view needs no part of the app but the first", async ({ page }) => {
  await page.goto("./");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const { before } = await asked(page);
  // The first part and its script: the check would be empty without them.
  expect(before.filter((file) => /^app-\w+(\.js|_bg\.wasm)$/.test(file))).toHaveLength(2);
  expect(before.filter((file) => /^(split|chunk)_|worker|lab-/.test(file))).toEqual([]);
});

test("the other parts come by themselves after the first view, so that the next page needs no network", async ({ page, context }) => {
  await page.goto("./");
  const parts = ["split_record", "split_console", "split_lab"];
  const arrived = (names: string[]) => parts.filter((part) => names.some((name) => name.startsWith(part)));
  await expect.poll(async () => arrived((await asked(page)).after)).toEqual(parts);
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  for (const name of ["Pools", "What-if", "Settings"]) {
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  }
});

test.describe("a part that can't be downloaded", () => {
  test.use({ mayReport: /split_console|Failed to (load resource|fetch)/ });

  test("is said to be missing, and comes when it is asked for again", async ({ page, context }) => {
    let isCut = true;
    await context.route("**/split_console-*.wasm", (route) => (isCut ? route.abort() : route.continue()));
    await page.goto("./");
    await page.getByRole("navigation").getByRole("link", { name: "Pools", exact: true }).click();
    const said = page.getByRole("alert").filter({ hasText: "could not be downloaded" });
    await expect(said).toContainText("Check the network and try again");
    expect(await axeViolations(page)).toEqual([]);
    isCut = false;
    await said.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Pools" })).toBeVisible();
  });
});
