import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { faults, startHost } from "../fault-host.mjs";
import { expect, test } from "../fixture";
import { allowChanges, connect, open, serve, type Server } from "../serve";

test.use({ mayReport: /Failed to load resource|net::ERR_|CORS/ });

let server: Server, domains: string[];
test.beforeAll(async () => {
  server = await serve("--cors", "--size", "350", "--still");
  domains = [];
  let path = "/v1/dynamic_pools/domains?limit=100";
  while (path) {
    const { items, paging } = await server.ask(path);
    domains.push(...items.map(({ name }: any) => name));
    path = items.length && paging.Next ? paging.Next.replace(server.base, "") : "";
  }
  expect(domains.length).toBeGreaterThan(300);
});
test.afterAll(() => server.stop());

const isDomains = ({ method, url }: any) => method === "GET" && url.startsWith("/v1/dynamic_pools/domains?");
/** A page of domains that is not the first. */
const isLaterPage = (request: any) => isDomains(request) && request.url.includes("page=");
const attempts = (host: any, of: (request: any) => boolean) => host.seen.filter(of);

/** The names as the page exports them: what it has in all, not what is on screen. */
async function exported(page: Page): Promise<string[]> {
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /JSON/ }).click();
  const file = await (await download).path();
  return JSON.parse(readFileSync(file, "utf8")).map(({ name }: any) => name);
}

async function everythingIsThere(page: Page) {
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(domains.length + 1));
  expect((await exported(page)).sort(), "nothing lost, nothing doubled").toEqual([...domains].sort());
}

async function lookingAtDomains(page: Page, at: any) {
  const host: any = await startHost(server.base);
  await connect(page, host.base);
  host.at = at;
  host.seen.length = 0;
  await open(page, "Domains");
  return host;
}

/** Faults that stay until a person has done something, what the page says, and how often it asks by itself. */
const LASTING: [string, any, RegExp, number][] = [
  ["401", faults.status(401), /The key was not accepted \(401\).*Enter a valid API key/s, 1],
  ["403", faults.status(403), /Not allowed \(403\): made to fail/, 1],
  ["404", faults.status(404), /Not found \(404\): made to fail/, 1],
  ["409", faults.status(409), /Refused in the current state \(409\)/, 1],
  ["500", faults.status(500), /The service failed \(500\): made to fail.*Try again in a moment/s, 5],
  ["502 with a gateway's page", faults.gatewayPage, /The service failed \(502\): a web page titled “502 Bad Gateway”/, 5],
  ["a reset connection", faults.reset, /No answer from the address of the connection/, 5],
  ["a truncated body", faults.truncated, /The answer broke off/, 5],
  ["a login's page", faults.loginPage, /The answer is not from the API \(200\): a web page titled “Sign in”/, 1],
  ["plain text", faults.plainText, /The answer is not from the API \(200\): all is well/, 1],
  ["malformed JSON", faults.malformed, /The answer is not from the API/, 1],
  ["unexpected JSON", faults.unexpected, /The answer is not what the API documents/, 1],
  ["429 for a day", faults.limited({ "retry-after": "86400" }), /Too many requests \(429\).*Try again in 86400 s/s, 1],
];

for (const [name, fault, words, asked] of LASTING) {
  test(`${name} in the middle of a list: what happened is said, what came stays, the rest follows`, async ({ page }) => {
    const host = await lookingAtDomains(page, (request: any) => (isLaterPage(request) ? fault : undefined));
    await expect(page.getByRole("alert").filter({ hasText: words })).toBeVisible({ timeout: 30_000 });
    expect(attempts(host, isLaterPage)).toHaveLength(asked);
    expect((await exported(page)).sort()).toEqual(domains.slice(0, 100).sort());
    host.at = () => undefined;
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    await everythingIsThere(page);
    await expect(page.getByRole("alert").filter({ hasText: words })).toHaveCount(0);
    expect(attempts(host, isDomains).filter(({ url }: any) => !url.includes("page=")), "the first page once").toHaveLength(1);
    await host.stop();
  });
}

/** What passes by itself, and how long the page is asked to wait. */
const PASSING: [string, () => any, number][] = [
  ["429 without a word", () => faults.limited({}), 0],
  ["429 with Retry-After in seconds", () => faults.limited({ "retry-after": "2" }), 2_000],
  ["429 with Retry-After as a date", () => faults.limited({ "retry-after": new Date(Date.now() + 3_000).toUTCString() }), 2_000],
  [
    "429 with X-RateLimit-Reset",
    () => faults.limited({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 3) }),
    2_000,
  ],
  ["500", () => faults.status(500), 0],
  ["503", () => faults.status(503), 0],
  ["a reset connection", () => faults.reset, 0],
  ["a truncated body", () => faults.truncated, 0],
];

