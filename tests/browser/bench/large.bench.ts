import { readFileSync } from "node:fs";
import { expect, test } from "../fixture";
import { connect, open, serve, total } from "../serve";

// How soon the rows of a large live account are there, and what the tab takes. Run by `cargo xtask bench`.
test("20,000 domains and their history, live", async ({ page, browser }) => {
  const server = await serve("--cors", "--size", "25000", "--still");
  const domains = await total(server, "/v1/dynamic_pools/domains?limit=1&include_subaccounts=true");
  const records = await total(server, "/v1/dynamic_pools/history?limit=1&include_subaccounts=true");
  await connect(page, server.base);

  const load = async (name: string, rows: number) => {
    const began = Date.now();
    await open(page, name);
    const grid = page.getByRole("grid");
    await expect(grid.getByRole("row").nth(5)).toBeVisible();
    const first_ms = Date.now() - began;
    await expect(grid).toHaveAttribute("aria-rowcount", String(rows + 1), { timeout: 300_000 });
    return `first rows after ${first_ms} ms, all after ${Date.now() - began} ms`;
  };
  const ofDomains = await load("Domains", domains);
  const ofRecords = await load("History", records);

  const { processInfo } = await (await browser.newBrowserCDPSession()).send("SystemInfo.getProcessInfo");
  const peaks = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))![1]) / 1024);
  console.log(
    `  ${domains} domains: ${ofDomains}; ${records} records: ${ofRecords}; ` +
      `peak memory of the tab ${Math.max(...peaks).toFixed(0)} MB`,
  );
  server.stop();
});
