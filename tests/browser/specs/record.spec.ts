// The record of a live account's changes: kept before each is sent, found again after a reload, gone on with and put back.
import type { Locator, Page } from "@playwright/test";
import { definition, message, pick, rows } from "../console";
import { startConsole } from "../console-server";
import { faults, gate, type Host } from "../fault-host";
import { axeViolations, expect, test } from "../fixture";
import { startLiveHost, stopLiveHost } from "../live-host";
import { allowChanges, connect, connection, enrolled, open, type Domain, type Server } from "../serve";

let live: Server, host: Host;
test.beforeEach(async () => {
  ({ live, host } = await startLiveHost());
});
test.afterEach(() => stopLiveHost({ live, host }));

const record = (page: Page) => page.getByRole("grid", { name: "Record" });
const requests = (page: Page) => page.getByRole("grid", { name: "Requests of the change" });
const todo = (page: Page) => page.getByRole("group", { name: "What to do about this change" });
const puts = () => host.seen.filter(({ method }) => method === "PUT").map(({ url }) => url);
const there = async (name: string) => (await enrolled(live)).find((domain) => domain.name === name)!;

/** Opens the dialog that pins the ticked domains. */
async function pinTicked(page: Page, pool: string): Promise<Locator> {
  await page.getByRole("toolbar", { name: "Selected domains" }).getByRole("button", { name: "Override", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await pick(dialog, pool);
  return dialog;
}

/** Pins the first domain of the list to another pool; the domain as it was. */
async function pinOne(page: Page): Promise<Domain & { to: string }> {
  await open(page, "Domains");
  const row = rows(page.getByRole("grid")).first();
  const before = await there((await row.getByRole("link").first().innerText()).trim());
  const to = before.pool === "dynamic_poor" ? "good" : "poor";
  await row.getByRole("checkbox").check();
  await (await pinTicked(page, to)).getByRole("button", { name: /^Pin/ }).click();
  await expect.poll(async () => (await there(before.name)).pool).toBe(`dynamic_${to}`);
  return { ...before, to };
}

test("a change is in the record, also after a reload, and is put back from there", async ({ page }) => {
  await connect(page, host.base);
  await allowChanges(page);
  const before = await pinOne(page);
  await connect(page, host.base);
  await allowChanges(page);
  await open(page, "Record");
  await expect(rows(record(page))).toHaveCount(1);
  await expect(rows(record(page))).toContainText([new RegExp(`Pin to ${before.to}.*made.*1 of 1 made`, "s")]);
  expect(await axeViolations(page)).toEqual([]);
  await record(page).getByText(`Pin to ${before.to}`).click();
  await expect(rows(requests(page))).toContainText([`PUT /v1/dynamic_pools/domains/${before.name}/override pool=dynamic_${before.to}`]);
  expect(await axeViolations(page)).toEqual([]);
  await todo(page).getByRole("button", { name: "Put back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put back" }).click();
  await expect.poll(async () => (await there(before.name)).pool).toBe(before.pool);
  await expect(definition(page.getByRole("region", { name: `Pin to ${before.to}` }), "Undone by")).not.toBeEmpty();
  await expect(rows(record(page))).toHaveCount(2);
});

test("changes are filtered by domain, kind and outcome, and the filters are in the address", async ({ page }) => {
  await connect(page, host.base);
  await allowChanges(page);
  const { name } = await pinOne(page);
  await open(page, "Record");
  await page.getByRole("combobox", { name: "Kind" }).selectOption("pools");
  await expect(page.getByText("No changes match these filters")).toBeVisible();
  expect(page.url()).toContain("kind=pools");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("searchbox", { name: "Part of a domain name" }).fill(name.slice(1));
  await page.getByRole("combobox", { name: "Outcome" }).selectOption("made");
  await expect(rows(record(page))).toHaveCount(1);
  await page.getByRole("combobox", { name: "Outcome" }).selectOption("unfinished");
  await expect(page.getByText("No changes match these filters")).toBeVisible();
});

test.describe("a bulk that is left in the middle", () => {
  // The browser reports the requests that the reload ends.
  test.use({ mayReport: /Failed to load resource|Failed to fetch|ERR_/ });

  test("asks before it is left, is found after a reload, and goes on without sending twice what was answered", async ({ page }) => {
    const domains = await enrolled(live);
    const meant = domains.filter(({ pool, override }) => !(pool === "dynamic_poor" && override)).length;
    expect(meant).toBeGreaterThan(10);
    await connect(page, host.base);
    await allowChanges(page);
    await open(page, "Domains");
    await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(domains.length + 1));
    await page.getByRole("checkbox", { name: "Select all rows" }).check();
    const dialog = await pinTicked(page, "poor");
    const word = dialog.getByRole("textbox", { name: /to confirm$/ });
    await expect(dialog.getByRole("button", { name: "Pin to poor" })).toBeVisible();
    if (await word.isVisible()) await word.fill(`${meant} domains`);
    // The sixth arrives and is made; its answer is lost with the page.
    const held = gate();
    host.at = async ({ method }) => {
      if (method !== "PUT" || puts().length < 6) return undefined;
      const { url, headers, body } = host.seen[host.seen.length - 1];
      await fetch(live.base + url, { method: "PUT", headers: { authorization: headers.authorization!, "content-type": headers["content-type"]! }, body });
      await held.passes();
      return faults.reset;
    };
    const asked: string[] = [];
    page.on("dialog", async (question) => {
      asked.push(question.type());
      await question.accept();
    });
    await dialog.getByRole("button", { name: "Pin to poor" }).click();
    await expect.poll(() => puts().length).toBe(6);
    await page.reload();
    expect(asked).toEqual(["beforeunload"]);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    held.open();
    host.at = () => undefined;

    await connect(page, host.base);
    const line = page.getByRole("status").filter({ hasText: "was left unfinished" });
    await expect(line).toContainText(`“Pin to poor” was left unfinished: 5 of ${meant} made, 1 unknown, ${meant - 6} not sent.`);
    await allowChanges(page);
    await line.getByRole("link", { name: "Open the record" }).click();
    await record(page).getByText("Pin to poor").click();
    await todo(page).getByRole("button", { name: "Check 1 unknown" }).click();
    await expect(message(page, "Checked 1 request")).toBeVisible();
    await expect(todo(page).getByRole("button", { name: /unknown$/ })).toHaveCount(0);
    await todo(page).getByRole("button", { name: "Go on" }).click();
    const rest = page.getByRole("dialog", { name: "Go on with this change" });
    const restWord = rest.getByRole("textbox", { name: /to confirm$/ });
    await expect(rest.getByRole("button", { name: "Go on" })).toBeVisible();
    if (await restWord.isVisible()) await restWord.fill(`${meant - 6} requests`);
    await rest.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(rows(record(page))).toContainText([new RegExp(`${meant} of ${meant} made`)]);
    await expect(line).toHaveCount(0);
    expect(new Set(puts()).size, "each is sent once").toBe(puts().length);
    expect(puts().length).toBe(meant);
    expect((await enrolled(live)).every(({ pool, override }) => pool === "dynamic_poor" && override)).toBe(true);
  });
});

test("a change that one tab sends is not unfinished in another, which does not send it too", async ({ page, context }) => {
  await connect(page, host.base);
  await allowChanges(page);
  await open(page, "Domains");
  for (const row of [0, 1, 2]) await rows(page.getByRole("grid")).nth(row).getByRole("checkbox").check();
  const held = gate();
  host.at = async ({ method }) => (method === "PUT" ? held.passes().then(() => undefined) : undefined);
  const dialog = await pinTicked(page, "new");
  const pinned = dialog.getByRole("button", { name: /^Pin/ });
  await pinned.click();
  await expect.poll(() => puts().length).toBe(1);

  const other = await context.newPage();
  await connect(other, host.base);
  await allowChanges(other);
  await open(other, "Record");
  await record(other).getByText("Pin to new").click();
  await expect(other.getByRole("status").filter({ hasText: "was left unfinished" })).toHaveCount(0);
  await todo(other).getByRole("button", { name: "Go on" }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
  await expect(other.getByText("Another page is sending this change")).toBeVisible();
  expect(puts()).toHaveLength(1);

  held.open();
  await expect(message(page, "pinned to new")).toBeVisible();
  expect(new Set(puts()).size, "each is sent once").toBe(puts().length);
  // What this tab knew is behind: what the other one made is not sent again.
  const meant = puts().length;
  await other.getByRole("dialog").getByRole("button", { name: "Retry the rest" }).click();
  await expect(other.getByText("More of this change has been made elsewhere")).toBeVisible();
  expect(puts()).toHaveLength(meant);
});

test("the header shows how far an undo of several domains is", async ({ page }) => {
  await connect(page, host.base);
  await allowChanges(page);
  const before = new Map((await enrolled(live)).map(({ name, pool }) => [name, pool]));
  await open(page, "Domains");
  for (const row of [0, 1, 2]) await rows(page.getByRole("grid")).nth(row).getByRole("checkbox").check();
  await (await pinTicked(page, "new")).getByRole("button", { name: /^Pin/ }).click();
  const undo = page.getByRole("button", { name: "Undo" });
  await expect(undo).toBeVisible();
  const held = gate();
  const changes = () => host.seen.filter(({ method }) => method !== "GET" && method !== "POST").length;
  const made = changes();
  host.at = async ({ method }) => (method !== "GET" && changes() === made + 2 ? held.passes().then(() => undefined) : undefined);
  await undo.click();
  const work = page.getByRole("banner").getByRole("link", { name: /^Undoing/ });
  await expect(work).toHaveText(/33 %/);
  held.open();
  await expect(work).toHaveCount(0);
  await expect.poll(async () => (await enrolled(live)).every(({ name, pool }) => before.get(name) === pool)).toBe(true);
});

test.describe("a service that does not answer", () => {
  test.use({ mayReport: /Failed to load resource|ERR_/ });

  test("is counted in seconds, and a request that hangs can be ended", async ({ page }) => {
    await connect(page, host.base);
    host.at = ({ url }) => (url.includes("/dynamic_pools/domains") ? faults.hang : undefined);
    await open(page, "Domains");
    const slow = page.getByRole("group", { name: "Slow request" });
    await expect(slow).toContainText(/No answer yet: waiting \d+ s of at most 30 s/);
    await slow.getByRole("button", { name: "Cancel request" }).click();
    await expect(slow).toHaveCount(0);
  });

  test("is named in the header until it answers again", async ({ page }) => {
    await connect(page, host.base);
    host.at = () => faults.status(502);
    await open(page, "Record");
    await open(page, "Pools");
    await expect(connection(page)).toContainText("not reachable");
    host.at = () => undefined;
    await open(page, "History");
    await expect(connection(page)).not.toContainText("not reachable");
  });
});

test("that changes are allowed is seen whole on a narrow screen", async ({ page }) => {
  await connect(page, host.base);
  await allowChanges(page);
  await page.setViewportSize({ width: 360, height: 740 });
  const badge = connection(page).getByText("changes allowed");
  await expect(badge).toBeInViewport({ ratio: 1 });
  expect(await badge.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});

test("everything stored in this browser is erased once the word is typed", async ({ page }) => {
  await connect(page, host.base);
  await allowChanges(page);
  await pinOne(page);
  const stored = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  expect(await stored()).toContain("poolkeeper-record");
  await open(page, "Settings");
  const erase = page.getByRole("button", { name: "Erase everything stored in this browser" });
  await expect(erase).toBeDisabled();
  await page.getByRole("textbox", { name: "Type erase to confirm" }).fill("erase");
  const opened = page.waitForEvent("load");
  await erase.click();
  await opened;
  await connect(page, host.base);
  await open(page, "Record");
  await expect(page.getByText("No changes yet")).toBeVisible();
});

test("the program keeps the record, and the page shows what it sent and who", async ({ page }) => {
  const program = await startConsole(live.base, "--allow-changes");
  await page.goto(program.link);
  await open(page, "Settings");
  await allowChanges(page);
  const before = await pinOne(page);
  await page.reload();
  await open(page, "Record");
  await expect(rows(record(page))).toContainText([new RegExp(`Pin to ${before.to}.*made.*1 of 1 made`, "s")]);
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).not.toContain("poolkeeper-record");
  program.stop();
});
