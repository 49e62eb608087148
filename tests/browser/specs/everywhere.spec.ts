import type { Page } from "@playwright/test";
import { choose, importCounts, go, ipsOf, message, pick, resize, rows, sideways, startWithoutPools, tabTo, visit } from "../console";
import { axeViolations, expect, test } from "../fixture";
import { handMade } from "../hand-made";
import { DROP_CSV, DOMAIN } from "../texts";

// A host of files alone answers the last with 404, and the app says so.
test.use({ mayReport: /404 \(Not Found\)/ });

const PAGES = [
  "./", "pools", "domains", "domains?tab=not-enrolled", "domains?q=nothing-has-this-name", "domain?name=nowhere.example",
  "history", "history?after=2031-01-01", "changes", "changes?days=90&change=fell", "record", "what-if", "settings", "nowhere",
];

/** Sees each thing that lies over a page, or is on it only sometimes, with its name. */
type Look = (name: string) => Promise<void>;

/** Opens a dialog, waits until it is `ready`, has it seen, and closes it. */
const opening = (page: Page, look: Look) => async (name: string, press: () => Promise<void>, ready = async () => {}) => {
  const dialog = page.getByRole("dialog");
  await press();
  await expect(dialog).toBeVisible();
  await ready();
  await expect(dialog.getByRole("status", { name: "Loading" })).toHaveCount(0);
  await look(name);
  await expect(dialog, `${name}, once it was looked at`).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
};
const press = (page: Page, name: string | RegExp) => () =>
  page.getByRole("main").getByRole("button", { name, exact: typeof name === "string" }).first().click();

/** What lies over the pages, by where it is met; each brings up all of it, one after the other. */
const SURFACES: Record<string, (page: Page, look: Look) => Promise<void>> = {
  "palette, drawer and menus": async (page, look) => {
    const open = opening(page, look);
    const dialog = page.getByRole("dialog");
    await visit(page, "pools");
    await open("the palette", () => page.keyboard.press("Control+k"));
    await open("the palette without results", () => page.keyboard.press("Control+k"), async () => {
      await page.keyboard.type("zzzz");
      await expect(page.getByText("No results")).toBeVisible();
    });
    await open("the drawer", () => page.getByRole("button", { name: "Requests" }).click(), async () => {
      await dialog.getByText("/v3/dynamic_pools").first().click();
      await expect(dialog.getByRole("button", { name: "Copy as cURL" }).first()).toBeVisible();
    });
    await open("the help", () => page.keyboard.press("?"));
    await page.getByRole("button", { name: "Theme" }).click();
    await expect(page.getByRole("menu")).toBeVisible();
    await look("the theme's menu");
    await expect(page.getByRole("menu")).toBeVisible();
  },
  "changes of pools": async (page, look) => {
    const open = opening(page, look);
    await visit(page, "pools");
    await open("replacing all pools", press(page, "Replace all pools"));
    await open("changing a pool", press(page, "Add or remove IPs of good"));
    await open("moving an IP", press(page, /^Move /));
    await open("removing all pools", press(page, "Remove all pools"));
  },
  "changes of domains, and a domain": async (page, look) => {
    const open = opening(page, look);
    const dialog = page.getByRole("dialog");
    await visit(page, "domains?pool=good&override=off");
    const grid = page.getByRole("grid");
    for (const at of [0, 1]) await rows(grid).nth(at).getByRole("checkbox").check();
    await look("ticked rows");
    const tools = page.getByRole("toolbar", { name: "Selected domains" });
    await open("an override", () => tools.getByRole("button", { name: "Override", exact: true }).click(), () =>
      pick(dialog, "poor"));
    await open("removing domains", () => tools.getByRole("button", { name: "Remove" }).click(), () =>
      dialog.getByRole("checkbox").first().waitFor());
    await rows(grid).first().getByRole("link").click();
    await expect(page.getByRole("region", { name: DOMAIN.why })).toBeVisible();
    await look("a domain");
    await open("a preview", press(page, "Preview"));
    await page.getByRole("button", { name: "View as table" }).first().click();
    await look("a chart as a table");
  },
  "enrolment": async (page, look) => {
    const open = opening(page, look);
    await visit(page, "domains?tab=not-enrolled");
    await open("enrolling", () => rows(page.getByRole("grid")).first().click());
    await open("enrolling all", press(page, "Enroll all"));
    await page.getByRole("button", { name: "Export" }).click();
    await expect(page.getByRole("menu")).toBeVisible();
    await look("the export's menu");
    await expect(page.getByRole("menu")).toBeVisible();
  },
  "an import's report, a refused file and a message": async (page, look) => {
    await visit(page, "settings");
    await importCounts(page, DROP_CSV, handMade);
    await expect(page.getByRole("region", { name: "Import report" })).toBeVisible();
    await choose(page, "Open a saved simulator", { name: "x.poolkeeper", mimeType: "", buffer: Buffer.from("x") });
    await expect(page.getByRole("alert").filter({ hasText: "x.poolkeeper can't be opened" })).toBeVisible();
    await look("settings");
  },
  "pages without pools": async (page, look) => {
    await startWithoutPools(page);
    for (const name of ["Overview", "Pools", "Domains", "History"]) {
      await go(page, name);
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await look(name);
    }
  },
};

