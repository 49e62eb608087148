import { readFileSync } from "node:fs";
import { createServer, type Server as Host } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import sirv from "sirv";
import { expect, test } from "../fixture";
import { serve, type Server } from "../serve";

// Every case of the contract suite, over the fetches the app makes, to a real server.
const root = fileURLToPath(new URL("../../..", import.meta.url));
const suite = readFileSync(`${root}/tests/contract/suite/mod.rs`, "utf8");
const cases = [...suite.matchAll(/\$test!\((\w+), (\w+)\);/g)].map(([, module, name]) => `${module}::${name}`);

test.use({ mayReport: /Failed to load resource/ });

let server: Server, host: Host, address: string;
test.beforeAll(async () => {
  server = await serve("--cors", "--still", "--csv", `${root}/tests/contract/suite/known.csv`);
  host = createServer(sirv(`${root}/tests/browser/contract`)).listen(0, "127.0.0.1");
  await new Promise((resolve) => host.once("listening", resolve));
  address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/index.html`;
});
test.afterAll(() => {
  server.stop();
  host.closeAllConnections();
  host.close();
});

test("the suite is here", () => expect(cases.length).toBeGreaterThan(60));

for (const name of cases) {
  test(`${name}, over HTTP in a browser`, async ({ page }) => {
    const panicked = page.waitForEvent("console", { predicate: (message) => message.text().includes("panicked"), timeout: 0 });
    panicked.catch(() => {});
    await page.goto(address);
    await page.waitForFunction(() => "run" in window);
    const run = page.evaluate(([name, base]) => (window as any).run(name, base).then(() => "passed"), [name, server.base]);
    expect(await Promise.race([run, panicked.then((message) => message.text())])).toBe("passed");
  });
}
