import { z } from "zod";
import { dayMinutes, isZone, weekdays } from "../clock/wall-clock.ts";
import { signature } from "./signature-schema.ts";
import { budget, duration, rate } from "./stress-schema.ts";

// What an environment asks of a release, a key a gate.

export const environmentName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "lower-case letters, digits and dashes");

const allowedFinding = z.strictObject({
  id: z.string().min(1).describe("The finding as the scan names it: CVE-2026-1234"),
  until: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD")
    .describe("Last day on which it is accepted, in UTC"),
  reason: z.string().min(1).describe("Why it does no harm here"),
});

const scan = z
  .strictObject({
    block: z
      .array(z.enum(["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"]))
      .min(1)
      .default(["CRITICAL"])
      .describe("Severities of the registry's image scan that stand in the way"),
    allow: z.array(allowedFinding).default([]).describe("Findings that are accepted, each for a time"),
    wait: z
      .number()
      .int()
      .nonnegative()
      .default(300)
      .describe("Seconds that promote waits for a scan that has not ended; 0 = not at all"),
  })
  .transform(({ wait, ...rest }) => ({ ...rest, waitMs: wait * 1000 }));

const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, "a time as HH:MM, quoted")
  .transform((text) => {
    const [hours = 0, minutes = 0] = text.split(":").map(Number);
    return hours * 60 + minutes;
  });

const zone = z.string().refine(isZone, "a time zone as Europe/Berlin, or UTC");

const calendarName = z
  .string()
  .regex(
    /^(?:arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:document\/)?[\w.-]{3,128}$/,
    "the name of a change calendar of Systems Manager, or its ARN",
  );

const hours = z
  .strictObject({
    zone: zone.default("UTC").describe("Time zone of the hours, as IANA names it: Europe/Berlin"),
    open: z
      .array(
        z
          .strictObject({
            days: z
              .array(z.enum(weekdays))
              .min(1)
              .default([...weekdays])
              .describe("Days on which it opens"),
            from: timeOfDay.default(0).describe("When it opens, by the clocks of the zone; 00:00 where absent"),
            to: timeOfDay.default(dayMinutes).describe("When it shuts; on the next day where that is earlier"),
          })
          .refine(({ from, to }) => from !== to, "a window that is as long as the day leaves both times out"),
      )
      .min(1)
      .optional()
      .describe("The times at which it is open, one or several; any where absent, and `calendars` says"),
    calendars: z
      .array(calendarName)
      .min(1)
      .optional()
      .describe("Change calendars of Systems Manager, by name or ARN, all of which must be open as well"),
  })
  .refine(({ open, calendars }) => (open ?? calendars) !== undefined, "a window needs `open`, `calendars`, or both");
type Hours = z.output<typeof hours>;

/** What a policy adds to a window is another one: no file says that. */
type Window = Hours & { readonly and?: Window };
const window = hours.transform((own): Window => own);

const approvals = z
  .strictObject({
    count: z.number().int().positive().default(1).describe("How many must have approved it"),
    by: z
      .array(z.string().regex(/^(?:user|sso|role)\/[\w+=,.@-]{1,128}$/, "user/NAME, sso/NAME or role/NAME"))
      .min(1)
      .optional()
      .describe(
        "Who may, by the word of AWS: IAM users, people of IAM Identity Center, IAM roles; whoever may write it where absent",
      ),
    not_author: z.boolean().default(true).describe("Whoever wrote the commit, and whoever promotes it, does not count"),
  })
  .refine(({ count, by }) => by === undefined || new Set(by).size >= count, "more are asked for than `by` names")
  .transform(({ not_author, ...rest }) => ({ ...rest, notAuthor: not_author }));

const stress = z
  .strictObject({
    environment: environmentName.describe("Environment in which they must have been under load"),
    budget: budget.prefault("errors=0").describe("What they must have kept there: p99=200ms,errors=0"),
    rate: rate.optional().describe("Requests a second, at least"),
    duration: duration.optional().describe("Seconds, at least"),
  })
  .transform(({ duration, ...rest }) => ({ ...rest, ...(duration !== undefined && { durationMs: duration * 1000 }) }));

const rehearsed = z
  .strictObject({
    budget: budget.prefault("errors=0").describe("What requests must have kept meanwhile: errors=0"),
    lock: z
      .number()
      .positive()
      .max(3_600)
      .default(1)
      .describe("Seconds for which a migration may have held a lock that keeps others from a table"),
  })
  .transform(({ budget: limits, lock }) => ({ budget: limits, lockMs: lock * 1000 }));

/** A check as evidence has it. */
const named = z.strictObject({ path: z.string().min(1), status: z.number().int().nonnegative() });
export type NamedCheck = z.output<typeof named>;

// That a release is published and no freeze is on goes without saying.
const written = z.strictObject({
  smoke: z.boolean().default(true).describe("The smoke stack has passed on these very digests; promote runs it itself"),
  verified: environmentName
    .optional()
    .describe("Environment in which these digests must have been deployed successfully"),
  soak: z.number().int().nonnegative().default(0).describe("Seconds that they must have run there"),
  verify: environmentName
    .optional()
    .describe("Environment whose hosts must all have answered every check with these digests"),
  stress: stress.optional().describe("What these digests must have kept under load, in another environment"),
  rehearsed: rehearsed
    .optional()
    .describe("Their deployment over what the environment runs, and the way back, were rehearsed in a sandbox"),
  scan: scan.optional().describe("Findings of the registry's image scan"),
  signature: signature.optional().describe("Who must have signed every image of the release, and its bundle"),
  maturity: z.number().int().positive().optional().describe("Seconds since it was published, by the registry's clock"),
  window: window.optional().describe("Days and hours at which the environment takes releases"),
  checks: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("Checks of GitHub, by name, that must have passed on the commit"),
  approvals: approvals.optional().describe("People who must have approved these very digests for this environment"),
  branch: z.string().min(1).optional().describe("Branch that must have the commit, or one with the same tree"),
});

/** Gates as they are judged: times in milliseconds, and the checks by which evidence is measured. */
interface Judged {
  readonly soakMs: number;
  readonly maturityMs?: number;
  /** What a smoke test must have shown, and the verification of `verify`; undefined where nobody has said. */
  readonly smokeChecks?: readonly NamedCheck[];
  readonly verifyChecks?: readonly NamedCheck[];
}

function judged<Written extends { readonly soak: number; readonly maturity?: number | undefined }>({
  soak,
  maturity,
  ...rest
}: Written): Omit<Written, "soak" | "maturity"> & Judged {
  return { ...rest, soakMs: soak * 1000, ...(maturity !== undefined && { maturityMs: maturity * 1000 }) };
}

export const gates = written.transform(judged);

/**
 * As a policy has them: with the checks that threads.yml had when it was pushed. One that does not know these keys takes the policy for
 * unreadable, and lets nothing pass.
 */
export const pushedGates = written
  .extend({ smoke_checks: z.array(named).optional(), verify_checks: z.array(named).optional() })
  .transform(({ smoke_checks, verify_checks, ...rest }) => ({
    ...judged(rest),
    ...(smoke_checks !== undefined && { smokeChecks: smoke_checks }),
    ...(verify_checks !== undefined && { verifyChecks: verify_checks }),
  }));