const NARROW = [[360, 740], [390, 844]] as const;
/** What fails is noted, and the walk goes on. */
const softly = expect.configure({ soft: true });

// Every page and surface is gone to once, on the narrowest screen, and looked at there and on a wide one, in both themes.
test.describe("fits narrow screens, and breaks no rule of accessibility in either theme", () => {
  test.use({ viewport: { width: NARROW[0][0], height: NARROW[0][1] } });

  const look = async (page: Page, name: string) => {
    for (const [width, height] of NARROW) {
      await resize(page, width, height);
      await softly.poll(() => sideways(page), { message: `${name}, ${width} px wide` }).toBeLessThanOrEqual(0);
    }
    await resize(page, 1280, 720);
    softly(await axeViolations(page), name).toEqual([]);
    await resize(page, ...NARROW[0]);
  };

  for (const address of PAGES) {
    test(`page ${address}`, async ({ page }) => {
      await visit(page, address);
      await look(page, address);
    });
  }
  for (const [name, see] of Object.entries(SURFACES)) {
    test(name, async ({ page }) => {
      test.slow();
      await see(page, (name) => look(page, name));
    });
  }

  test("the navigation folds", async ({ page }) => {
    await visit(page, "./");
    const links = page.getByRole("navigation", { name: "Pages" });
    await expect(links).toBeHidden();
    await page.getByRole("button", { name: "Navigation" }).click();
    await links.getByRole("link", { name: "History" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "History" })).toBeVisible();
    await expect(links).toBeHidden();
  });
});

