import { readFileSync } from "node:fs";
import { expect, test } from "../fixture";
import { connect, open, serve } from "../serve";

test("20,000 domains and their history load with progress, usable from the first page on", async ({ page, browser }) => {
  test.setTimeout(300_000);
  const server = await serve("--cors", "--size", "25000", "--still");
  const total = async (path: string) => (await server.ask(`${path}limit=1&include_subaccounts=true`)).total_items;
  const domains = await total("/v1/dynamic_pools/domains?");
  const records = await total("/v1/dynamic_pools/history?");
  expect([domains >= 20_000, records >= 50_000], `${domains} domains, ${records} records`).toEqual([true, true]);
  await connect(page, server.base);

  let began = Date.now();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Domains" }).click();
  const grid = page.getByRole("grid");
  await expect(grid.getByRole("row").nth(5)).toBeVisible();
  const first_ms = Date.now() - began;
  await expect(page.getByRole("progressbar", { name: "Loading domains" })).toBeVisible();
  // Used while the rest comes in.
  const name = (await grid.getByRole("link").first().innerText()).trim();
  await page.getByRole("searchbox", { name: "Search names" }).fill(name);
  await expect(grid.getByRole("link")).toHaveText([name]);
  expect(Number(await grid.getAttribute("aria-rowcount"))).toBeLessThan(domains);
  await page.getByRole("searchbox", { name: "Search names" }).fill("");
  await expect(grid).toHaveAttribute("aria-rowcount", String(domains + 1), { timeout: 120_000 });
  const domains_ms = Date.now() - began;

  began = Date.now();
  await open(page, "History");
  await expect(page.getByRole("grid", { name: "History" }).getByRole("row").nth(5)).toBeVisible();
  const firstRecords_ms = Date.now() - began;
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByRole("grid", { name: "History" })).toHaveAttribute("aria-rowcount", String(records + 1), { timeout: 200_000 });
  const records_ms = Date.now() - began;

  const { processInfo } = await (await browser.newBrowserCDPSession()).send("SystemInfo.getProcessInfo");
  const peaks = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))![1]) / 1024);
  console.log(
    `${domains} domains: first rows after ${first_ms} ms, all after ${domains_ms} ms; ` +
      `${records} records: first rows after ${firstRecords_ms} ms, all after ${records_ms} ms; ` +
      `peak memory of the tab ${Math.max(...peaks).toFixed(0)} MB`,
  );
  server.stop();
});
