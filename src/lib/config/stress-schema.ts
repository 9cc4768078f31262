import { z } from "zod";
import { budgetForm, parseBudget } from "./budget.ts";
import { asked } from "./check-schema.ts";
import { seconds } from "./schema-parts.ts";

// Load, and what an environment must keep under it.

export const budget = z
  .string()
  .transform((written, context) => {
    const parsed = parseBudget(written);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: "custom", message: budgetForm });
    return z.NEVER;
  })
  .describe("What must be kept: p50, p90, p99 and max as times, errors as a number or a part: p99=200ms,errors=0.1%");

/** Requests a second. One machine makes no more with certainty. */
export const rate = z.number().int().positive().max(5_000);

/** Seconds. */
export const duration = seconds.max(3_600);

const { path, method, headers, body, status, host, forwarded_proto } = asked;

const request = z
  .strictObject({
    path: path.unwrap().describe("Path that is requested"),
    weight: z
      .number()
      .int()
      .positive()
      .max(1_000)
      .default(1)
      .describe("How often it is requested, beside the weights of the others"),
    method: method.unwrap().default("GET").describe("Method of the request"),
    headers: headers.unwrap().default({}).describe("Headers of the request"),
    body,
    status: status.unwrap().default(200).describe("Expected status: any other is an error"),
    host,
    forwarded_proto,
  })
  .transform(({ forwarded_proto: forwardedProto, body, host, ...rest }) => ({
    ...rest,
    ...(body !== undefined && { body }),
    ...(host !== undefined && { host }),
    ...(forwardedProto !== undefined && { forwardedProto }),
  }));

export const stress = z
  .strictObject({
    rate: rate.default(50).describe("Requests a second, all hosts together"),
    duration: duration.default(60).describe("Seconds for which they are made"),
    budget: budget
      .prefault("errors=0")
      .describe("What must be kept: p50, p90, p99 and max as times, errors as a number or a part: p99=200ms,errors=0"),
    requests: z
      .array(request)
      .min(1)
      .optional()
      .describe("What is requested; the checks of `smoke` that only look, one as often as the other, where absent"),
  })
  .prefault({})
  .transform(({ duration, ...rest }) => ({ ...rest, durationMs: duration * 1000 }))
  .describe("`threads stress`: what an environment is asked for under load, and what it must keep");
