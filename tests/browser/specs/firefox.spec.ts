import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { WHAT_IF } from "../texts";

// What people mainly do, in the Firefox that is installed. Playwright brings a Firefox of its own, so another client drives it.

const PATIENCE_MS = 180_000;

/** What has a role and a name, as assistive technology finds it. */
const by = (page: Page, role: string, name: string) => page.locator(`::-p-aria([role="${role}"][name="${name}"])`);
const press = (page: Page, role: string, name: string) => by(page, role, name).click();
const heading = (page: Page, name: string) => by(page, "heading", name).wait();

/** Waits until the page's text has some words. */
const says = (page: Page, words: string) =>
  page.waitForFunction((words) => document.body.innerText.includes(words), {}, words);

let browser: Browser;
let profile: string;

test.beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), "poolkeeper-firefox-"));
  browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    userDataDir: profile,
    headless: true,
  });
});
test.afterEach(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
});

/** A page that fails the test when it reports an error. */
async function open(address: string, errors: string[]) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewport({ width: 1280, height: 800 });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(address, { timeout: PATIENCE_MS });
  return page;
}

test("Firefox: days pass and are stored, a domain is found, pinned and put back", async ({ baseURL }) => {
  const errors: string[] = [];
  const page = await open(baseURL!, errors);
  await heading(page, "Overview");
  await says(page, "Dynamic IP Pools");
  await press(page, "button", "Step a day");
  await says(page, "Fri 24 Jul 2026");
  // The day is there at once, and the word beside it until it is stored.
  await page.waitForFunction(() => !document.body.textContent!.includes("Saving…"));
  await page.reload({ timeout: PATIENCE_MS });
  await says(page, "Fri 24 Jul 2026");

  await press(page, "link", "Domains");
  await heading(page, "Domains");
  await by(page, "grid", "Enrolled domains").wait();
  await press(page, "link", "History");
  await heading(page, "History");
  await by(page, "grid", "History").wait();
  await page.goto(`${baseURL}domains?pool=good&override=off`, { timeout: PATIENCE_MS });
  await by(page, "grid", "Enrolled domains").wait();
  const first = await page.waitForSelector("[role=grid] [role=rowgroup] [role=row] a");
  const name = await first!.evaluate((link) => link.textContent!.trim());
  await first!.click();
  await heading(page, name);
  await press(page, "button", "Override");
  await by(page, "dialog", `Override ${name}`).wait();
  await press(page, "radio", "poor");
  await says(page, `${name}: good → poor, pinned`);
  await press(page, "button", "Pin to poor");
  await says(page, "pinned by an override");
  await press(page, "button", "Undo");
  await page.waitForFunction(() => !document.body.innerText.includes("pinned by an override"));
  expect(errors).toEqual([]);
});

test("Firefox: other thresholds are tried on the account's own traffic", async ({ baseURL }) => {
  const errors: string[] = [];
  const page = await open(`${baseURL}what-if`, errors);
  await heading(page, "What-if");
  await heading(page, WHAT_IF.findings);
  const field = by(page, "textbox", "B: Bounce rate, poor at least, %");
  await field.fill("6");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.search.includes("b="));
  await heading(page, WHAT_IF.affected);
  await by(page, "grid", WHAT_IF.affected).wait();
  expect(errors).toEqual([]);
});
