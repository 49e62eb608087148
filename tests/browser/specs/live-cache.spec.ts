import type { Page } from "@playwright/test";
import { expectCount, go, pick } from "../console";
import { faults, gate, startHost } from "../fault-host";
import { expect, test } from "../fixture";
import { allowChanges, connect, connection, enrolled, KEY, open, serve, type Server } from "../serve";
import { WHAT_IF } from "../texts";

let server: Server;
test.beforeAll(async () => {
  server = await serve("--cors", "--size", "900", "--key", KEY, "--still");
});
test.afterAll(() => server.stop());

/** What the page asks its account, the browser's own questions aside. */
function asked(page: Page) {
  const requests: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(server.base) && request.method() !== "OPTIONS") requests.push(`${request.method()} ${request.url()}`);
  });
  return requests;
}
const grid = (page: Page) => page.getByRole("grid", { name: "Enrolled domains" });
/** Pages of the list; the overview asks for single domains. */
const lists = (requests: string[]) => requests.filter((line) => line.includes("/v1/dynamic_pools/domains?") && line.includes("limit=100"));

test("sorting, filtering and coming back ask nothing; an override costs at most three requests after it", async ({ page }) => {
  const requests = asked(page);
  await connect(page, server.base);
  await allowChanges(page);
  await open(page, "Domains");
  const domains = await enrolled(server);
  await expectCount(grid(page), domains.length);
  await expect(page.getByText(/^As of /)).toBeVisible();
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  const before = lists(requests).length;
  // The first page of the whole, the pages of the pools, and the last page of each walk.
  expect(before).toBeLessThanOrEqual(Math.ceil(domains.length / 100) + 10);

  await page.getByRole("columnheader", { name: "Bounce rate" }).getByRole("button").click();
  await expect(page).toHaveURL(/sort=-bounce_rate/);
  await page.getByRole("checkbox", { name: "poor", exact: true }).check();
  await expectCount(grid(page), domains.filter(({ pool }) => pool === "dynamic_poor").length);
  await page.getByRole("checkbox", { name: "poor", exact: true }).uncheck();
  await go(page, "Overview");
  await open(page, "Domains");
  await expectCount(grid(page), domains.length);
  expect(lists(requests).length).toBe(before);

  const row = grid(page).getByRole("row").nth(1);
  await row.getByRole("checkbox").check();
  await page.getByRole("toolbar", { name: "Selected domains" }).getByRole("button", { name: "Override", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await pick(dialog, "new");
  const pin = dialog.getByRole("button", { name: "Pin to new" });
  await expect(pin).toBeEnabled();
  await pin.click();
  await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
  await expect(row).toContainText("pinned");
  const put = () => requests.findIndex((line) => line.startsWith("PUT "));
  // What follows a change is history since.
  await expect.poll(() => requests.slice(put() + 1).some((line) => line.includes("/v1/dynamic_pools/history?"))).toBe(true);
  await page.getByRole("columnheader", { name: "Domain", exact: true }).getByRole("button").click();
  // The walk through the history for the domains' last moves may still go on: its further pages are not the change's.
  const after = requests.slice(put() + 1).filter((line) => !/history\?.*&page=/.test(line));
  expect(after.length, after.join("\n")).toBeLessThanOrEqual(3);
  expect(lists(after)).toEqual([]);

  await page.getByRole("button", { name: "Refresh" }).click();
  await expect.poll(() => lists(requests).length).toBeGreaterThan(before);
});

test("the palette finds the account's own domains", async ({ page }) => {
  await connect(page, server.base);
  const [{ name }] = (await enrolled(server)).slice(-1);
  await page.getByRole("button", { name: "Search and commands" }).click();
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  await palette.getByRole("combobox", { name: "Page, action or domain" }).fill(name);
  await expect(palette.getByRole("option", { name, exact: true })).toBeVisible();
});

test("a list that is loading says neither that nothing matches nor that all is selected", async ({ page }) => {
  const rest = gate();
  const host = await startHost(server.base, ({ url }) => (url.includes("page=") ? rest.passes() : undefined));
  await connect(page, host.base);
  await open(page, "Domains");
  await expect(page.getByRole("progressbar", { name: "Loading domains" })).toBeVisible();
  await page.getByRole("checkbox", { name: "Select all rows" }).check();
  await expect(page.getByText(/loaded so far selected. Domains that load later are not selected/)).toBeVisible();
  await page.getByRole("searchbox", { name: "Search names" }).fill("nothing-has-this-name");
  await expect(page.getByText("No match among the domains loaded so far")).toBeVisible();
  rest.open();
  await expect(page.getByText("No enrolled domains match")).toBeVisible();
  await host.stop();
});

test.describe("what the key may not read", () => {
  test.use({ mayReport: /Failed to load resource/ });

  test("empties its column with the reason, and holds up neither Pools nor a change", async ({ page }) => {
    const forbidden = ["/v3/ip_pools", "/v3/ip_warmups"];
    const host = await startHost(server.base, ({ url }) =>
      forbidden.some((path) => url.startsWith(path)) ? faults.status(403, "role missing") : undefined);
    await connect(page, host.base);
    await allowChanges(page);
    await open(page, "Pools");
    const missing = page.getByRole("note", { name: "Missing data" });
    await expect(missing).toContainText("Dedicated pools: ");
    await expect(missing).toContainText("Warm-ups: ");
    const free = page.getByRole("button", { name: /^Add .* to a pool$/ }).first();
    await free.click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText(/Not checked: warm-ups/)).toBeVisible();
    await expect(dialog.getByRole("button", { name: /^Add/ }).last()).toBeEnabled();
    await host.stop();
  });
});

test.describe("a dry run that refuses", () => {
  test.use({ mayReport: /Failed to load resource/ });

  test("a change that only the dry run refuses is sent after “send anyway” is typed, and the service decides", async ({ page }) => {
    const requests = asked(page);
    await connect(page, server.base);
    await allowChanges(page);
    await open(page, "Pools");
    await page.getByRole("button", { name: "Remove all pools" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("Refused:")).toBeVisible();
    const remove = dialog.getByRole("button", { name: "Remove all pools" });
    await dialog.getByRole("textbox", { name: "Type remove all pools to confirm" }).fill("remove all pools");
    await expect(remove).toBeDisabled();
    await dialog.getByRole("textbox", { name: "Type send anyway to send it without a dry run" }).fill("send anyway");
    await remove.click();
    // R6: the service refuses it as well.
    await expect(dialog.getByRole("alert")).toBeVisible();
    expect(requests.filter((line) => line.startsWith("DELETE "))).toHaveLength(1);
  });
});

test("a fork goes on when its page is left, shows in the header, and ends with the connection", async ({ page }) => {
  const rest = gate();
  let metrics = 0;
  const host = await startHost(server.base, ({ url }) => (url === "/v1/analytics/metrics" && ++metrics > 2 ? rest.passes() : undefined));
  await connect(page, host.base);
  await page.getByRole("button", { name: "Fork to simulator" }).click();
  const inHeader = page.getByRole("banner").getByRole("link", { name: /Copying the account/ });
  await expect(inHeader).toBeVisible();
  await go(page, "Pools");
  await expect(inHeader).toBeVisible();
  rest.open();
  await expect(page.getByText("Account copied to the simulator")).toBeVisible();
  await expect(inHeader).toHaveCount(0);
  await expect(connection(page)).toHaveText(/^Live/);
  await host.stop();
});

test("What-if of a live account opens on the account's traffic", async ({ page }) => {
  await connect(page, server.base);
  await open(page, "What-if");
  await expect(page.getByRole("radio", { name: "Live account" })).toBeChecked();
  await expect(page.getByRole("region", { name: WHAT_IF.covers })).toContainText("Live account, last 30 days");
});
