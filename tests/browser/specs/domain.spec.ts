import { expect, test } from "../fixture";

test.beforeEach(async ({ page }) => {
  await page.goto("history?to=dynamic_good");
  await page.getByRole("grid", { name: "History" }).getByRole("row").nth(1).getByRole("link").click();
  await expect(page.getByRole("region", { name: "Why it is where it is" })).toBeVisible();
});

test("a domain's page says why it is where it is and what would change it", async ({ page }) => {
  const why = page.getByRole("region", { name: "Why it is where it is" });
  await expect(why.getByRole("region", { name: "bounce rate" })).toContainText(/\d bounces? in [\d,]+ sent/);
  await expect(why.getByRole("region", { name: "complaint rate" })).toContainText(/in [\d,]+ delivered/);
  await expect(page.getByRole("region", { name: "What would change it" }).getByRole("listitem").first()).toBeVisible();
  await expect(page.getByRole("region", { name: "History" }).getByRole("listitem").last()).toContainText("Enrolled");
});

test("a name the account does not have is answered with the way to the list", async ({ page }) => {
  await page.goto("domain?name=nowhere.example");
  await expect(page.getByText("There is no domain “nowhere.example” in this account")).toBeVisible();
  await page.getByRole("link", { name: "All domains" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Domains" })).toBeVisible();
});
