import { expect, test } from "../fixture";

test.use({ serviceWorkers: "allow" });

test("after one visit every page opens without a network", async ({ page, context, baseURL }) => {
  await page.goto("./");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  const headings = [
    ["./", "Overview"],
    ["pools", "Pools"],
    ["what-if/", "What-if"],
    ["domain?name=a.example", "a.example"],
    ["settings", "Settings"],
  ] as const;
  for (const [address, heading] of headings) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  }
  expect(await page.evaluate(() => document.baseURI)).toBe(baseURL);
});

test("nothing but the build's own files is kept", async ({ page, baseURL }) => {
  await page.goto("./");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  const seen = await page.evaluate(async () => {
    // Of this origin and answered with 200, as a proxy in front of the API would.
    const status = (await fetch("sw.js?limit=1")).status;
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    const controlled = navigator.serviceWorker.controller !== null;
    return { status, controlled, kept: requests.flat().map(({ url }) => url) };
  });
  expect(seen).toMatchObject({ status: 200, controlled: true });
  expect(seen.kept).toContain(`${baseURL}index.html`);
  expect(seen.kept.filter((url) => url.includes("sw.js") || url.includes("?"))).toEqual([]);
});
