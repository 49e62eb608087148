import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { pick } from "../console";
import { faults, startHost, type Answer, type Arrived, type Decide, type Host } from "../fault-host";
import { expect, test } from "../fixture";
import { allowChanges, connect, enrolled, leapOverWaits, LONGEST_WAIT_MS, open, serve, stopClock, tickUntil, waiting, type Server } from "../serve";
import { SAID } from "../texts";

// The words for each fault and how often it is asked again are tested natively: errors.rs of the contract tests, and retry.rs of
// mailgun-pools. Here: a browser's own faults are told apart, and whatever happens nothing is lost or doubled.
test.use({ mayReport: /Failed to load resource|net::ERR_|CORS/ });

/** Attempts at most. */
const ATTEMPTS = 5;

let server: Server, domains: string[];
test.beforeAll(async () => {
  server = await serve("--cors", "--size", "350", "--still");
  domains = (await enrolled(server)).map(({ name }) => name);
  expect(domains.length, "four pages of a hundred").toBeGreaterThan(300);
});
test.afterAll(() => server.stop());

const isDomains = ({ method, url }: Arrived) => method === "GET" && url.startsWith("/v1/dynamic_pools/domains?");
/** A page of domains that is not the first. */
const isLaterPage = (request: Arrived) => isDomains(request) && request.url.includes("page=");
const isFirstPage = (request: Arrived) => isDomains(request) && !request.url.includes("page=");

/** The names as the page exports them: what it has in all, not what is on screen. */
async function exported(page: Page): Promise<string[]> {
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /JSON/ }).click();
  const file = await (await download).path();
  return JSON.parse(readFileSync(file, "utf8")).map(({ name }: { name: string }) => name);
}

async function everythingIsThere(page: Page) {
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(domains.length + 1));
  expect((await exported(page)).sort(), "nothing lost, nothing doubled").toEqual([...domains].sort());
}

async function onlyTheFirstPageIsThere(page: Page) {
  expect((await exported(page)).sort()).toEqual(domains.slice(0, 100).sort());
}

async function lookingAtDomains(page: Page, at: Decide): Promise<Host> {
  const host = await startHost(server.base);
  await connect(page, host.base);
  host.at = at;
  host.seen.length = 0;
  await open(page, "Domains");
  return host;
}

const tryAgain = (page: Page) => page.getByRole("alert").getByRole("button", { name: "Try again" }).click();

/** What a browser has to tell from an answer by itself, what the page says, and how often it asks before it does. */
const LASTING: [string, Answer, RegExp, number][] = [
  ["a reset connection", faults.reset, new RegExp(SAID.noAnswer), ATTEMPTS],
  ["a truncated body", faults.truncated, new RegExp(SAID.brokeOff), ATTEMPTS],
  ["a gateway's page", faults.gatewayPage, new RegExp(`${SAID.serviceFailed}.*502.*502 Bad Gateway`), ATTEMPTS],
  ["malformed JSON", faults.malformed, new RegExp(SAID.notFromTheApi), 1],
  ["a day to wait", faults.limited({ "retry-after": "86400" }), /429.*86400 s/s, 1],
];

test("what lasts in the middle of a list is said, what came stays, and once it works the rest follows", async ({ page }) => {
  let fault: Answer | undefined = LASTING[0][1];
  const host = await startHost(server.base);
  await connect(page, host.base);
  host.at = (request) => (isLaterPage(request) ? fault : undefined);
  host.seen.length = 0;
  await stopClock(page);
  await open(page, "Domains");
  for (const [at, [name, answer, words, asked]] of LASTING.entries()) {
    fault = answer;
    if (at > 0) {
      host.seen.length = 0;
      await tryAgain(page);
    }
    await leapOverWaits(page, page.getByRole("alert").filter({ hasText: words }));
    expect(host.seen.filter(isLaterPage), name).toHaveLength(asked);
    expect(host.seen.filter(isFirstPage), `${name}: the first page once`).toHaveLength(at === 0 ? 1 : 0);
    await onlyTheFirstPageIsThere(page);
  }
  fault = undefined;
  host.seen.length = 0;
  await page.clock.resume();
  await tryAgain(page);
  await everythingIsThere(page);
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect(host.seen.filter(isFirstPage), "what came is not asked for again").toHaveLength(0);
  await host.stop();
});

