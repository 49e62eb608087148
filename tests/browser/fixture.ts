import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export { expect };

// Every test also fails when the page reports an error or panics, save for the browser's own reports of requests that
// a test makes fail: it names them.
export const test = base.extend<{ quiet: void; mayReport: RegExp | null }>({
  mayReport: [null, { option: true }],
  quiet: [
    async ({ page, mayReport }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && !mayReport?.test(message.text())) {
          errors.push(`${message.text()} ${message.location().url}`);
        }
      });
      await use();
      expect(errors, "errors in the page's console").toEqual([]);
    },
    { auto: true },
  ],
});

/** The rules of WCAG 2.2 AA and axe's best practices that the page breaks, each with where. */
export async function axeViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}`));
}
