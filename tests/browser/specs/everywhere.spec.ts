import { axeViolations, expect, test } from "../fixture";

const PAGES = ["./", "pools", "domains", "domains?tab=not-enrolled", "domain?name=nowhere.example", "history", "settings"];

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
  for (const address of PAGES.filter((page) => page !== "settings")) {
    test(`${address} does not scroll sideways`, async ({ page }) => {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect(widths[0]).toBeLessThanOrEqual(widths[1]);
    });
  }
});
