import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../fixture";

const enrolled = (page: Page) => page.getByRole("grid", { name: "Enrolled domains" });
const others = (page: Page) => page.getByRole("grid", { name: "Domains that are not enrolled" });
const rows = (grid: Locator) => grid.getByRole("row").filter({ has: grid.page().getByRole("gridcell") });
const cell = (row: Locator, at: number) => row.getByRole("gridcell").nth(at);
const toolbar = (page: Page) => page.getByRole("toolbar", { name: "Selected domains" });

// Cells of an enrolled domain, the tick box first.
const NAME = 1;
const POOL = 3;
const OVERRIDE = 4;
const BOUNCE = 5;

/** How many rows the grid has, the header aside: as assistive technology hears it. */
const count = async (grid: Locator) => Number(await grid.getAttribute("aria-rowcount")) - 1;

async function open(page: Page, address: string): Promise<Locator> {
  await page.goto(address);
  const grid = address.includes("not-enrolled") ? others(page) : enrolled(page);
  await expect(rows(grid).first()).toBeVisible();
  return grid;
}

/** Finds an enrolled domain by its name and ticks it. */
async function tick(page: Page, name: string): Promise<Locator> {
  await page.getByRole("searchbox", { name: "Search names" }).fill(name);
  const row = rows(enrolled(page)).filter({ hasText: name });
  await expect(row).toHaveCount(1);
  await row.getByRole("checkbox", { name: `Select ${name}` }).check();
  return row;
}

const firstName = async (grid: Locator) => (await cell(rows(grid).first(), NAME).innerText()).trim();

test.describe("the list of enrolled domains", () => {
  test("filters go to the address and each pool's domains add up to all", async ({ page }) => {
    const grid = await open(page, "domains");
    const all = await count(grid);
    let sum = 0;
    for (const pool of ["good", "poor", "new"]) {
      await page.getByRole("checkbox", { name: pool, exact: true }).check();
      await expect(page).toHaveURL(new RegExp(`pool=${pool}`));
      await expect(cell(rows(grid).first(), POOL)).toContainText(pool);
      for (const row of await rows(grid).all()) await expect(cell(row, POOL)).toContainText(pool);
      sum += await count(grid);
      await page.getByRole("checkbox", { name: pool, exact: true }).uncheck();
      await expect(grid).toHaveAttribute("aria-rowcount", String(all + 1));
    }
    expect(sum).toBe(all);
  });

  test("sorting asks the API and stays in the address", async ({ page }) => {
    const grid = await open(page, "domains?pool=poor");
    await page.getByRole("columnheader", { name: "Bounce rate" }).getByRole("button").click();
    await expect(page).toHaveURL(/sort=-bounce_rate/);
    await expect(page.getByRole("columnheader", { name: "Bounce rate" })).toHaveAttribute("aria-sort", "descending");
    const rates = async () => {
      const texts = await Promise.all((await rows(grid).all()).slice(0, 8).map((row) => cell(row, BOUNCE).innerText()));
      return texts.map((text) => Number.parseFloat(text));
    };
    await expect.poll(async () => (await rates()).every((rate, at, all) => at === 0 || all[at - 1] >= rate)).toBe(true);
    await page.reload();
    await expect(page.getByRole("columnheader", { name: "Bounce rate" })).toHaveAttribute("aria-sort", "descending");
  });

  test("a range of rates narrows it, and a bad one is named where it is typed", async ({ page }) => {
    const grid = await open(page, "domains");
    await page.getByRole("button", { name: "Rates" }).click();
    const bounce = page.getByRole("group", { name: "Bounce rate" });
    await bounce.getByLabel("at least").fill("10");
    await expect(page).toHaveURL(/bounce=10\.\./);
    for (const row of await rows(grid).all()) {
      expect(Number.parseFloat(await cell(row, BOUNCE).innerText())).toBeGreaterThanOrEqual(10);
    }
    await bounce.getByLabel("at most").fill("ten");
    await expect(bounce.getByRole("alert")).toContainText("“ten” is not a percentage");
    await bounce.getByLabel("at most").fill("1");
    await expect(bounce.getByRole("alert")).toContainText("swap");
  });

  test("nothing found says so and one press clears the filters", async ({ page }) => {
    await page.goto("domains?q=nothing-has-this-name");
    await expect(page.getByText("No enrolled domain matches")).toBeVisible();
    await page.getByRole("button", { name: "Clear filters" }).last().click();
    await expect(rows(enrolled(page)).first()).toBeVisible();
    expect(new URL(page.url()).search).toBe("");
  });

  test("the filtered view is saved as CSV and JSON", async ({ page }) => {
    const grid = await open(page, "domains?pool=poor");
    const shown = await count(grid);
    const save = async (kind: string) => {
      await page.getByRole("button", { name: "Export" }).click();
      const saving = page.waitForEvent("download");
      await page.getByRole("menuitem", { name: kind }).click();
      return readFileSync(await (await saving).path(), "utf8");
    };
    const lines = (await save("CSV")).trim().split("\r\n");
    expect(lines[0]).toBe(
      "name,account,account_id,pool,override,bounce_rate,complaint_rate,processed_count,registered_at,last_move_at,last_move_from,last_move_to",
    );
    expect(lines.length).toBe(shown + 1);
    expect(lines.slice(1).every((line) => line.includes(",dynamic_poor,"))).toBe(true);
    const json = JSON.parse(await save("JSON"));
    expect(json).toHaveLength(shown);
    expect(json[0].pool).toBe("dynamic_poor");
  });

  test("by keyboard alone: search, go down, tick, open", async ({ page }) => {
    const grid = await open(page, "domains");
    const name = await firstName(grid);
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox", { name: "Search names" })).toBeFocused();
    await page.keyboard.type(name.slice(0, 6));
    await expect(page).toHaveURL(/q=/);
    await page.keyboard.press("ArrowDown");
    await expect(grid).toBeFocused();
    await page.keyboard.press("Space");
    await expect(toolbar(page)).toContainText("1 selected");
    await expect(rows(grid).first()).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Space");
    await expect(toolbar(page)).toBeHidden();
    const first = await firstName(grid);
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`domain\\?name=${first.replaceAll(".", "\\.")}`));
    await expect(page.getByRole("heading", { level: 1, name: first })).toBeVisible();
  });
});

