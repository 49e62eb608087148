import { expect, test } from "../fixture";

const PAGES = ["pools", "domains", "domain", "history", "changes", "record", "what-if", "settings"];

test("the app opens in any folder of a static host", async ({ page }) => {
  await page.goto("./");
  await expect(page).toHaveTitle(/Poolkeeper/);
  await expect(page.locator("body")).toContainText("Poolkeeper");
});

for (const name of PAGES) {
  test(`a link to ${name} opens it, with or without a slash or a file name`, async ({ page, baseURL }) => {
    for (const ending of ["", "/", "/index.html"]) {
      await page.goto(`${name}${ending}?q=a%20b#here`);
      await expect(page.locator("body")).toContainText("Poolkeeper");
      await expect(page).toHaveURL(`${baseURL}${name}?q=a%20b#here`);
      expect(await page.evaluate(() => document.baseURI)).toBe(baseURL);
    }
  });
}

test("the first page's file by name is the first page", async ({ page, baseURL }) => {
  await page.goto("index.html");
  await expect(page.locator("body")).toContainText("Poolkeeper");
  await expect(page).toHaveURL(baseURL!);
});

test.describe("an address that leads nowhere", () => {
  // The host's answer for it is 404.html.
  test.use({ mayReport: /404 \(Not Found\)/ });

  test("is answered with its own heading and the ways on", async ({ page, baseURL }) => {
    const answer = await page.goto("nowhere?q=1");
    expect(answer!.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
    await expect(page.getByRole("main")).toContainText("/some/where/nowhere");
    await expect(page).toHaveTitle("Page not found · Poolkeeper");
    await page.getByRole("main").getByRole("link", { name: "Pools", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Pools");
    await expect(page).toHaveURL(`${baseURL}pools`);
  });

  for (const address of ["domains/x.example", "a/b", "a/b/c/", "a/b/index.html", "domains/x.example/day"]) {
    test(`finds the app from any depth: ${address}`, async ({ page, baseURL }) => {
      const answer = await page.goto(`${address}?q=1#here`);
      expect(answer!.status()).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
      await expect(page).toHaveURL(`${baseURL}${address.replace(/\/(index\.html)?$/, "")}?q=1#here`);
      expect(await page.evaluate(() => document.baseURI)).toBe(baseURL);
      await page.getByRole("main").getByRole("link", { name: "What-if", exact: true }).click();
      await expect(page.getByRole("heading", { level: 1, name: "What-if" })).toBeVisible();
      await expect(page).toHaveURL(`${baseURL}what-if`);
    });
  }
});
