import { expect, type Locator, type Page } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { pick } from "./console";

/** A `poolkeeper serve` of the test's own, on a free port. */
export type Server = {
  base: string;
  stop: () => void;
  ask: <T = unknown>(path: string, init?: RequestInit) => Promise<T>;
};

/** What the tests read of the API's answers. */
export type Domain = {
  name: string;
  pool: string;
  override: boolean;
  processed_count: number;
};
export type PageOf<T> = { items: T[]; total_items: number; paging: { Next?: string } };
export type Pools = { pools: { name: string; ips: string[] }[] };
export type Preview = { pool: string; results: { processed_count: { value: number } } };

/** A key that is told from any other text, so that it can be looked for. */
export const KEY = "key-c0ffee5ec2e7d00dfeedface";

/** Starts the program, lets pages of other origins ask, and waits for its ready line. */
export async function serve(...args: string[]): Promise<Server> {
  const program = process.env.POOLKEEPER_BIN!;
  const child: ChildProcess = spawn(program, ["serve", "--listen", "127.0.0.1:0", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Also when a test breaks off before its end.
  process.once("exit", () => child.kill("SIGKILL"));
  const base = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`poolkeeper serve ended with ${code}`)));
    createInterface({ input: child.stdout! }).once("line", (line) => resolve(line.replace("poolkeeper listens on ", "")));
  });
  const authorization = `Basic ${Buffer.from(`api:${KEY}`).toString("base64")}`;
  const ask = async <T>(path: string, init: RequestInit = {}) => {
    const headers = { authorization, "x-poolkeeper-control": "1", ...init.headers };
    const answer = await fetch(base + path, { ...init, headers });
    expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
    return (await answer.json()) as T;
  };
  return { base, stop: () => child.kill("SIGKILL"), ask };
}

/** Every enrolled domain, as the server has them now. */
export async function enrolled(server: Server): Promise<Domain[]> {
  const found: Domain[] = [];
  let path = "/v1/dynamic_pools/domains?limit=100";
  while (path) {
    const { items, paging } = await server.ask<PageOf<Domain>>(path);
    found.push(...items);
    path = items.length && paging.Next ? paging.Next.replace(server.base, "") : "";
  }
  return found;
}

/** How many a list has in all. */
export const total = async (server: Server, path: string) => (await server.ask<PageOf<unknown>>(path)).total_items;

/** Enters a connection on the Settings page. */
export async function enter(page: Page, address: string, key = KEY) {
  await page.goto("settings");
  await pick(page, "Another address");
  await page.getByLabel("Address", { exact: true }).fill(address);
  await page.getByLabel("API key").fill(key);
}

/** Connects, read-only. */
export async function connect(page: Page, address: string, key = KEY) {
  await enter(page, address, key);
  await page.getByRole("button", { name: "Connect, read-only" }).click();
  await expect(connection(page)).toHaveText(/^Live · .* · read-only$/);
}

/** Lets changes through. */
export async function allowChanges(page: Page) {
  await page.getByRole("switch", { name: "Allow changes on this connection" }).check();
  await expect(connection(page)).not.toContainText("read-only");
}

/** What the header says is looked at. */
export const connection = (page: Page) =>
  page.getByRole("banner").getByRole("link").and(page.getByTitle("Change the connection in Settings"));

/** The line on what requests wait for; none while nothing is waited for. */
export const waiting = (page: Page) => page.getByRole("status").filter({ hasText: /^Waiting / });

/** No wait of the page's own before it asks again is longer, in milliseconds. */
export const LONGEST_WAIT_MS = 4_000;

/** Stops the page's clock, which stands until it is told to leap: what the page waits for can be read. */
export async function stopClock(page: Page) {
  await page.clock.install();
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
}

/** Lets the stopped clock go on in steps too small for any wait, as long work needs it, until something is seen. */
export async function tickUntil(page: Page, seen: Locator) {
  await expect(async () => {
    await page.clock.runFor(20);
    expect(await seen.isVisible()).toBe(true);
  }).toPass({ intervals: [50] });
}

/** Leaps over each wait before the page asks again, until something is seen; the page's clock is stopped. */
export async function leapOverWaits(page: Page, seen: Locator) {
  await expect(async () => {
    if ((await waiting(page).count()) > 0) await page.clock.fastForward(LONGEST_WAIT_MS);
    else await page.clock.runFor(20);
    expect(await seen.isVisible()).toBe(true);
  }).toPass({ intervals: [50] });
}

/** Opens a page as a person does: a reload would forget the connection. */
export async function open(page: Page, name: string) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}