test("main tasks by keyboard alone: from the palette to a pinned, an enrolled and a removed domain", async ({ page }) => {
  const press = (key: string) => page.keyboard.press(key);
  const focused = (target: ReturnType<Page["locator"]>) => expect(target).toBeFocused();
  const dialog = page.getByRole("dialog");
  await visit(page, "./");
  await press("Control+k");
  await expect(dialog).toBeVisible();
  await page.keyboard.type("domains");
  await press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Domains" })).toBeVisible();

  // Search, go down, tick.
  const grid = page.getByRole("grid", { name: "Enrolled domains" });
  await expect(rows(grid).first()).toBeVisible();
  const name = (await rows(grid).first().getByRole("link").innerText()).trim();
  await press("/");
  await focused(page.getByRole("searchbox", { name: "Search names" }));
  await page.keyboard.type(name);
  await expect(page).toHaveURL(/q=/);
  await expect(rows(grid)).toHaveCount(1);
  await press("ArrowDown");
  await focused(grid);
  await press("Space");
  await expect(rows(grid).first()).toHaveAttribute("aria-selected", "true");

  // Pin: the arrow keys choose the pool.
  const tools = page.getByRole("toolbar", { name: "Selected domains" });
  await tabTo(page, tools.getByRole("button", { name: "Override", exact: true }), "Shift+Tab");
  await press("Enter");
  await expect(dialog).toBeVisible();
  await tabTo(page, dialog.getByRole("radio", { name: "good" }));
  await press("ArrowRight");
  await tabTo(page, dialog.getByRole("button", { name: "Pin to poor" }));
  await press("Enter");
  await expect(rows(grid).first()).toContainText("pinned");
  const messages = page.getByRole("status", { name: "Messages" });
  await tabTo(page, messages.getByRole("button", { name: "Undo" }));
  await press("Enter");
  // Back in its pool, where only an override can put it at once (R10).
  await expect(message(page, `${name} is back in good and pinned there`)).toBeVisible();
  await expect(rows(grid).first()).toContainText("good");

  // Remove: a replacement, the name, and out.
  await tabTo(page, tools.getByRole("button", { name: "Remove" }), "Shift+Tab");
  await press("Enter");
  await tabTo(page, dialog.getByRole("radio", { name: "IPs", exact: true }));
  await press("ArrowRight");
  await tabTo(page, dialog.getByRole("textbox", { name: `Type ${name} to confirm` }));
  await page.keyboard.type(name);
  await press("Enter");
  await expect(message(page, `${name} left the dynamic pools`)).toBeVisible();

  // Enroll it again from the other tab.
  await tabTo(page, page.getByRole("tab", { name: "Enrolled", exact: true }), "Shift+Tab");
  await press("ArrowRight");
  await focused(page.getByRole("tab", { name: "Not enrolled" }));
  await expect(page).toHaveURL(/tab=not-enrolled/);
  await press("/");
  await page.keyboard.type(`^${name}$`);
  const others = page.getByRole("grid", { name: "Domains that are not enrolled" });
  await expect(rows(others)).toHaveCount(1);
  await press("ArrowDown");
  await focused(others);
  await press("Enter");
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("A health check now");
  await tabTo(page, dialog.getByRole("button", { name: "Enroll", exact: true }));
  await press("Enter");
  await expect(message(page, `${name} is enrolled`)).toBeVisible();

  // A record of the history opens its domain.
  await press("Control+k");
  await page.keyboard.type("hist");
  await press("Enter");
  const history = page.getByRole("grid", { name: "History" });
  await expect(rows(history).first()).toBeVisible();
  await tabTo(page, history);
  await press("End");
  await press("Home");
  await press("Enter");
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
});

test("main tasks by keyboard alone: an IP to another pool, a scenario, a day", async ({ page }) => {
  const dialog = page.getByRole("dialog");
  await visit(page, "pools");
  const good = page.getByRole("region", { name: /Good reputation/ });
  const warm = good.getByRole("listitem").filter({ hasText: /Warm(?!ing)/ });
  await expect(warm.first()).toBeVisible();
  const [ip] = await ipsOf(warm);
  await tabTo(page, page.getByRole("button", { name: `Move ${ip}`, exact: true }));
  await page.keyboard.press("Enter");
  await tabTo(page, dialog.getByRole("radio", { name: "dynamic_poor" }));
  await page.keyboard.press("ArrowRight");
  await tabTo(page, dialog.getByRole("button", { name: "Move to new" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: /New senders/ })).toContainText(ip);
  // Closed without sending: the focus is where it was.
  const again = page.getByRole("button", { name: `Move ${ip}`, exact: true });
  await tabTo(page, again);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(again).toBeFocused();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("settings");
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("radio", { name: /Bought list/ }));
  await page.keyboard.press("ArrowUp");
  await tabTo(page, page.getByRole("button", { name: "Start this scenario" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("banner").getByText("Simulator · Steady senders")).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("step a day");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Fri 24 Jul 2026")).toBeVisible();
});
