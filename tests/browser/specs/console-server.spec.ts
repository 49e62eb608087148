import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { startConsole, type ConsoleServer } from "../console-server";
import { startHost, type Host } from "../fault-host";
import { expect, test } from "../fixture";
import { allowChanges, connection, KEY, open, serve, total, type Server } from "../serve";

const WRITE = "/v1/dynamic_pools/domains/a.example/override";

// What is refused is in the browser's own console.
test.use({ mayReport: /403|Forbidden|Failed to load resource|Content Security Policy|ERR_BLOCKED|Refused to|blocked by CORS/ });

let live: Server, recorded: Host, readOnly: ConsoleServer, writable: ConsoleServer;
test.beforeAll(async () => {
  live = await serve("--size", "120", "--seed", "5", "--key", KEY, "--still");
  recorded = await startHost(live.base);
  readOnly = await startConsole(recorded.base);
  writable = await startConsole(recorded.base, "--allow-changes");
});
test.afterAll(async () => {
  readOnly.stop();
  writable.stop();
  await recorded.stop();
  live.stop();
});

test("the link opens the console on the account, and the key is in no place of the browser", async ({ page, context }) => {
  const answers: string[] = [];
  page.on("response", (response) => void response.text().then((text) => answers.push(JSON.stringify(response.headers()) + text), () => {}));
  await page.goto(readOnly.link);
  expect(page.url(), "the ticket has left the address").toBe(`${readOnly.base}/`);
  await expect(connection(page)).toHaveText(/^Live · .* · read-only$/);
  await open(page, "Domains");
  const domains = await total(live, "/v1/dynamic_pools/domains?limit=1");
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(domains + 1));
  await open(page, "Settings");
  await expect(page.getByText("held by the program that serves this page")).toBeVisible();
  await expect(page.getByRole("switch", { name: "Allow changes on this connection" })).toBeDisabled();
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + document.documentElement.outerHTML);
  const secrets = [KEY, Buffer.from(`api:${KEY}`).toString("base64")];
  for (const secret of secrets) expect(kept + answers.join() + JSON.stringify(await context.cookies()) + readOnly.log()).not.toContain(secret);
  expect(recorded.seen.every(({ headers }) => headers.authorization && !headers.cookie && !headers["x-poolkeeper-token"])).toBe(true);
});

test("a browser that was not given the link sees the page and no account", async ({ page }) => {
  await page.goto(`${readOnly.base}/settings`);
  await expect(page.getByText("Open the link that poolkeeper printed when it started.").first()).toBeVisible();
  await expect(connection(page)).not.toContainText("Live");
});
test("changes pass where the program and the person allow them", async ({ page }) => {
  await page.goto(writable.link);
  await expect(connection(page)).toHaveText(/read-only$/);
  await open(page, "Settings");
  await allowChanges(page);
});

/** Serves a page of another origin, opens it in the browser that holds the console's cookie, and runs what it tries. */
async function attack(page: Page, host: string, script: string): Promise<unknown> {
  const server: HttpServer = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>evil</title>"));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  await page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`);
  const result = await page.evaluate(`(async () => { ${script} })()`);
  server.close();
  return result;
}

for (const host of ["127.0.0.1", "localhost"]) {
  test(`a page of another port of ${host} reaches nothing`, async ({ page }) => {
    await page.goto(writable.link);
    await expect(connection(page)).toHaveText(/read-only$/);
    await expect(page.getByRole("progressbar")).toHaveCount(0);
    const name = `/live/${new URL(recorded.base).host.replace(":", "-")}`;
    const url = JSON.stringify(writable.base + name + WRITE);
    const result = await attack(page, host, `
      const body = new URLSearchParams({ pool: "dynamic_poor" });
      const outcomes = [];
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        outcomes.push(await fetch(${url}, { method, body, mode: method === "POST" ? "no-cors" : "cors", credentials: "include" }).then((a) => a.type + a.status, () => "failed"));
      }
      for (const path of ["/_console/session", ${JSON.stringify(name)} + "/v3/dynamic_pools", "/"]) {
        outcomes.push(await fetch(${JSON.stringify(writable.base)} + path, { credentials: "include" }).then((a) => a.text(), () => "failed"));
      }
      const frame = document.createElement("iframe");
      frame.src = ${JSON.stringify(writable.base)};
      document.body.append(frame);
      await new Promise((done) => { frame.onload = done; frame.onerror = done; });
      try { outcomes.push(frame.contentDocument ? frame.contentDocument.title : "hidden"); } catch { outcomes.push("hidden"); }
      const form = Object.assign(document.createElement("form"), { method: "post", action: ${url}, target: "out" });
      const out = Object.assign(document.createElement("iframe"), { name: "out" });
      document.body.append(out, form);
      const sent = new Promise((done) => (out.onload = done));
      form.submit();
      await sent;
      return outcomes;
    `);
    // The first was sent, and refused: Cross-Origin-Resource-Policy hides even that there was an answer.
    expect(result).toEqual(["failed", "failed", "failed", "failed", "failed", "failed", "failed", "hidden"]);
    // The page's own reads may still be on their way, so a read is known by the line that says it was refused.
    expect(recorded.seen.filter(({ method }) => method !== "GET")).toEqual([]);
    for (const method of ["POST", "GET"]) expect(writable.log()).toContain(`refused: 403 ${method} ${name}`);
  });
}
