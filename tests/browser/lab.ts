import { expect, type Page } from "@playwright/test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DROP_CSV, WHAT_IF } from "./texts";

/** Runs the command line; fails unless it ends well. What it said. */
export function poolkeeper(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.env.POOLKEEPER_BIN!, args, { encoding: "utf8" });
  expect(status, `poolkeeper ${args.join(" ")}: ${stderr}`).toBe(0);
  return stdout;
}

/** A folder of the test's own, to put files in and to read them from. */
export function folder() {
  const at = mkdtempSync(join(tmpdir(), "poolkeeper-"));
  const path = (name: string) => join(at, name);
  return {
    path,
    write: (name: string, text: string) => (writeFileSync(path(name), text), path(name)),
    read: (name: string) => readFileSync(path(name), "utf8"),
  };
}

/** Days of March 2026 of some domains, as a CSV: processed, delivered, bounced, complained. */
export type Days = Record<string, (day: number) => [number, number, number, number] | undefined>;

export function csv(days: number, domains: Days): string {
  const lines = ["date,domain,processed,delivered,bounced,complained"];
  for (const [name, counts] of Object.entries(domains)) {
    for (let day = 1; day <= days; day++) {
      const row = counts(day);
      if (row) lines.push([`2026-03-${String(day).padStart(2, "0")}`, name, ...row].join(","));
    }
  }
  return lines.join("\n") + "\n";
}

/** The rules' default policy with some choices changed, as a policy file. */
export function policy(changes: object = {}): string {
  return JSON.stringify({
    window_days: 7,
    check_every_days: 1,
    bounce: { good_at_most_ppm: 50_000, poor_at_least_ppm: 100_000, poor_min_events: 1 },
    complaint: { good_at_most_ppm: 1_000, poor_at_least_ppm: 3_000, poor_min_events: 3 },
    minimum_processed: 1_000,
    below_minimum: "hold",
    promotion_after_checks: 1,
    demotion_after_checks: 1,
    ...changes,
  });
}

/** A section of the page. */
export const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** Takes a CSV as the page's traffic, and waits until it is. */
export async function take(page: Page, file: string) {
  await page.getByLabel(DROP_CSV).setInputFiles(file);
  await expect(region(page, WHAT_IF.covers)).toContainText(basename(file));
}

/** Opens a report and puts its policies into the study. */
export async function useReport(page: Page, file: string) {
  await page.getByLabel("Open report").setInputFiles(file);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Use its polic/ }).click();
  await expect(dialog).toBeHidden();
}

/** Presses something that saves a file; its text. */
export async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string; path: string }> {
  const coming = page.waitForEvent("download");
  await press();
  const download = await coming;
  const path = await download.path();
  return { name: download.suggestedFilename(), text: readFileSync(path, "utf8"), path };
}
