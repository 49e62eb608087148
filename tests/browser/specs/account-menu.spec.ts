// The menu in the header: which account is looked at, and on behalf of which subaccount.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { startProgram } from "../console-server";
import { type Host } from "../fault-host";
import { axeViolations, expect, test } from "../fixture";
import { startLiveHost, stopLiveHost } from "../live-host";
import { connect, connection, open, type Server } from "../serve";

type Listed = { subaccounts: { id: string; name: string; status: string }[] };

let live: Server, host: Host;
test.beforeEach(async () => {
  ({ live, host } = await startLiveHost());
});
test.afterEach(() => stopLiveHost({ live, host }));

const choices = (page: Page, group: string) => page.getByRole("menu", { name: "Switch account" }).getByRole("group", { name: group });
const choose = async (page: Page, group: string, name: string) => {
  await page.getByRole("button", { name: "Switch account" }).click();
  await choices(page, group).getByRole("menuitemradio", { name, exact: true }).click();
};
const behalf = () => host.seen[host.seen.length - 1].headers["x-mailgun-on-behalf-of"];

test("the account menu acts for a subaccount, and for the account itself again, read-only each time", async ({ page }) => {
  const { subaccounts } = await live.ask<Listed>("/v5/accounts/subaccounts?limit=100");
  const openOnes = subaccounts.filter(({ status }) => status === "open").sort((one, other) => (one.name < other.name ? -1 : 1));
  await connect(page, host.base);
  await page.getByRole("button", { name: "Switch account" }).click();
  await expect(choices(page, "On behalf of").getByRole("menuitemradio")).toHaveText(["The account itself", ...openOnes.map(({ name }) => name)]);
  await expect(choices(page, "On behalf of").getByRole("menuitemradio", { name: "The account itself" })).toBeChecked();
  expect(await axeViolations(page)).toEqual([]);
  await page.keyboard.press("Escape");

  await choose(page, "On behalf of", openOnes[0].name);
  await expect(connection(page)).toHaveText(new RegExp(`^Live · .* · for ${openOnes[0].id} · read-only$`));
  await open(page, "Pools");
  await expect.poll(behalf).toBe(openOnes[0].id);
  await page.getByRole("button", { name: "Switch account" }).click();
  await expect(choices(page, "On behalf of").getByRole("menuitemradio", { name: openOnes[0].name })).toBeChecked();
  await page.keyboard.press("Escape");

  await choose(page, "On behalf of", "The account itself");
  await expect(connection(page)).not.toContainText(" · for ");
  await open(page, "Domains");
  await expect.poll(behalf).toBeUndefined();
});

test("the account menu switches between the accounts of the program and the simulator", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "poolkeeper-"));
  const file = join(folder, "poolkeeper.toml");
  const account = (name: string, more = "") => `[[account]]\nname = "${name}"\nurl = "${host.base}"\n${more}\n`;
  writeFileSync(file, account("shop") + account("news", "allow_on_behalf_of = false"), { mode: 0o600 });
  const program = await startProgram("--accounts", file);
  await page.goto(program.link);
  await expect(connection(page)).toHaveText("Live · shop · read-only");
  await page.getByRole("button", { name: "Switch account" }).click();
  await expect(choices(page, "Accounts").getByRole("menuitemradio")).toHaveText(["shop", "news", "Simulator"]);
  await page.keyboard.press("Escape");
  await choose(page, "Accounts", "news");
  await expect(connection(page)).toHaveText("Live · news · read-only");
  await page.getByRole("button", { name: "Switch account" }).click();
  await expect(choices(page, "Accounts").getByRole("menuitemradio", { name: "news" })).toBeChecked();
  await expect(choices(page, "On behalf of"), "the file forbids it").toHaveCount(0);
  await page.keyboard.press("Escape");
  await choose(page, "Accounts", "Simulator");
  await expect(connection(page)).not.toContainText("Live");
  program.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the account menu is not there on a simulator alone", async ({ page }) => {
  await page.goto("pools");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("button", { name: "Switch account" })).toHaveCount(0);
});
