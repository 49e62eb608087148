import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, expect, type Page, test } from "@playwright/test";
import { stepADay, today, visit } from "../console";
import config from "../playwright.config";

/** How often the browser is killed; `cargo xtask torture` says a larger number. */
const KILLS = Number(process.env.POOLKEEPER_BROWSER_KILLS ?? 3);
const DAY_MS = 86_400_000;

/** A browser of its own with a profile that stays, so that it can be killed as a crash or a power cut of the machine would. */
async function start(profile: string, base: string) {
  const { executablePath, args } = config.use!.launchOptions!;
  // A process group of its own: killed with everything that the browser started.
  const child = spawn(executablePath!, [...args!, `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const browser = await chromium.connectOverCDP(await address(child));
  const page = await browser.contexts()[0].newPage();
  await visit(page, base);
  const kill = async () => {
    const ended = once(child, "exit");
    process.kill(-child.pid!, "SIGKILL");
    await ended;
  };
  return { page, kill };
}

/** Where the browser takes commands, as it says itself. */
async function address(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const found = /DevTools listening on (ws:\S+)/.exec(line);
    if (found) return found[1];
  }
  throw new Error("the browser did not start");
}

/** The simulator's day, once what was stored is there. */
async function day(page: Page): Promise<number> {
  await expect(page.getByRole("button", { name: "Step a day" })).toBeEnabled();
  return Date.parse(`${await today(page).innerText()} UTC`) / DAY_MS;
}

test("what is stored when the browser is killed is there again, and nothing that was not done", async ({ baseURL }) => {
  const profile = await mkdtemp(join(tmpdir(), "poolkeeper-killed-"));
  test.setTimeout(600_000 + KILLS * 60_000);
  // The simulator's first day, before anything is done in it.
  let [stored, done] = [0, Infinity];
  let lost = 0;
  for (let kill = 0; kill <= KILLS; kill++) {
    const browser = await start(profile, baseURL!);
    const found = await day(browser.page);
    expect(found, `after kill ${kill}: days up to ${stored} were stored, days up to ${done} were asked for`).toBeGreaterThanOrEqual(stored);
    expect(found).toBeLessThanOrEqual(done);
    lost += Number.isFinite(done) ? done - found : 0;
    [stored, done] = [found, found];
    // Some days are stepped and stored. The kill comes while the next one is on its way, a little later each time.
    for (let days = kill % 3; days > 0; days--) {
      done += 1;
      await stepADay(browser.page);
      await expect.poll(() => day(browser.page)).toBe(done);
      await expect(browser.page.getByText("Saving…")).toHaveCount(0);
      stored = done;
    }
    done += 1;
    const stepped = stepADay(browser.page).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 150));
    await browser.kill();
    await stepped;
  }
  await rm(profile, { recursive: true, force: true });
  console.log(`| browser killed while it stores a day | ${KILLS} | no stored day lost; ${lost} days that were not stored yet |`);
});
