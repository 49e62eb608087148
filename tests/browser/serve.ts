import { expect, type Page } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** A `poolkeeper serve` of the test's own, on a free port. */
export type Server = { base: string; stop: () => void; ask: (path: string, init?: RequestInit) => Promise<any> };

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
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(base + path, { ...init, headers: { authorization, ...init.headers } });
    expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
    return answer.json();
  };
  return { base, stop: () => child.kill("SIGKILL"), ask };
}

/** Enters a connection on the Settings page. */
export async function enter(page: Page, address: string, key = KEY) {
  await page.goto("settings");
  await page.getByRole("radio", { name: "Another address" }).check({ force: true });
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
export const connection = (page: Page) => page.locator("header.top .connection .words");

/** Opens a page as a person does: a reload would forget the connection. */
export async function open(page: Page, name: string) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}
