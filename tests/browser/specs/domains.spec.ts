import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { cell, count, expectCount, follow, go, happens, message, pick, request, rows, sideways, startWithoutPools, stepADay, today, undo, visit } from "../console";
import { expect, test } from "../fixture";
import { DIALOG } from "../texts";

const enrolled = (page: Page) => page.getByRole("grid", { name: "Enrolled domains" });
const others = (page: Page) => page.getByRole("grid", { name: "Domains that are not enrolled" });
const toolbar = (page: Page) => page.getByRole("toolbar", { name: "Selected domains" });
const tool = (page: Page, name: string) => toolbar(page).getByRole("button", { name, exact: true });

// Cells of an enrolled domain, the tick box first.
const [NAME, POOL, OVERRIDE, BOUNCE, COMPLAINT] = [1, 3, 4, 5, 6];

async function open(page: Page, address: string): Promise<Locator> {
  await (page.url() === "about:blank" ? visit : follow)(page, address);
  const grid = address.includes("not-enrolled") ? others(page) : enrolled(page);
  await expect(rows(grid).first()).toBeVisible();
  return grid;
}

const nameOf = async (row: Locator) => (await cell(row, NAME).innerText()).trim();
/** The rows that are drawn, as texts of one cell. */
const column = async (grid: Locator, at: number) => rows(grid).evaluateAll(
  (rows, at) => rows.map((row) => (row.querySelectorAll("[role=gridcell]")[at] as HTMLElement)?.innerText.trim()),
  at,
);

/** Ticks some rows and returns their names. */
async function tick(grid: Locator, some: number): Promise<string[]> {
  const names: string[] = [];
  for (let at = 0; at < some; at++) {
    const row = rows(grid).nth(at);
    names.push(await nameOf(row));
    await row.getByRole("checkbox").check();
  }
  return names;
}

test("the enrolled domains: filters, sorts and rates in the address, empty results, files", async ({ page }) => {
  const grid = await open(page, "domains");
  const all = await count(grid);
  let sum = 0;
  for (const pool of ["good", "poor", "new"]) {
    await page.getByRole("checkbox", { name: pool, exact: true }).check();
    await expect(page).toHaveURL(new RegExp(`pool=${pool}`));
    await expect.poll(async () => new Set((await column(grid, POOL)).map((text) => text.match(/good|poor|new/)![0])))
      .toEqual(new Set([pool]));
    sum += await count(grid);
    await page.getByRole("checkbox", { name: pool, exact: true }).uncheck();
    await expectCount(grid, all);
  }
  expect(sum, "each domain is in one pool").toBe(all);

  await pick(page, "Pinned");
  await expect(page).toHaveURL(/override=on/);
  await expect.poll(async () => new Set(await column(grid, OVERRIDE))).toEqual(new Set(["pinned"]));
  const pinned = await count(grid);
  await pick(page, "Not pinned");
  await expectCount(grid, all - pinned);

  await open(page, "domains?pool=poor");
  for (const [heading, sort, at] of [["Bounce rate", "bounce_rate", BOUNCE], ["Complaint rate", "complaint_rate", COMPLAINT]] as const) {
    const head = page.getByRole("columnheader", { name: heading });
    await head.getByRole("button").click();
    await expect(page).toHaveURL(new RegExp(`sort=-${sort}`));
    await expect(head).toHaveAttribute("aria-sort", "descending");
    const isSorted = async () => {
      const rates = (await column(grid, at)).map(Number.parseFloat).filter((rate) => !Number.isNaN(rate));
      return rates.length > 3 && rates.every((rate, at) => at === 0 || rates[at - 1] >= rate);
    };
    await expect.poll(isSorted).toBe(true);
  }
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Complaint rate" })).toHaveAttribute("aria-sort", "descending");

  await open(page, "domains");
  await page.getByRole("button", { name: "Rates" }).click();
  const bounce = page.getByRole("group", { name: "Bounce rate" });
  await bounce.getByLabel("at least").fill("10");
  await expect(page).toHaveURL(/bounce=10\.\./);
  await expect.poll(async () => Math.min(...(await column(grid, BOUNCE)).map(Number.parseFloat))).toBeGreaterThanOrEqual(10);
  await bounce.getByLabel("at most").fill("ten");
  await expect(bounce.getByRole("alert")).toContainText("“ten” is not a percentage");
  await bounce.getByLabel("at most").fill("1");
  await expect(bounce.getByRole("alert")).toContainText("swap");

  await page.goto("domains?q=nothing-has-this-name");
  await expect(page.getByText("No enrolled domains match")).toBeVisible();
  const search = page.getByRole("searchbox", { name: "Search names" });
  await search.fill("nothing-has-it ");
  await expect(page).toHaveURL(/q=nothing-has-it$/);
  await expect(search).toHaveValue("nothing-has-it ");
  await page.getByRole("button", { name: "Clear filters" }).last().click();
  await expect(search).toHaveValue("");
  await expectCount(grid, all);
  expect(new URL(page.url()).search).toBe("");

  await open(page, "domains?pool=poor");
  const shown = await count(grid);
  const save = async (kind: string) => {
    await page.getByRole("button", { name: "Export" }).click();
    const saving = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: kind }).click();
    return readFileSync(await (await saving).path(), "utf8");
  };
  const lines = (await save("CSV")).trim().split("\r\n");
  expect(lines[0]).toBe(
    "name,account,account_id,pool,override,bounce_rate,complaint_rate,processed_count,registered_at,last_move_at,last_move_from,last_move_to,customer,owner,tags",
  );
  expect(lines.slice(1).filter((line) => line.includes(",dynamic_poor,"))).toHaveLength(shown);
  const json = JSON.parse(await save("JSON"));
  expect(json.map(({ pool }: { pool: string }) => pool)).toEqual(Array(shown).fill("dynamic_poor"));
});

