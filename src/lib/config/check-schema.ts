import { z } from "zod";
import { count } from "../text/words.ts";
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

/** The certificate by which an address is spoken to. */
const shown = {
  tls: z
    .union(
      [z.literal(true), hostHeader],
      "true, which is the environment's url, or a host that shows a certificate: www.example.com, www.example.com:8443",
    )
    .optional()
    .describe(
      "Whose certificate must be good: true is the environment's url, else a host, and its port where that is not 443",
    ),
  days: z
    .number()
    .int()
    .nonnegative()
    .max(398)
    .optional()
    .describe("Days for which the certificate must still be good (14)"),
};

const contains = z.string().optional().describe("Text that the body, or what the command prints, must contain");

const whatFor = z.enum(["smoke", "verify", "warm-up"]);
export type CheckPurpose = z.output<typeof whatFor>;

const ofAll = {
  within: z
    .number()
    .int()
    .nonnegative()
    .max(3600)
    .default(0)
    .describe("Seconds in which it may come true: until then it is tried again"),
  for: z
    .array(whatFor)
    .min(1)
    .optional()
    .describe(
      "Where it applies: smoke (and that of promote), verify, warm-up (what a new slot is asked before it serves); where absent, all that is possible",
    ),
};

const kinds = {
  request: { ...asked, contains },
  command: { ...ran, contains },
  certificate: shown,
} as const;
type Kind = keyof typeof kinds;

const entry = z.strictObject({ ...asked, ...ran, ...shown, contains, ...ofAll });
type Entry = z.output<typeof entry>;

/** One check: a request, a command, or a certificate. */
export const check = entry.superRefine(ofOneKind).transform((written) => {
  const { contains, within } = written;
  const kind = kindOf(written);
  const common = {
    withinMs: within * 1000,
    for: [...new Set(written.for ?? possible(kind, written))],
    ...(contains !== undefined && { contains }),
  };
  if (kind === "certificate") return { ...common, ...certificate(written) };
  return kind === "command" ? { ...common, ...command(written) } : { ...common, ...request(written) };
});

function kindOf({ command, tls }: Pick<Entry, "command" | "tls">): Kind {
  if (tls !== undefined) return "certificate";
  return command === undefined ? "request" : "command";
}

/** What only looks. */
const looking = new Set<Entry["method"]>([undefined, "GET", "HEAD", "OPTIONS"]);

/** A stack that is thrown away is asked for all; of an application that people use, what only looks. */
function possible(kind: Kind, { method }: Pick<Entry, "method">): CheckPurpose[] {
  if (kind === "command") return ["smoke"];
  if (kind === "certificate") return ["verify"];
  return looking.has(method) ? ["smoke", "verify", "warm-up"] : ["smoke"];
}

const only: Readonly<Record<Kind, string>> = {
  request: "hosts that people use are asked for what only looks: GET, HEAD, OPTIONS",
  command: "a command runs in the stack of smoke alone",
  certificate: "a certificate is looked at by verify alone",
};

const required: Readonly<Record<Kind, readonly [keyof Entry, string]>> = {
  request: ["path", "is required, or a command and its service, or tls"],
  command: ["service", "is required: in whose container the command runs"],
  certificate: ["tls", "is required"],
};

function ofOneKind(written: Entry, context: z.RefinementCtx): void {
  const kind = kindOf(written);
  const wrong = (key: keyof Entry, message: string): void => context.addIssue({ code: "custom", path: [key], message });
  const known = Object.keys({ ...kinds[kind], ...ofAll });
  const foreign = Object.keys(entry.shape).filter(
    (key) => !known.includes(key) && written[key as keyof Entry] !== undefined,
  ) as (keyof Entry)[];
  for (const key of foreign) wrong(key, foreignWords(key, kind));
  if (foreign.length > 0) return;
  const [needed, message] = required[kind];
  if (written[needed] === undefined) wrong(needed, message);
  const can = possible(kind, written);
  if (written.for?.some((one) => !can.includes(one)) === true) wrong("for", only[kind]);
}

function foreignWords(key: keyof Entry, kind: Kind): string {
  if (key in ran && kind === "request") return "is of a command: which one?";
  if (key in shown && kind !== "certificate") return "is of a certificate: whose (tls)?";
  return `is of a ${key in ran ? "command" : "request"}, not of a ${kind}`;
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

const httpsPort = 443;

function certificate({ tls = true, days = 14 }: Entry) {
  const whose = tls === true ? undefined : hostAndPort(tls);
  return {
    kind: "certificate" as const,
    /** What results and records call it: the days come first, since records cut what is long. */
    path: `tls (${count(days, "day")})${whose === undefined ? "" : ` ${whose.host}:${whose.port}`}`,
    /** Undefined for the environment's url. */
    whose,
    days,
    status: 0,
  };
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const [host = "", port = httpsPort] = text.split(":");
  return { host, port: Number(port) };
}
