import { z } from "zod";

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

// That a release is published and no freeze is on goes without saying.
export const gates = z
  .strictObject({
    smoke: z
      .boolean()
      .default(true)
      .describe("The smoke stack has passed on these very digests; promote runs it itself"),
    verified: environmentName
      .optional()
      .describe("Environment in which these digests must have been deployed successfully"),
    soak: z.number().int().nonnegative().default(0).describe("Seconds that they must have run there"),
    scan: scan.optional().describe("Findings of the registry's image scan"),
    branch: z.string().min(1).optional().describe("Branch that must have the commit, or one with the same tree"),
  })
  .transform(({ soak, ...rest }) => ({ ...rest, soakMs: soak * 1000 }));