test.describe("overrides", () => {
  test("one domain is pinned, stays when unpinned, and undo takes a pin back", async ({ page }) => {
    const grid = await open(page, "domains?pool=good&override=off");
    const name = await firstName(grid);
    await page.goto("domains");
    const row = await tick(page, name);
    await toolbar(page).getByRole("button", { name: "Override", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: `Override ${name}` });
    await expect(dialog.getByRole("button", { name: "Confirm" })).toBeDisabled();
    await dialog.getByRole("radio", { name: "poor" }).check();
    await expect(dialog.getByRole("region", { name: "What will happen" })).toContainText(`${name}: good → poor, pinned`);
    await expect(dialog.getByRole("region", { name: "Request" })).toContainText(
      `/v1/dynamic_pools/domains/${name}/override`,
    );
    await dialog.getByRole("button", { name: "Pin to poor" }).click();
    await expect(cell(row, POOL)).toContainText("poor");
    await expect(cell(row, OVERRIDE)).toContainText("pinned");
    // Health checks leave it alone.
    await page.getByRole("button", { name: "Step a day" }).click();
    await expect(page.getByText("Fri 24 Jul 2026")).toBeVisible();
    await expect(cell(row, OVERRIDE)).toContainText("pinned");
    await expect(cell(row, POOL)).toContainText("poor");

    await toolbar(page).getByRole("button", { name: "Clear override" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Clear override" }).click();
    await expect(cell(row, OVERRIDE)).toContainText("none");
    await expect(cell(row, POOL)).toContainText("poor");
    await page.getByRole("button", { name: "Undo" }).last().click();
    await expect(cell(row, OVERRIDE)).toContainText("pinned");
  });

  test("several are pinned in one go, after one look at what will happen", async ({ page }) => {
    const grid = await open(page, "domains?pool=good&override=off");
    const names: string[] = [];
    for (const row of (await rows(grid).all()).slice(0, 3)) {
      names.push((await cell(row, NAME).innerText()).trim());
      await row.getByRole("checkbox").check();
    }
    await toolbar(page).getByRole("button", { name: "Override", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Override 3 domains" });
    await dialog.getByRole("radio", { name: "new" }).check();
    const happens = dialog.getByRole("region", { name: "What will happen" });
    await expect(happens).toContainText("3 domains move from good to new");
    for (const name of names) await expect(happens).toContainText(name);
    await dialog.getByRole("button", { name: "Pin to new" }).click();
    await expect(page.getByText("3 domains are pinned to new")).toBeVisible();
    await page.goto("domains?pool=new&override=on");
    for (const name of names) await expect(rows(enrolled(page)).filter({ hasText: name })).toHaveCount(1);
  });
});

test.describe("removing a domain", () => {
  // The fixed seed's IPs: 203.0.113.27 and .28 are free, .10 is in the good pool, .23 in a dedicated one, 192.0.2.25 is shared.
  let name: string;
  let dialog: Locator;

  test.beforeEach(async ({ page }) => {
    name = await firstName(await open(page, "domains"));
    await tick(page, name);
    await toolbar(page).getByRole("button", { name: "Remove" }).click();
    dialog = page.getByRole("dialog", { name: `Remove ${name} from the dynamic pools` });
    await expect(dialog).toBeVisible();
  });

  async function confirm(page: Page) {
    const button = dialog.getByRole("button", { name: "Remove domain" });
    await expect(button).toBeDisabled();
    await dialog.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
    await button.click();
    await expect(page.getByText(`${name} left the dynamic pools`)).toBeVisible();
    await expect(page.getByText("No enrolled domain matches")).toBeVisible();
    await page.goto(`domains?tab=not-enrolled&match=${name}`);
    await expect(rows(others(page)).filter({ hasText: name })).toHaveCount(1);
  }

  test("with dedicated IPs; those in a pool say why they can't be taken", async ({ page }) => {
    const taken = dialog.getByRole("checkbox", { name: "203.0.113.10" });
    await expect(taken).toBeDisabled();
    await expect(taken).toHaveAccessibleDescription("is in dynamic_good");
    await expect(dialog.getByRole("checkbox", { name: "203.0.113.23" })).toHaveAccessibleDescription(
      "is in the dedicated pool “Transactional”",
    );
    await dialog.getByRole("checkbox", { name: "203.0.113.27" }).check();
    await dialog.getByRole("checkbox", { name: "192.0.2.25" }).check();
    await expect(dialog.getByRole("alert").filter({ hasText: "192.0.2.25 is shared" })).toBeVisible();
    await dialog.getByRole("checkbox", { name: "192.0.2.25" }).uncheck();
    await dialog.getByRole("checkbox", { name: "203.0.113.28" }).check();
    await expect(dialog.getByRole("region", { name: "Request" })).toContainText(
      "replacement_ip=203.0.113.27&replacement_ip=203.0.113.28",
    );
    await confirm(page);
  });

  test("with the shared IPs", async ({ page }) => {
    await dialog.getByRole("radio", { name: "Shared IPs" }).check();
    await expect(dialog.getByRole("region", { name: "Request" })).toContainText("replacement_ip=shared");
    await confirm(page);
  });

  test("with a dedicated pool", async ({ page }) => {
    await dialog.getByRole("radio", { name: "Dedicated pool" }).check();
    await dialog.getByRole("combobox", { name: "Dedicated pool" }).selectOption({ label: "Marketing (2 IPs)" });
    await expect(dialog.getByRole("region", { name: "Request" })).toContainText("replacement_pool_id=");
    await confirm(page);
  });
});

test.describe("domains that are not enrolled", () => {
  test("one is found by expression, previewed and enrolled", async ({ page }) => {
    const grid = await open(page, "domains?tab=not-enrolled");
    const search = page.getByRole("searchbox", { name: "Search by regular expression" });
    await search.fill("^(mail|news");
    await expect(page.getByRole("alert").filter({ hasText: "is not a regular expression" })).toBeVisible();
    await search.fill("^(mail|news|send)\\.");
    await expect(page.getByRole("alert").filter({ hasText: "is not a regular expression" })).toBeHidden();
    await expect.poll(async () => {
      const names = await Promise.all((await rows(grid).all()).map((row) => cell(row, NAME).innerText()));
      return names.length > 0 && names.every((name) => /^(mail|news|send)\./.test(name.trim()));
    }).toBe(true);

    const name = await firstName(grid);
    await page.getByRole("button", { name: `Preview ${name}` }).click();
    const verdict = cell(rows(grid).filter({ hasText: name }), 3);
    await expect(verdict).toHaveText(/good|poor|new/);
    const pool = (await verdict.innerText()).match(/good|poor|new/)![0];
    await page.getByRole("button", { name: `Enroll ${name}` }).click();
    const dialog = page.getByRole("dialog", { name: `Enroll ${name}` });
    await expect(dialog.getByRole("region", { name: "Preview" })).toContainText(
      `A health check now would put it in ${pool}.`,
    );
    await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("messages processed");
    await dialog.getByRole("button", { name: "Enroll", exact: true }).click();
    await expect(page.getByText(`${name} is enrolled`)).toBeVisible();
    await expect(rows(grid).filter({ hasText: name })).toHaveCount(0);
    // Its first pool is what the preview said.
    await page.goto(`domains?q=${name}`);
    await expect(cell(rows(enrolled(page)).first(), POOL)).toContainText(pool);
  });

  test("several are previewed and enrolled; one that fails is listed and doesn't stop the others", async ({
    page,
    context,
  }) => {
    const grid = await open(page, "domains?tab=not-enrolled");
    const names: string[] = [];
    for (const row of (await rows(grid).all()).slice(0, 3)) {
      names.push((await cell(row, NAME).innerText()).trim());
      await row.getByRole("checkbox").check();
    }
    await toolbar(page).getByRole("button", { name: "Preview" }).click();
    for (const name of names) await expect(cell(rows(grid).filter({ hasText: name }), 3)).toHaveText(/good|poor|new/);
    await toolbar(page).getByRole("button", { name: "Enroll" }).click();
    const dialog = page.getByRole("dialog", { name: "Enroll 3 domains" });
    await expect(dialog.getByRole("region", { name: "What will happen" })).toContainText("3 domains join");

    // Somebody else enrolls the second one meanwhile.
    const other = await context.newPage();
    await other.goto(`${page.url()}&match=${names[1]}`);
    await other.getByRole("button", { name: `Enroll ${names[1]}` }).click();
    await other.getByRole("dialog").getByRole("button", { name: "Enroll", exact: true }).click();
    await expect(other.getByText(`${names[1]} is enrolled`)).toBeVisible();
    await expect(dialog.getByRole("region", { name: "What will happen" })).toContainText("1 request would be refused");

    await dialog.getByRole("button", { name: "Enroll 3 domains" }).click();
    await expect(dialog.getByRole("status", { name: "Result" })).toContainText("2 of 3 domains done.");
    await expect(dialog.getByRole("region", { name: "Failures" })).toContainText(names[1]);
    await expect(dialog.getByRole("region", { name: "Failures" })).toContainText("already enrolled");
    await dialog.getByRole("button", { name: "Done" }).click();
    for (const name of names) await expect(rows(grid).filter({ hasText: name })).toHaveCount(0);
  });

  test("all are enrolled by a job that shows how far it is, first without the subaccounts", async ({ page }) => {
    const grid = await open(page, "domains?tab=not-enrolled");
    const all = await count(grid);
    const start = async (withSubaccounts: boolean) => {
      await page.getByRole("button", { name: "Enroll all" }).click();
      const dialog = page.getByRole("dialog", { name: "Enroll all domains" });
      await dialog.getByRole("checkbox", { name: "With the subaccounts' domains" }).setChecked(withSubaccounts);
      await expect(dialog.getByRole("region", { name: "Request" })).toContainText(
        `include_subaccounts=${withSubaccounts}`,
      );
      await dialog.getByRole("button", { name: "Enroll all" }).click();
      const job = page.getByRole("region", { name: "Job" });
      await expect(job.getByRole("progressbar", { name: "Enrolling all domains" })).toBeVisible();
      await expect(job).toBeHidden();
      await expect(page.getByText(/Enrolling all has ended: \d+ domains?/).last()).toBeVisible();
    };
    await start(false);
    await expect.poll(() => count(grid)).toBeLessThan(all);
    await expect(rows(grid).filter({ hasText: "Juniper Post" })).toHaveCount(0);
    await start(true);
    await expect(page.getByText("Every domain is enrolled")).toBeVisible();
  });

  test("without pools it says what is missing and leads there", async ({ page }) => {
    await page.goto("settings");
    await page.getByRole("checkbox", { name: "Start without pools and with no domain enrolled" }).check();
    await page.getByRole("button", { name: "Start this scenario" }).click();
    await expect(page.getByText("Now playing Bought list with 400 domains")).toBeVisible();
    await page.getByRole("link", { name: "Domains", exact: true }).click();
    await expect(page.getByText("the dynamic pools are not set up")).toBeVisible();
    await page.getByRole("tab", { name: "Not enrolled" }).click();
    await expect(page).toHaveURL(/tab=not-enrolled/);
    await expect(page.getByRole("note")).toContainText("The dynamic pools are not set up");
    await expect(page.getByRole("button", { name: "Enroll all" })).toBeDisabled();
    await page.getByRole("link", { name: "Set up the pools" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Pools" })).toBeVisible();
  });
});

test.describe("360 px wide", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  const sideways = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  test("filters unfold, rows are ticked and changed, nothing scrolls sideways", async ({ page }) => {
    const grid = await open(page, "domains");
    await expect(page.getByRole("checkbox", { name: "poor", exact: true })).toBeHidden();
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("checkbox", { name: "poor", exact: true }).check();
    await expect(page).toHaveURL(/pool=poor/);
    await page.getByRole("button", { name: "Account" }).click();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: "Filters" }).click();
    await rows(grid).first().getByRole("checkbox").check();
    await expect(toolbar(page)).toBeVisible();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await toolbar(page).getByRole("button", { name: "Remove" }).click();
    await expect(page.getByRole("dialog").getByRole("checkbox").first()).toBeVisible();
    expect(await sideways(page)).toBeLessThanOrEqual(0);
  });

  test("a domain is enrolled from its row", async ({ page }) => {
    const grid = await open(page, "domains?tab=not-enrolled");
    const name = await firstName(grid);
    await rows(grid).first().getByText(name).click();
    const dialog = page.getByRole("dialog", { name: `Enroll ${name}` });
    await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("A health check now");
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await dialog.getByRole("button", { name: "Enroll", exact: true }).click();
    await expect(page.getByText(`${name} is enrolled`)).toBeVisible();
  });
});
