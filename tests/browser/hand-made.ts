import { csvFile } from "./console";

// Thirteen days of six domains, worked out by hand from the rules under the default policy: a window of 7 days, 1,000
// processed, bounces good at most 5 % and poor from 10 % of sent (delivered + bounced), complaints good at most 0.1 % and
// poor from 0.3 % of delivered, with at least 3 complaints.
const DAYS = 13;
type Counts = [processed: number, delivered: number, bounced: number, complained: number];
const fine: Counts = [1000, 1000, 0, 0];

const DOMAINS: [name: string, account: string, on: (day: number) => Counts][] = [
  // Good at its first check.
  ["calm.example", "North", () => fine],
  // 20 % bounced: poor at its first check.
  ["bounces.example", "North", () => [1000, 800, 200, 0]],
  // 700 messages a window: no verdict, stays new.
  ["small.example", "South", () => [100, 100, 0, 0]],
  // Good on day 1. Day 6: 600 of 6,000 sent, exactly 10 %: poor. Held at 8.6 % until day 6 leaves the window: good on day 13.
  ["falls.example", "South", (day) => (day === 6 ? [1000, 400, 600, 0] : fine)],
  // Days 1 and 2 at 0.2 %: held, new. Day 3: 9 of 3,000, exactly 0.3 %: poor. Day 8: 7 of 7,000, exactly 0.1 %: good.
  ["complains.example", "=HYPERLINK(1)", (day) => [1000, 1000, 0, [2, 2, 5][day - 1] ?? 0]],
  // Day 1: 2 of 500 are 0.4 %, but fewer than 3: held, new. Day 4: 2 of 2,000, exactly 0.1 %: good.
  ["two.example", "@two", (day) => [1000, 500, 0, day === 1 ? 2 : 0]],
];

export const handMade = csvFile(
  "hand-made.csv",
  "date,account,domain,processed,delivered,bounced,complained",
  ...DOMAINS.flatMap(([name, account, on]) =>
    Array.from({ length: DAYS }, (_, at) =>
      [`2026-03-${String(at + 1).padStart(2, "0")}`, account, name, ...on(at + 1)].join(","),
    ),
  ),
);

/** Every change of band, oldest first: the day whose check made it, and what it says of the reason. */
export const MOVES: [day: number, domain: string, from: string, to: string, reason: string][] = [
  [1, "calm.example", "new", "good", "Multiple metrics in good threshold"],
  [1, "bounces.example", "new", "poor", "bounce_rate in poor threshold"],
  [1, "falls.example", "new", "good", "Multiple metrics in good threshold"],
  [3, "complains.example", "new", "poor", "complaint_rate in poor threshold"],
  [4, "two.example", "new", "good", "Multiple metrics in good threshold"],
  [6, "falls.example", "good", "poor", "bounce_rate in poor threshold"],
  [8, "complains.example", "poor", "good", "Multiple metrics in good threshold"],
  [13, "falls.example", "poor", "good", "Multiple metrics in good threshold"],
];

/** How many domains each pool has after the last day. */
export const ENDS = { good: 4, poor: 1, new: 1 };