test("what passes by itself is waited for, said so, and asked for again: each later page of a list meets one", async ({ page }) => {
  const asked: Record<string, number> = {};
  const PASSING: [Answer, string][] = [
    [faults.limited({ "retry-after": "3" }), `3.0 s: ${SAID.askedToWait}`],
    [faults.truncated, "a broken answer"],
    [faults.reset, "no answer"],
  ];
  const host = await startHost(server.base);
  await connect(page, host.base);
  host.at = (request) => {
    if (!isLaterPage(request)) return undefined;
    const isFirstAttempt = !(request.url in asked);
    asked[request.url] = (asked[request.url] ?? 0) + 1;
    return isFirstAttempt ? PASSING[Object.keys(asked).length - 1][0] : undefined;
  };
  host.seen.length = 0;
  await stopClock(page);
  await open(page, "Domains");
  for (const [at, [, words]] of PASSING.entries()) {
    await tickUntil(page, waiting(page).filter({ hasText: words }));
    if (at === 0) {
      // Not before the time that the service named.
      await page.clock.fastForward(1_900);
      await expect(waiting(page)).toContainText(words);
      expect(host.seen.filter(isLaterPage)).toHaveLength(1);
    }
    await page.clock.fastForward(LONGEST_WAIT_MS);
  }
  await expect(waiting(page)).toHaveCount(0);
  await page.clock.resume();
  await everythingIsThere(page);
  expect(Object.values(asked), "each page twice").toEqual([2, 2, 2]);
  await host.stop();
});

test("an answer that never comes is given up, asked for again, and can be stopped", async ({ page }) => {
  await page.clock.install();
  let held = 0;
  const host = await lookingAtDomains(page, (request) => (isLaterPage(request) && ++held === 1 ? faults.hang : undefined));
  await expect.poll(() => held).toBe(1);
  // It stands still while what the page waits for is read.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 31_000));
  await expect(waiting(page)).toContainText("no answer in time");
  await page.clock.fastForward(2_000);
  await page.clock.resume();
  await everythingIsThere(page);
  await host.stop();
});

test("a slow service: rows show from the first page on, and stopping keeps them", async ({ page }) => {
  const held: (() => void)[] = [];
  const host = await lookingAtDomains(page, (request) =>
    isLaterPage(request) ? (request, response) => held.push(() => faults.status(500)(request, response)) : undefined,
  );
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "101");
  await expect(page.getByText(`100 of ${domains.length}`)).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(SAID.listIsCut)).toBeVisible();
  host.at = () => undefined;
  held.forEach((answer) => answer());
  await page.getByRole("button", { name: "Load the rest" }).click();
  await everythingIsThere(page);
  await host.stop();
});

test("offline in the middle of a list, and back", async ({ page, context }) => {
  const held: (() => void)[] = [];
  const host = await lookingAtDomains(page, (request) =>
    isLaterPage(request) ? (_, response) => held.push(() => response.socket?.destroy()) : undefined,
  );
  await expect.poll(() => held.length).toBe(1);
  await context.setOffline(true);
  held[0]();
  await expect(page.getByRole("alert").filter({ hasText: "You are offline" })).toBeVisible();
  await onlyTheFirstPageIsThere(page);
  await context.setOffline(false);
  host.at = () => undefined;
  await tryAgain(page);
  await everythingIsThere(page);
  await host.stop();
});

// The metrics query is a POST that changes nothing.
const isWrite = ({ method, url }: Arrived) => !["GET", "OPTIONS"].includes(method) && url !== "/v1/analytics/metrics";

/** Opens the dialog that pins the first domain, up to the button that sends. */
async function aboutToPin(page: Page, host: Host) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Settings" }).click();
  await allowChanges(page);
  await open(page, "Domains");
  await page.getByRole("grid").getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("toolbar", { name: "Selected domains" }).getByRole("button", { name: "Override", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await pick(dialog, "poor");
  host.seen.length = 0;
  return dialog;
}

test("a change of which nobody knows whether it was made is not sent again by itself", async ({ page }) => {
  const host = await lookingAtDomains(page, () => undefined);
  const dialog = await aboutToPin(page, host);
  host.at = (request) => (isWrite(request) ? faults.truncated : undefined);
  await stopClock(page);
  await dialog.getByRole("button", { name: /^Pin/ }).click();
  await expect(dialog.getByRole("alert")).toHaveText(new RegExp(`${SAID.brokeOff}.*${SAID.lookFirst}`, "s"));
  // Longer than any wait between attempts could be: the next read comes after it.
  await page.clock.fastForward(130_000);
  await page.clock.resume();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await open(page, "History");
  await expect(page.getByRole("grid").getByRole("row").nth(1)).toBeVisible();
  expect(host.seen.filter(isWrite)).toHaveLength(1);
  await host.stop();
});

test("a change that was turned away with 429 is sent again once the time has come, and made once", async ({ page }) => {
  const host = await lookingAtDomains(page, () => undefined);
  const dialog = await aboutToPin(page, host);
  let turnedAway = 0;
  host.at = (request) => (isWrite(request) && ++turnedAway === 1 ? faults.limited({ "retry-after": "1" }) : undefined);
  await stopClock(page);
  await dialog.getByRole("button", { name: /^Pin/ }).click();
  await expect(waiting(page)).toContainText(SAID.askedToWait);
  await page.clock.fastForward(1_000);
  await page.clock.resume();
  await expect(dialog).toBeHidden();
  expect(host.seen.filter(isWrite).map(({ method }) => method)).toEqual(["PUT", "PUT"]);
  await host.stop();
});