test("overrides on and off: one taken back by undo, several in one go", async ({ page }) => {
  let grid = await open(page, "domains?pool=good&override=off");
  const name = await nameOf(rows(grid).first());
  grid = await open(page, `domains?q=${name}`);
  const row = rows(grid).filter({ hasText: name }).first();
  await tick(grid, 1);
  await expect(tool(page, "Clear override")).toBeDisabled();
  await tool(page, "Override").click();
  let dialog = page.getByRole("dialog", { name: `Override ${name}` });
  await expect(dialog.getByRole("button", { name: "Confirm" })).toBeDisabled();
  await pick(dialog, "poor");
  await expect(happens(dialog)).toContainText(`${name}: good → poor, pinned`);
  await expect(request(dialog)).toContainText(`PUT/v1/dynamic_pools/domains/${name}/override`);
  await expect(request(dialog)).toContainText("pooldynamic_poor");
  await dialog.getByRole("button", { name: "Pin to poor" }).click();
  await expect(cell(row, POOL)).toContainText("poor");
  await expect(cell(row, OVERRIDE)).toContainText("pinned");
  // R10: health checks leave it alone, and removing it leaves the domain where it is.
  await stepADay(page);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  await expect(cell(row, OVERRIDE)).toContainText("pinned");
  await expect(cell(row, POOL)).toContainText("poor");
  await tool(page, "Clear override").click();
  await page.getByRole("dialog").getByRole("button", { name: "Clear override" }).click();
  await expect(cell(row, OVERRIDE)).toContainText("none");
  await expect(cell(row, POOL)).toContainText("poor");
  await undo(page);
  await expect(cell(row, OVERRIDE)).toContainText("pinned");

  grid = await open(page, "domains?pool=good&override=off");
  const names = await tick(grid, 3);
  await tool(page, "Override").click();
  dialog = page.getByRole("dialog", { name: "Override 3 domains" });
  await pick(dialog, "new");
  await expect(happens(dialog)).toContainText("3 domains move from good to new");
  for (const name of names) await expect(happens(dialog)).toContainText(`${name}: good → new, pinned`);
  await dialog.getByRole("button", { name: "Pin to new" }).click();
  await expect(message(page, "3 domains are pinned to new")).toBeVisible();
  for (const name of names) await expect(rows(grid).filter({ hasText: name })).toHaveCount(0);
  await undo(page);
  // Each is back in its pool, where only an override can put it at once (R10).
  await expect(message(page, "3 domains are back in their pools; 3 are pinned there now")).toBeVisible();
  await open(page, "domains?pool=good&override=on");
  for (const name of names) await expect(rows(enrolled(page)).filter({ hasText: name })).toHaveCount(1);
});

