import { axeViolations, expect, test } from "../fixture";

const PAGES = ["./", "pools", "domains", "domains?tab=not-enrolled", "domain?name=nowhere.example", "history", "settings", "nowhere"];

for (const scheme of ["light", "dark"] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme });
    for (const address of PAGES) {
      test(`${address} has no accessibility violation`, async ({ page }) => {
        await page.goto(address);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.locator(".skeleton")).toHaveCount(0);
        expect(await axeViolations(page)).toEqual([]);
      });
    }
  });
}

test.describe("360 px wide", () => {
  test.use({ viewport: { width: 360, height: 740 } });
  for (const address of PAGES) {
    test(`${address} does not scroll sideways`, async ({ page }) => {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect(widths[0]).toBeLessThanOrEqual(widths[1]);
    });
  }
});

test("the whole way from the palette to a domain by keyboard alone", async ({ page }) => {
  await page.goto("./");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog");
  await expect(palette).toBeVisible();
  await page.keyboard.type("history");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "History" })).toBeVisible();
  const grid = page.getByRole("grid", { name: "History" });
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Why it is where it is" }).or(page.getByText("Not enrolled"))).toBeVisible();
});

test("the request drawer shows what was asked, without a key", async ({ page }) => {
  await page.goto("pools");
  await expect(page.getByRole("region", { name: /Good reputation/ })).toBeVisible();
  await page.getByRole("button", { name: /requests/i }).first().click();
  const drawer = page.getByRole("dialog");
  await expect(drawer).toContainText("/v3/dynamic_pools");
  await expect(drawer).toContainText("200");
});

test("the theme is chosen and remembered", async ({ page }) => {
  await page.goto("./");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  expect(await scheme()).toBe("dark");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await scheme()).toBe("dark");
});

test("two tabs on the same simulator never lose each other's change", async ({ page, context }) => {
  await page.goto("./");
  await expect(page.getByText("Thu 23 Jul 2026")).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByText("Thu 23 Jul 2026")).toBeVisible();
  await page.getByRole("button", { name: "Step a day" }).click();
  await expect(page.getByText("Fri 24 Jul 2026")).toBeVisible();
  await expect(other.getByText("Fri 24 Jul 2026")).toBeVisible();
  await other.getByRole("button", { name: "Step a day" }).click();
  await expect(page.getByText("Sat 25 Jul 2026")).toBeVisible();
});
