import type { Page } from "@playwright/test";
import { resize, sideways, visit } from "../console";
import { axeViolations, expect, test } from "../fixture";

const closest = (page: Page) => page.getByRole("region", { name: "Closest to moving" });
const held = (page: Page) => page.getByRole("region", { name: "Pools that today’s rates do not explain" });

test("the domains closest to moving say when, how far from usual, and how such a list did; what rates do not explain is listed", async ({
  page,
}) => {
  await visit(page, "");
  const rows = closest(page).getByRole("listitem");
  await expect(rows.first()).toBeVisible();
  const days = [];
  for (const row of await rows.all()) {
    await expect(row).toHaveText(/(at the next check|in \d+ days) to /);
    const text = await row.innerText();
    days.push(/at the next check/.test(text) ? 1 : Number(/in (\d+) days/.exec(text)![1]));
  }
  expect(days).toEqual([...days].sort((a, b) => a - b));
  await expect(closest(page)).toContainText("if each goes on as in its last 2 days");

  // A sentence each, and the domains behind it with what keeps them.
  const groups = held(page).getByRole("group");
  await expect(groups.first()).toContainText(/\d+ of \d+ (poor|good) domains? (breaks?|is|are) /);
  await groups.first().locator("summary").click();
  await expect(groups.first().getByRole("listitem").first()).toHaveText(
    /pinned|too little mail to judge|between the limits|waiting for a check|and \d+ more/,
  );

  for (const [width, height] of [[1280, 800], [1024, 768], [390, 844]] as const) {
    await resize(page, width, height);
    expect(await sideways(page), `${width}`).toBe(0);
    expect(await axeViolations(page), `${width}`).toEqual([]);
  }
});