test("domains leave with each kind of replacement, after their name was typed", async ({ page }) => {
  const choices = (dialog: Locator) => dialog.getByRole("group", { name: "One IP, or several dedicated IPs" });
  /** The IPs that go alone: what says so stands beside them. */
  const ofShared = (dialog: Locator) => choices(dialog).getByText("shared, single IP only").locator("xpath=..").getByRole("checkbox");
  const labels = (boxes: Locator) => boxes.locator("xpath=ancestor::label").allInnerTexts();
  /** Whatever may replace: a dedicated IP in no pool, whichever those are. */
  const free = async (dialog: Locator) => {
    const shared = await labels(ofShared(dialog));
    const open = await labels(choices(dialog).getByRole("checkbox", { disabled: false }));
    return open.filter((ip) => !shared.includes(ip)).map((ip) => ip.trim());
  };
  const [one, several] = [
    async (dialog: Locator) => {
      const [ip] = await free(dialog);
      await dialog.getByRole("checkbox", { name: ip }).check();
      return `replacement_ip=${ip}`;
    },
    async (dialog: Locator) => {
      // Those that may not be taken say where they are (R7).
      for (const where of ["is in dynamic_good", /is in the dedicated pool/]) {
        await expect(choices(dialog).getByRole("checkbox", { description: where }).first()).toBeDisabled();
      }
      const ips = (await free(dialog)).slice(0, 2);
      expect(ips).toHaveLength(2);
      const shared = ofShared(dialog).first();
      await dialog.getByRole("checkbox", { name: ips[0] }).check();
      await shared.check();
      await expect(dialog.getByRole("alert").filter({ hasText: "is shared. When you choose several IPs, all must be dedicated" })).toBeVisible();
      await expect(dialog.getByRole("button", { name: "Confirm" })).toBeDisabled();
      await shared.uncheck();
      await dialog.getByRole("checkbox", { name: ips[1] }).check();
      return `replacement_ip=${ips[0]}&replacement_ip=${ips[1]}`;
    },
  ];
  const shared = async (dialog: Locator) => {
    await pick(dialog, "Shared IPs");
    return "replacement_ip=shared";
  };
  const pool = async (dialog: Locator) => {
    await pick(dialog, "Dedicated pool");
    const select = dialog.getByRole("combobox", { name: "Dedicated pool" });
    await expect(dialog.getByRole("button", { name: "Confirm" })).toBeDisabled();
    await select.selectOption({ index: 1 });
    return `replacement_pool_id=${await select.inputValue()}`;
  };
  const grid = await open(page, "domains");
  for (const kind of [one, several, shared, pool]) {
    const [name] = await tick(grid, 1);
    await tool(page, "Remove").click();
    const dialog = page.getByRole("dialog", { name: `Remove ${name} from the dynamic pools` });
    await expect(dialog.getByRole("status", { name: "Loading" })).toHaveCount(0);
    const query = await kind(dialog);
    await expect(request(dialog)).toContainText(`DELETE/v3/domains/${name}/dynamic_pools?${query}`);
    await expect(happens(dialog)).toContainText(`${name} leaves the dynamic pools`);
    const confirm = dialog.getByRole("button", { name: "Remove domain" });
    await expect(confirm).toBeDisabled();
    await dialog.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
    await confirm.click();
    await expect(message(page, `${name} left the dynamic pools`)).toBeVisible();
    await expect(rows(grid).filter({ hasText: name })).toHaveCount(0);
    await expect(toolbar(page)).toBeHidden();
  }
  const names = await tick(grid, 2);
  await tool(page, "Remove").click();
  const dialog = page.getByRole("dialog", { name: "Remove 2 domains from the dynamic pools" });
  await shared(dialog);
  await dialog.getByRole("textbox", { name: "Type 2 domains to confirm" }).fill("2 domains");
  await dialog.getByRole("button", { name: "Remove 2 domains" }).click();
  await expect(message(page, "2 domains left the dynamic pools")).toBeVisible();
  for (const name of names) {
    await open(page, `domains?tab=not-enrolled&match=^${name}$`);
    await expectCount(others(page), 1);
  }
});

