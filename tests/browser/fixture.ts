import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export { expect };

// A page that is left while its parts are still on their way: nobody misses them then.
const LEFT_EARLY = /Response body loading was aborted/;

/** Milliseconds from which a timer of the page is a pause for a person, and how much longer it then is. */
const PAUSE_MS = 5_000;
const LONGER = 10;

// Every test also fails when the page reports an error or panics, save for the browser's own reports of requests that
// a test makes fail: it names them.
export const test = base.extend<{ quiet: void; mayReport: RegExp | null }>({
  mayReport: [null, { option: true }],
  quiet: [
    async ({ context, page, mayReport }, use) => {
      // A message goes away by itself after some seconds, and a request is given up: on a busy machine that would be before the
      // test has read it, or before a server has answered. Tests of time itself stop the page's clock, which knows no such change.
      await context.addInitScript(([pause, longer]) => {
        const set = window.setTimeout;
        const slow = (work: TimerHandler, ms = 0, ...rest: unknown[]) => set(work, ms < pause ? ms : ms * longer, ...rest);
        window.setTimeout = slow as typeof set;
      }, [PAUSE_MS, LONGER] as const);
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        const isExpected = LEFT_EARLY.test(message.text()) || mayReport?.test(message.text());
        if (message.type() === "error" && !isExpected) {
          errors.push(`${message.text()} ${message.location().url}`);
        }
      });
      await use();
      expect(errors, "errors in the page's console").toEqual([]);
    },
    { auto: true },
  ],
});

/**
 * The rules of WCAG 2.2 AA and axe's best practices that the page breaks in either theme, each with where. A theme is colours
 * alone, so in the dark one only those are looked at again.
 */
export async function axeViolations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === "dark" ? axe.withRules(["color-contrast", "link-in-text-block"]) : axe).analyze();
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map((node) => `${colorScheme}: ${id}: ${node.target.join(" ")}`)));
  }
  return found;
}
