// Words of the app that several tests look for: where one is reworded, it changes here alone. A test that is about a sentence
// has it itself; what a sentence says in full is tested where it is made, in Rust.

/** Where a file of daily counts is dropped. */
export const DROP_CSV = "Drop a CSV of daily counts here";

/** Regions of the What-if page, by their headings. */
export const WHAT_IF = {
  covers: "Traffic coverage",
  policies: "Policies",
  findings: "Summary",
  crossing: "Where domains end: A vs B",
  sides: "Totals",
  byDay: "Bands by day",
  affected: "Affected domains",
  capacity: "Load per IP",
  map: "Threshold map",
  domain: "One domain: A vs B",
  thresholds: "Estimate Mailgun's thresholds",
} as const;

/** Sections of a domain's page. */
export const DOMAIN = {
  why: "Why it is in this pool",
  changes: "What would change it",
  history: "History",
} as const;

/** What a change's dialog is made of. */
export const DIALOG = { happens: "What will change", request: "Request", notSent: "Not sent", failures: "Failures", result: "Result" } as const;

/** What the page says when something went wrong. */
export const SAID = {
  noAnswer: "No answer from the address",
  brokeOff: "The answer broke off",
  notFromTheApi: "The answer is not from the API",
  tooLarge: "The answer is larger than 16 MB and was cut off",
  serviceFailed: "The service failed",
  lookFirst: "check first whether it was made",
  listIsCut: "This list is incomplete",
  askedToWait: "the service asked for a pause (429)",
} as const;

/** A part of the text above, for a regular expression. */
export const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
