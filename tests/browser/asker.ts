import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";

/** What `lab/start.js` makes. */
export type Lab = {
  news: { seat: number; what: "progress" | "done" | "failed"; value: number | string; variant?: number; at: number }[];
  readBandwidth(): number;
  open(domains: number, days: number, workers: number): void;
  ask(seat: number, kind: string, variant?: number): Promise<string>;
  next(seat: number, what: string): Promise<Lab["news"][number]>;
  asker: { here(kind: string, variant: number): string; stop(seat: number): void; be_silent(): void; by_bits(clock: () => number, tries: number): Float64Array; column(which: number): Uint32Array; policies(): Float64Array; planes(): Float64Array };
};
declare global {
  interface Window {
    lab: Lab;
  }
}

const own = fileURLToPath(new URL("./lab/", import.meta.url));
const files: Record<string, string> = {
  "start.js": `${own}start.js`,
  "naive.js": `${own}naive.js`,
  "browser_lab.js": `${own}pkg/browser_lab.js`,
  "browser_lab_bg.wasm": `${own}pkg/browser_lab_bg.wasm`,
};

/** Puts `window.lab` beside the app on the page at hand. */
export async function addLab(page: Page) {
  await page.route("**/lab-test/*", (route) => {
    const path = files[new URL(route.request().url()).pathname.split("/").pop()!];
    return path ? route.fulfill({ path }) : route.abort();
  });
  await page.addScriptTag({ type: "module", url: "lab-test/start.js" });
  await page.waitForFunction(() => "lab" in window);
}

/** Opens the app with the lab beside it, over traffic of so many domains. */
export async function openLab(page: Page, domains: number, days = 90, workers = 0) {
  await page.goto("./");
  await addLab(page);
  await page.evaluate(([domains, days, workers]) => window.lab.open(domains, days, workers), [domains, days, workers]);
}

/** The addresses of the page's workers, without their folders. */
export const workers = (page: Page) => page.workers().map((worker) => new URL(worker.url()).pathname.split("/").pop()!);
