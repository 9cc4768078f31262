import { z } from "zod";
import { forwardedProto, hostHeader, urlPath, words } from "./schema-parts.ts";

/** A value at the end of a path into JSON. */
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], "a text, a number, true, false or null");
const headers = z
  .record(z.string(), z.string())
  .refine(
    (all) => Object.keys(all).every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)),
    "names of headers, a text each",
  );

/** A request through the entry. */
export const asked = {
  path: urlPath.optional().describe("Path requested through the entry service"),
  method: z
    .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    .optional()
    .describe("Method of the request (GET)"),
  headers: headers.optional().describe("Headers of the request"),
  body: z
    .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())], "a text, or what becomes JSON")
    .optional()
    .describe("Body of the request: a text, or keys and lists that are sent as JSON"),
  status: z.number().int().min(100).max(599).optional().describe("Expected status (200)"),
  location: z.string().min(1).optional().describe("Where the answer must redirect to, as its Location says"),
  json: z
    .record(z.string().min(1), scalar)
    .optional()
    .describe("Values that the body must have as JSON, by their paths: items.0.name"),
  release: z
    .union([z.boolean(), z.literal("auto")])
    .optional()
    .describe(
      "X-Release names the release under test: true must, auto (where none is given) where it is sent, false is not looked at",
    ),
  host: hostHeader
    .optional()
    .describe("Host header of the request, where the application answers to its own name only"),
  forwarded_proto: forwardedProto
    .optional()
    .describe("X-Forwarded-Proto of the request, where the application redirects what did not come by https"),
  assets: z
    .boolean()
    .optional()
    .describe("Fetch all that a browser would for the page: stylesheets and what they name, scripts, images, fonts"),
  hashed: z
    .union([z.boolean(), z.literal("auto")])
    .optional()
    .describe(
      "Stylesheets and scripts of `assets` have a hash in their names: true must, auto (where none is given) where browsers are told to keep them for a year, false is not looked at",
    ),
};

/** A command in a container. */
const ran = {
  command: words
    .optional()
    .describe(
      "What runs in a service of the stack instead of a request, and must end with 0: a line for a shell, or a list of words",
    ),
  service: z.string().min(1).optional().describe("The service in whose container the command runs"),
};

const both = {
  contains: z.string().optional().describe("Text that the body, or what the command prints, must contain"),
  within: z
    .number()
    .int()
    .nonnegative()
    .max(3600)
    .default(0)
    .describe("Seconds in which it may come true: until then it is tried again"),
};

const entry = z.strictObject({ ...asked, ...ran, ...both });
type Entry = z.output<typeof entry>;

/** One check: a request, or a command. */
export const check = entry.superRefine(ofOneKind).transform((written) => {
  const { contains, within } = written;
  const common = { withinMs: within * 1000, ...(contains !== undefined && { contains }) };
  return written.command === undefined ? { ...common, ...request(written) } : { ...common, ...command(written) };
});

function ofOneKind(written: Entry, context: z.RefinementCtx): void {
  const isCommand = written.command !== undefined;
  const given = (key: string): boolean => written[key as keyof Entry] !== undefined;
  const foreign = Object.keys(isCommand ? asked : ran).filter(given);
  for (const key of foreign)
    context.addIssue({
      code: "custom",
      path: [key],
      message: isCommand ? "is of a request, not of a command" : "is of a command: which one?",
    });
  if (foreign.length > 0) return;
  if (isCommand && written.service === undefined)
    context.addIssue({
      code: "custom",
      path: ["service"],
      message: "is required: in whose container the command runs",
    });
  if (!isCommand && written.path === undefined)
    context.addIssue({ code: "custom", path: ["path"], message: "is required, or a command and its service" });
}

function request(written: Entry) {
  const { path = "/", method = "GET", headers = {}, body, status = 200, location, json = {} } = written;
  const { release = "auto" as const, host, forwarded_proto, assets = false, hashed = "auto" as const } = written;
  return {
    kind: "request" as const,
    path,
    method,
    headers,
    status,
    json,
    release,
    assets,
    hashed,
    ...(body !== undefined && { body }),
    ...(location !== undefined && { location }),
    ...(host !== undefined && { host }),
    ...(forwarded_proto !== undefined && { forwardedProto: forwarded_proto }),
  };
}

function command({ command: line = [], service = "" }: Entry) {
  const list = typeof line === "string" ? ["sh", "-c", line] : line;
  const shown = typeof line === "string" ? line : line.join(" ");
  return {
    kind: "command" as const,
    /** What results and records call it. */
    path: `${service}: ${shown}`,
    service,
    command: list,
    /** Its exit code. */
    status: 0,
  };
}
