import { count, expectCount } from "../console";
import { gate, startHost } from "../fault-host";
import { expect, test } from "../fixture";
import { connect, open, serve, total } from "../serve";

// How soon the rows are there is a figure: `bench/large.bench.ts` measures it.
test("20,000 domains and their history load with progress, and are used from the first page on", async ({ page }) => {
  test.slow();
  const server = await serve("--cors", "--size", "25000", "--still");
  const domains = await total(server, "/v1/dynamic_pools/domains?limit=1&include_subaccounts=true");
  const records = await total(server, "/v1/dynamic_pools/history?limit=1&include_subaccounts=true");
  expect([domains >= 20_000, records >= 50_000], `${domains} domains, ${records} records`).toEqual([true, true]);
  const host = await startHost(server.base);
  await connect(page, host.base);
  // What follows a list's first page is held until that one has been used.
  let rest = gate();
  host.at = ({ url }) => (url.includes("page=") ? rest.passes() : undefined);

  await open(page, "Domains");
  const grid = page.getByRole("grid");
  await expect(page.getByRole("progressbar", { name: "Loading domains" })).toBeVisible();
  // The first page of the whole list, and of each pool from both ends.
  await expect.poll(() => count(grid)).toBeGreaterThanOrEqual(100);
  expect(await count(grid)).toBeLessThanOrEqual(700);
  const name = (await grid.getByRole("link").first().innerText()).trim();
  await page.getByRole("searchbox", { name: "Search names" }).fill(name);
  await expect(grid.getByRole("link")).toHaveText([name]);
  await page.getByRole("searchbox", { name: "Search names" }).fill("");
  rest.open();
  await expect(grid).toHaveAttribute("aria-rowcount", String(domains + 1), { timeout: 300_000 });
  await expect(page.getByRole("progressbar")).toHaveCount(0);

  rest = gate();
  await open(page, "History");
  const history = page.getByRole("grid", { name: "History" });
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expectCount(history, 100);
  await expect(history.getByRole("row").nth(5)).toBeVisible();
  rest.open();
  // The newest are enough for a look; the rest is read when it is wanted.
  await expectCount(history, 2_000);
  await page.getByRole("button", { name: "Load the rest" }).click();
  await expect(history).toHaveAttribute("aria-rowcount", String(records + 1), { timeout: 300_000 });
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await host.stop();
  server.stop();
});