for (const [name, fault, least_ms] of PASSING) {
  test(`${name}, once: the page waits, says so, and goes on by itself`, async ({ page }) => {
    const at: number[] = [];
    const host = await lookingAtDomains(page, (request: any) => {
      if (!isLaterPage(request)) return undefined;
      at.push(Date.now());
      return at.length === 1 ? fault() : undefined;
    });
    if (least_ms > 0) await expect(page.locator(".waiting")).toHaveText(/^Waiting [\d.]+ s: the service asked for a pause \(429\)/);
    await everythingIsThere(page);
    await expect(page.locator(".waiting")).toBeEmpty();
    expect(at[1] - at[0]).toBeGreaterThanOrEqual(least_ms);
    await host.stop();
  });
}

test("an answer that never comes is given up, asked for again, and can be stopped", async ({ page }) => {
  await page.clock.install();
  let held = 0;
  const host = await lookingAtDomains(page, (request: any) => (isLaterPage(request) && ++held === 1 ? faults.hang : undefined));
  await expect.poll(() => held).toBe(1);
  // It stands still while what the page waits for is read.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 31_000));
  await expect(page.locator(".waiting")).toContainText("no answer in time");
  await page.clock.fastForward(2_000);
  await page.clock.resume();
  await everythingIsThere(page);
  await host.stop();
});

test("a slow service: rows show from the first page on, and stopping keeps them", async ({ page }) => {
  const waiting: (() => void)[] = [];
  const host = await lookingAtDomains(page, (request: any) =>
    isLaterPage(request)
      ? (_: any, response: any) => waiting.push(() => faults.status(500)(undefined, response))
      : undefined,
  );
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "101");
  await expect(page.getByText(`100 of ${domains.length}`)).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("What is below is not all there is")).toBeVisible();
  host.at = () => undefined;
  waiting.forEach((answer) => answer());
  await page.getByRole("button", { name: "Load the rest" }).click();
  await everythingIsThere(page);
  await host.stop();
});

test("offline in the middle of a list, and back", async ({ page, context }) => {
  const held: any[] = [];
  const host = await lookingAtDomains(page, (request: any) =>
    isLaterPage(request) ? (_: any, response: any) => held.push(response) : undefined,
  );
  await expect.poll(() => held.length).toBe(1);
  await context.setOffline(true);
  held[0].socket.destroy();
  await expect(page.getByRole("alert").filter({ hasText: "You are offline" })).toBeVisible();
  expect((await exported(page)).sort()).toEqual(domains.slice(0, 100).sort());
  await context.setOffline(false);
  host.at = () => undefined;
  await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await everythingIsThere(page);
  await host.stop();
});

// The metrics query is a POST that changes nothing.
const isWrite = ({ method, url }: any) => !["GET", "OPTIONS"].includes(method) && url !== "/v1/analytics/metrics";

/** Opens the dialog that pins the first domain, up to the button that sends. */
async function aboutToPin(page: Page, host: any) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Settings" }).click();
  await allowChanges(page);
  await open(page, "Domains");
  await page.getByRole("grid").getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("toolbar", { name: "Selected domains" }).getByRole("button", { name: "Override", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "poor" }).check({ force: true });
  host.seen.length = 0;
  return dialog;
}

const LOST_WRITES: [string, any, RegExp][] = [
  ["500", faults.status(500), /The service failed \(500\)/],
  ["503 that asks to come back", faults.answer(503, { message: "busy" }, { "retry-after": "1" }), /The service failed \(503\): busy/],
  ["502 with a gateway's page", faults.gatewayPage, /The service failed \(502\)/],
  ["a reset connection", faults.reset, /No answer from the address/],
  ["a truncated body", faults.truncated, /The answer broke off.*look first whether it was made/s],
  ["malformed JSON", faults.malformed, /The answer is not from the API/],
];

for (const [name, fault, words] of LOST_WRITES) {
  test(`a change that met ${name} is not sent again by itself`, async ({ page }) => {
    const host = await lookingAtDomains(page, () => undefined);
    const dialog = await aboutToPin(page, host);
    host.at = (request: any) => (isWrite(request) ? fault : undefined);
    await dialog.getByRole("button", { name: /^Pin/ }).click();
    await expect(dialog.getByRole("alert")).toHaveText(words);
    // Longer than any wait between attempts could be: the next read comes after it.
    await page.clock.install();
    await page.clock.fastForward(130_000);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await open(page, "History");
    await expect(page.getByRole("grid").getByRole("row").nth(1)).toBeVisible();
    expect(attempts(host, isWrite)).toHaveLength(1);
    await host.stop();
  });
}

test("a change that was turned away with 429 is sent again once the time has come, and made once", async ({ page }) => {
  const host = await lookingAtDomains(page, () => undefined);
  const dialog = await aboutToPin(page, host);
  let turnedAway = 0;
  host.at = (request: any) => (isWrite(request) && ++turnedAway === 1 ? faults.limited({ "retry-after": "1" }) : undefined);
  await dialog.getByRole("button", { name: /^Pin/ }).click();
  await expect(page.locator(".waiting")).toContainText("the service asked for a pause (429)");
  await expect(dialog).toBeHidden();
  const [, second, ...more] = attempts(host, isWrite);
  expect([second.method, more.length]).toEqual(["PUT", 0]);
  await host.stop();
});
