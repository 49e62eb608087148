import type { Page } from "@playwright/test";
import { openLab, workers } from "../asker";
import { expect, test } from "../fixture";

// What the lab costs in its worker: from the question posted to the answer read, so with messages and all.
const POLICIES = 10_000;
const SIZES = [[10_000, 90], [100_000, 90], [10_000, 365]] as const;

// Questions before the clock starts, so many and for so long: meanwhile V8 replaces what it compiled in haste by what it
// compiles well.
const WARM_UP = { tries: 10, ms: 1_000 };

/** Milliseconds of each of so many questions, one after another; each differs from the last. */
const times = (page: Page, kind: string, tries: number) => page.evaluate(async ([kind, tries, warmUp]) => {
  const { lab } = window;
  lab.asker.be_silent();
  const all: number[] = [];
  const warm = performance.now() + warmUp.ms;
  for (let variant = 1; variant <= warmUp.tries || performance.now() < warm; variant++) await lab.ask(0, kind, tries + variant);
  for (let variant = 1; variant <= tries; variant++) {
    const began = performance.now();
    await lab.ask(0, kind, variant);
    all.push(performance.now() - began);
  }
  return all.sort((a, b) => a - b);
}, [kind, tries, WARM_UP] as const);

const median = (sorted: number[]) => sorted[Math.floor(sorted.length / 2)];

const line = (cells: (string | number)[]) => console.log(`  | ${cells.join(" | ")} |`);
/** As the native benchmarks print theirs: `cargo xtask bench` puts all rows into one table. */
function print(what: string, [domains, days]: readonly [number, number], workers: number, sorted: number[], policies = 1) {
  const best = sorted[0];
  const ns = (best * 1e6) / (domains * days);
  line(["Chromium", what, domains, days, policies, workers, median(sorted).toFixed(1), best.toFixed(1), ns.toFixed(2), ((ns / policies) * 1e3).toFixed(2)]);
}

/** Milliseconds from a newer question, asked in the middle of a long one, to its answer. */
const instead = (page: Page, older: string, newer: string, tries: number) => page.evaluate(async ([older, newer, tries]) => {
  const { lab } = window;
  lab.asker.be_silent();
  const all: number[] = [];
  for (let variant = 1; variant <= tries; variant++) {
    void lab.ask(0, older, 1_000 + variant);
    await lab.next(0, "progress");
    const began = performance.now();
    await lab.ask(0, newer, variant);
    all.push(performance.now() - began);
  }
  return all.sort((a, b) => a - b);
}, [older, newer, tries] as const);

async function scalar(page: Page) {
  await page.addInitScript(() => (WebAssembly.validate = () => false));
}

test("the machine", async ({ page }) => {
  await openLab(page, 100);
  line(["where", "what", "domains", "days", "policies", "threads", "median ms", "best ms", "ns/domain-day", "ps/policy-domain-day"]);
  const bandwidth = (await page.evaluate(() => window.lab.readBandwidth())).toFixed(1);
  line(["Chromium", `one thread reads ${bandwidth} GB/s`, ...Array<string>(8).fill("")]);
});

for (const size of SIZES) {
  test(`backtest and sweep, ${size[0]} × ${size[1]}`, async ({ page }) => {
    await openLab(page, size[0], size[1], 1);
    print("backtest (aim: 3 ns at 100,000 × 90)", size, 1, await times(page, "backtest", 30));
    print("compare, the same A (aim: 16.7 ms)", size, 1, await times(page, "compare", 30));
    print("sweep (aims: 20 ms, 200 ms)", size, 1, await times(page, "sweep", 30), POLICIES);
    print("sweep, another window each time", size, 1, await times(page, "sweep, another window", 10), POLICIES);
  });
  test(`sweep in two workers, ${size[0]} × ${size[1]}`, async ({ page }) => {
    await openLab(page, size[0], size[1], 2);
    print("sweep (aims: 12 ms, 110 ms)", size, 2, await times(page, "sweep", 30), POLICIES);
    expect(workers(page)).toHaveLength(3);
  });
}

test("without vectors", async ({ page }) => {
  await scalar(page);
  const size = [10_000, 90] as const;
  await openLab(page, ...size, 1);
  print("backtest, scalar", size, 1, await times(page, "backtest", 30));
  print("sweep, scalar (aim: 4 times as much)", size, 1, await times(page, "sweep", 30), POLICIES);
  expect(workers(page)[0]).toContain("scalar");
});

test("by bits, and in plain JavaScript", async ({ page }) => {
  const size = [10_000, 90] as const;
  await openLab(page, ...size, 1);
  const fast = median(await times(page, "sweep", 30));
  const byBits = await page.evaluate(() => [...window.lab.asker.by_bits(() => performance.now(), 4)]);
  print("one bit a policy, in the page (aim: 600 ms)", size, 1, byBits, POLICIES);
  print("one bit a policy, flaps and back to new", size, 1, await times(page, "sweep by bits", 3), POLICIES);
  const late = await instead(page, "sweep by bits", "sweep", 15);
  print(`sweep instead of that: ${(median(late) - fast).toFixed(0)} ms more (aim: 50)`, size, 1, late, POLICIES);
  const naive = await page.evaluate(async (days) => {
    const { asker } = window.lab;
    const worker = new Worker("lab-test/naive.js");
    const columns = [0, 1, 2, 3].map((which) => asker.column(which));
    const answer = new Promise<{ ms: number; agrees: boolean }>((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
    worker.postMessage({ columns, days, policies: asker.policies(), planes: asker.planes() });
    return answer.finally(() => worker.terminate());
  }, size[1]);
  expect(naive.agrees, "the plain loop counts what the lab counts").toBe(true);
  print(`plain JavaScript: ${(naive.ms / fast).toFixed(0)} × (aim: 500)`, size, 1, [naive.ms], POLICIES);
});