test("domains that are not enrolled are found by expression, previewed and enrolled, one and several", async ({ page, context }) => {
  const grid = await open(page, "domains?tab=not-enrolled");
  // The parent account is in no list of accounts; it has a name all the same.
  await expect.poll(async () => (await column(grid, 2)).filter((account) => /^[0-9a-f]{24}$/.test(account))).toEqual([]);
  const search = page.getByRole("searchbox", { name: "Search by regular expression" });
  await search.fill("^(mail|news");
  await expect(page.getByRole("alert").filter({ hasText: "is not a regular expression" })).toBeVisible();
  await search.fill("^(mail|news|send)\\.");
  await expect(page.getByRole("alert").filter({ hasText: "is not a regular expression" })).toBeHidden();
  await expect.poll(async () => {
    const names = await column(grid, NAME);
    return names.length > 0 && names.every((name) => /^(mail|news|send)\./.test(name));
  }).toBe(true);

  const name = await nameOf(rows(grid).first());
  await page.getByRole("button", { name: `Preview ${name}` }).click();
  const verdict = cell(rows(grid).filter({ hasText: name }), 3);
  await expect(verdict).toHaveText(/good|poor|new/);
  const pool = (await verdict.innerText()).match(/good|poor|new/)![0];
  await page.getByRole("button", { name: `Enroll ${name}` }).click();
  let dialog = page.getByRole("dialog", { name: `Enroll ${name}` });
  // Sent as the reference asks, where a person wants it.
  await dialog.getByRole("combobox", { name: "Replacement IP (optional)" }).selectOption("Shared IPs");
  await expect(request(dialog)).toContainText(`/v3/domains/${name}/dynamic_pools?replacement_ip=shared`);
  await dialog.getByRole("combobox", { name: "Replacement IP (optional)" }).selectOption("None");
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText(`A health check now would put it in ${pool}.`);
  await expect(request(dialog)).toContainText(`POST/v3/domains/${name}/dynamic_pools`);
  await dialog.getByRole("button", { name: "Enroll", exact: true }).click();
  await expect(message(page, `${name} is enrolled`)).toBeVisible();
  await expect(rows(grid).filter({ hasText: name })).toHaveCount(0);
  // R9: its first pool is what a health check, and so the preview, says.
  await open(page, `domains?q=${name}`);
  await expect(cell(rows(enrolled(page)).first(), POOL)).toContainText(pool);

  await open(page, "domains?tab=not-enrolled");
  const names = await tick(grid, 3);
  await tool(page, "Preview").click();
  for (const name of names) await expect(cell(rows(grid).filter({ hasText: name }), 3)).toHaveText(/good|poor|new/);
  await tool(page, "Enroll").click();
  dialog = page.getByRole("dialog", { name: "Enroll 3 domains" });
  await expect(happens(dialog)).toContainText("3 domains join");
  // Somebody else enrolls the second one meanwhile: it fails, is listed, and doesn't stop the others.
  const other = await context.newPage();
  await open(other, `domains?tab=not-enrolled&match=${names[1]}`);
  await other.getByRole("button", { name: `Enroll ${names[1]}` }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Enroll", exact: true }).click();
  await expect(message(other, `${names[1]} is enrolled`)).toBeVisible();
  await expect(happens(dialog)).toContainText("1 request would be refused");
  await dialog.getByRole("button", { name: "Enroll 3 domains" }).click();
  await expect(dialog.getByRole("status", { name: DIALOG.result })).toContainText("2 of 3 domains");
  await expect(dialog.getByRole("region", { name: DIALOG.failures })).toContainText(names[1]);
  await expect(dialog.getByRole("region", { name: DIALOG.failures })).toContainText("already enrolled");
  await dialog.getByRole("button", { name: "Done" }).click();
  for (const name of names) await expect(rows(grid).filter({ hasText: name })).toHaveCount(0);
});

test("all are enrolled by a job that shows how far it is, first without the subaccounts", async ({ page }) => {
  await page.clock.install();
  const grid = await open(page, "domains?tab=not-enrolled");
  const all = await count(grid);
  const accounts = new Set(await column(grid, 2));
  expect(accounts.size).toBeGreaterThan(1);
  const start = async (withSubaccounts: boolean) => {
    await page.getByRole("button", { name: "Enroll all" }).click();
    const dialog = page.getByRole("dialog", { name: "Enroll all domains" });
    await expect(dialog.getByRole("checkbox", { name: "Include subaccount domains" })).not.toBeChecked();
    await expect(dialog.getByRole("button", { name: "Enroll all" })).toBeDisabled();
    await dialog.getByRole("textbox", { name: "Type enroll all domains to confirm" }).fill("enroll all domains");
    await dialog.getByRole("checkbox", { name: "Include subaccount domains" }).setChecked(withSubaccounts);
    await expect(request(dialog)).toContainText(`POST/v3/domains/all/dynamic_pools/enroll?include_subaccounts=${withSubaccounts}`);
    // The job's time stands still until it is seen at work.
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
    await dialog.getByRole("button", { name: "Enroll all" }).click();
    const job = page.getByRole("region", { name: "Job" });
    await expect(job.getByRole("progressbar", { name: "Enrolling all domains" })).toBeVisible();
    await page.clock.resume();
    await expect(message(page, /^Enrollment finished: \d+ domains?$/).last()).toBeVisible();
    await expect(job).toBeHidden();
  };
  await start(false);
  const left = await count(grid);
  expect(left).toBeLessThan(all);
  // What is left is the subaccounts'.
  const subaccounts = new Set(await column(grid, 2));
  expect(subaccounts.size).toBeLessThan(accounts.size + 1);
  expect([...accounts].filter((account) => !subaccounts.has(account))).toHaveLength(1);
  await start(true);
  await expect(page.getByText("Every domain is enrolled")).toBeVisible();
});

test("without pools the lists say what is missing and lead there", async ({ page }) => {
  await startWithoutPools(page);
  await go(page, "Domains");
  await expect(page.getByText("the dynamic pools are not set up")).toBeVisible();
  await page.getByRole("tab", { name: "Not enrolled" }).click();
  await expect(page).toHaveURL(/tab=not-enrolled/);
  await expect(page.getByRole("note")).toContainText("The dynamic pools are not set up");
  await expect(page.getByRole("button", { name: "Enroll all" })).toBeDisabled();
  // R11: a preview works all the same.
  const name = await nameOf(rows(others(page)).first());
  await page.getByRole("button", { name: `Preview ${name}` }).click();
  await expect(cell(rows(others(page)).first(), 3)).toHaveText(/good|poor|new/);
  await page.getByRole("link", { name: "Set up pools" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Pools" })).toBeVisible();
});

test.describe("360 px wide", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test("filters unfold, rows are ticked and changed, a domain is enrolled from its row", async ({ page }) => {
    let grid = await open(page, "domains");
    await expect(page.getByRole("checkbox", { name: "poor", exact: true })).toBeHidden();
    await page.getByRole("button", { name: /^Filters/ }).click();
    await page.getByRole("checkbox", { name: "poor", exact: true }).check();
    await expect(page).toHaveURL(/pool=poor/);
    await page.getByRole("button", { name: "Account" }).click();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Filters/ }).click();
    await rows(grid).first().getByRole("checkbox").check();
    await expect(toolbar(page)).toBeVisible();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await tool(page, "Remove").click();
    await expect(page.getByRole("dialog").getByRole("checkbox").first()).toBeVisible();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();

    grid = await open(page, "domains?tab=not-enrolled");
    const name = await nameOf(rows(grid).first());
    await rows(grid).first().getByText(name).click();
    const dialog = page.getByRole("dialog", { name: `Enroll ${name}` });
    await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("A health check now");
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await dialog.getByRole("button", { name: "Enroll", exact: true }).click();
    await expect(message(page, `${name} is enrolled`)).toBeVisible();
  });
});
