import { readFileSync } from "node:fs";
import { createServer, type Server as Host } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { ConsoleMessage, Page } from "@playwright/test";
import sirv from "sirv";
import { expect, test } from "../fixture";
import { serve, type Server } from "../serve";

// Every case of the contract suite, over the fetches the app makes, to a real server; all of them in one page.
const root = fileURLToPath(new URL("../../..", import.meta.url));
const suite = readFileSync(`${root}/tests/contract/src/lib.rs`, "utf8");
const cases = [...suite.matchAll(/\$test!\((\w+), (\w+)\);/g)].map(([, module, name]) => `${module}::${name}`);

declare global {
  interface Window {
    /** Runs a case against a server, which begins anew; resolves when it passed. */
    run: (name: string, server: string) => Promise<void>;
  }
}

test.use({ mayReport: /Failed to load resource/ });

let server: Server, host: Host, address: string;
test.beforeAll(async () => {
  server = await serve("--cors", "--still", "--csv", `${root}/tests/contract/src/known.csv`);
  host = createServer(sirv(`${root}/tests/browser/contract`)).listen(0, "127.0.0.1");
  await new Promise((resolve) => host.once("listening", resolve));
  address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/index.html`;
});
test.afterAll(() => {
  server.stop();
  host.closeAllConnections();
  host.close();
});

async function openSuite(page: Page) {
  await page.goto(address);
  await page.waitForFunction(() => "run" in window);
}

/** Runs one case; one that fails panics, and is never heard of again. */
async function run(page: Page, name: string) {
  let note = (_: ConsoleMessage) => {};
  const panic = new Promise<never>((_, reject) => {
    note = (message) => {
      const [said] = message.text().split("\n\nStack:");
      if (said.includes("panicked")) reject(new Error(said));
    };
  });
  page.on("console", note);
  const passed = page.evaluate(([name, base]) => window.run(name, base), [name, server.base] as const);
  // The one that is not waited for any more is no error of its own.
  for (const end of [panic, passed]) end.catch(() => {});
  await Promise.race([passed, panic]).finally(() => page.off("console", note));
}

test("the contract over HTTP in a browser, case by case", async ({ page }) => {
  test.slow();
  expect(cases.length, "the suite is here").toBeGreaterThan(60);
  const failures: string[] = [];
  await page.exposeFunction("control", (path: string) => server.ask(path, { method: "POST" }));
  await openSuite(page);
  for (const name of cases) {
    await test
      .step(name, () => run(page, name), { timeout: 120_000 })
      .catch(async (error: Error) => {
        failures.push(`${name}: ${error.message}`);
        // What it left behind is no other case's.
        await openSuite(page);
      });
  }
  expect(failures).toEqual([]);
});
