import { readFileSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { count, go, message, visit } from "../console";
import { expect, test } from "../fixture";

// What the app costs with many domains. Run by `cargo xtask bench` on the files that `cargo xtask build` makes.
const ROUNDS = 5;

const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const part = (values: number[], share: number) => {
  const sorted = [...values].sort((a, b) => a - b);
  return ms(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
};
const spread = (values: number[]) => `median ${part(values, 0.5)}, from ${part(values, 0)} to ${part(values, 1)}`;
const print = (what: string, figures: string) => console.log(`  ${what}: ${figures}`);

async function start(page: Page, domains: number) {
  await visit(page, "settings");
  await page.getByRole("combobox", { name: "Domains" }).fill(String(domains));
  const began = Date.now();
  await page.getByRole("button", { name: "Start this scenario" }).click();
  await expect(message(page, /^Started/)).toBeVisible({ timeout: 300_000 });
  print(`${domains.toLocaleString("en")} domains, 90 days simulated`, `${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Milliseconds from a click on a page's link until its first rows are drawn: the frame after the one that has them. */
const untilRows = (page: Page, name: string) => page.evaluate((name) => new Promise<number>((done) => {
  const link = [...document.querySelectorAll<HTMLElement>("nav[aria-label=Pages] a")].find((link) => link.innerText === name)!;
  const began = performance.now();
  const look = () => {
    const drawn = document.querySelectorAll("[role=grid] [role=gridcell]").length > 0;
    requestAnimationFrame(drawn ? () => done(performance.now() - began) : look);
  };
  link.click();
  requestAnimationFrame(look);
}), name);

/** Peak and present memory of the tab's process. */
async function memory(browser: Browser) {
  const { processInfo } = await (await browser.newBrowserCDPSession()).send("SystemInfo.getProcessInfo");
  const tabs = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => readFileSync(`/proc/${id}/status`, "utf8"));
  const most = (key: string) => Math.max(...tabs.map((status) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)![1]) / 1024));
  return `${most("VmRSS").toFixed(0)} MB, at most ${most("VmHWM").toFixed(0)} MB`;
}

test("20,000 domains", async ({ page, browser }) => {
  await start(page, 20_000);
  const opened: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // A page that has read no domain yet.
    await visit(page, "./");
    opened.push(await untilRows(page, "Domains"));
  }
  print("Domains, from the click to the first rows drawn (aim: 1,000 ms)", spread(opened));

  for (const name of ["Overview", "Domains", "Settings"]) {
    await go(page, name);
    if (name === "Domains") await expect(page.getByRole("grid").getByRole("row").nth(5)).toBeVisible();
    await expect(page.getByRole("progressbar")).toHaveCount(0, { timeout: 60_000 });
    const [days, drawn]: number[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const [day, frame] = await page.evaluate(() => new Promise<[number, number]>((done) => {
        const step = document.querySelector<HTMLElement>("button[aria-label='Step a day']")!;
        const began = performance.now();
        step.click();
        const day = performance.now() - began;
        // The frame after the one that has the day is asked for once that one is drawn.
        requestAnimationFrame(() => requestAnimationFrame(() => done([day, performance.now() - began])));
      }));
      days.push(day);
      drawn.push(frame);
      await expect(page.getByRole("progressbar")).toHaveCount(0, { timeout: 60_000 });
    }
    print(`a simulated day, on ${name} (aim: 50 ms)`, spread(days));
    print(`the same until it is drawn, on ${name}`, spread(drawn));
  }

  // As after a crash: the app loads, the record is read, the days since its last snapshot are repeated.
  const restored: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = Date.now();
    await page.goto("domains");
    await expect(page.getByRole("grid").getByRole("row").nth(5)).toBeVisible();
    restored.push(Date.now() - began);
  }
  print("Domains by its address, the app loaded and the account restored first", spread(restored));
  print("memory of the tab", await memory(browser));
});

test("scrolling through 100,000 domains", async ({ page, browser }) => {
  await start(page, 100_000);
  await go(page, "Domains");
  const grid = page.getByRole("grid");
  await expect(grid.getByRole("row").nth(5)).toBeVisible();
  const began = Date.now();
  await expect(page.getByRole("progressbar")).toHaveCount(0, { timeout: 300_000 });
  print(`all ${(await count(grid)).toLocaleString("en")} enrolled ones in the list after`, `${((Date.now() - began) / 1000).toFixed(1)} s`);
  // By the wheel's pace, by leaps, and from end to end.
  for (const [how, step] of [["a row a frame", 36], ["a screen a frame", 600], ["a 500th of the list a frame", 7200]] as const) {
    const frames = await grid.evaluate((grid, step) => new Promise<number[]>((done) => {
      const gaps: number[] = [];
      let last = performance.now();
      grid.scrollTop = 0;
      const next = () => {
        const now = performance.now();
        gaps.push(now - last);
        last = now;
        if (gaps.length === 300) return done(gaps.slice(1));
        grid.scrollTop += step;
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    }), step);
    const over = frames.filter((gap) => gap > 50).length;
    print(`scrolling ${how} (aim: none over 50 ms)`, `longest frame ${part(frames, 1)}, ${over} of ${frames.length} over 50 ms; half within ${part(frames, 0.5)}, 95 % within ${part(frames, 0.95)}, 99 % within ${part(frames, 0.99)}`);
  }
  print("memory of the tab", await memory(browser));
});
