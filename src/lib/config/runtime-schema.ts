import { z } from "zod";
import {
  composeFiles,
  envFrom,
  forwardedProto,
  hostHeader,
  type Path,
  seconds,
  timeoutInMs,
  urlPath,
  words,
} from "./schema-parts.ts";

const imageName = z.string().regex(/^[a-zA-Z0-9][^\s${}]*$/, "an image, written out");

const migrations = z
  .strictObject({
    service: z.string().min(1).describe("Service of the release in whose image the commands are"),
    command: words.describe(
      'Prints {"name": …, "kind": "expand" or "contract"} for each migration, without network and database',
    ),
    undo: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Command, as a list of words, that takes back the migrations whose names are put behind it"),
  })
  .optional()
  .describe("What tells the migrations of a release, and whether each expands or contracts: smoke asks for them");

/** How a host changes from one release to another. */
const switching = {
  strategy: z
    .enum(["slots", "recreate"])
    .optional()
    .describe(
      "How a host changes releases: slots runs the new one beside the old and switches, recreate replaces; if not named, slots wherever the compose files allow it",
    ),
  drain: z
    .number()
    .int()
    .min(0)
    .max(600)
    .default(30)
    .describe("Seconds that requests have to end in the slot that no longer serves; what is left is cut off"),
  shared: z
    .array(z.string())
    .default([])
    .describe("Services that both slots share, beside those that are not built here: they run once"),
  per_slot: z
    .array(z.string())
    .default([])
    .describe("Named volumes of which each slot has its own; the others are the same for both"),
  previous: z
    .enum(["stopped", "warm"])
    .default("stopped")
    .describe("How the slot of the release before waits for a rollback: stopped, or warm, which needs its memory"),
};

const edge = z
  .strictObject({
    image: imageName.default("haproxy:3.0").describe("HAProxy 3.0 or newer; pinned when it is published"),
    tcp: z
      .array(z.number().int().min(1).max(65535))
      .default([])
      .describe("Ports inside the containers that it hands on as TCP, since what comes there is not HTTP"),
    proxy_protocol: z
      .boolean()
      .default(false)
      .describe(
        "Whether what stands in front of it says by the PROXY protocol who asks, as a network load balancer may",
      ),
  })
  .prefault({})
  .transform(({ proxy_protocol: proxyProtocol, ...rest }) => ({ ...rest, proxyProtocol }))
  .describe("The proxy that has a host's ports, and sends requests to the slot that serves");

/** The part of threads.yml that says what hosts run, and how they change it. */
export const runtime = (path: Path) =>
  z
    .strictObject({
      compose: composeFiles(path).describe("Compose file, or files, that hosts run; they travel inside the release"),
      migrate: z.string().optional().describe("One-shot service run once per deploy, before the switch"),
      migrations,
      singletons: z.array(z.string()).default([]).describe("Services of which an environment runs exactly one"),
      workers: z
        .array(z.string())
        .optional()
        .describe(
          "Services that take their work from elsewhere: of a release with weights, or one that is gone back to, they run once it has all requests",
        ),
      env_file: z
        .string()
        .regex(/^\/(?:[^/]+\/)*[^/]+$/, "an absolute path")
        .default("/etc/threads/threads.env")
        .describe("The application's environment file on a host"),
      env_from: envFrom
        .optional()
        .describe(
          "Where a host makes that file itself, by its own role, at each deployment: a path of Parameter Store, or secretsmanager: and a secret",
        ),
      port: z.number().int().min(1).max(65535).default(80).describe("Port on which a host answers"),
      health: urlPath
        .default("/healthz")
        .describe("Path that answers 200; an X-Release in the answer must name the release"),
      host: hostHeader
        .optional()
        .describe("Host header of that request, where the application answers to its own name only"),
      forwarded_proto: forwardedProto
        .optional()
        .describe("X-Forwarded-Proto of that request, where the application redirects what did not come by https"),
      timeout: seconds.default(120).describe("Seconds until a host must be healthy"),
      ...switching,
      edge,
    })
    .transform(timeoutInMs)
    .transform(({ per_slot: perSlot, drain, ...rest }) => ({ ...rest, perSlot, drainMs: drain * 1000 }))
    .transform(({ forwarded_proto, ...rest }) => ({
      ...rest,
      ...(forwarded_proto !== undefined && { forwardedProto: forwarded_proto }),
    }))
    .transform(({ env_file: envFile, env_from, ...rest }) => ({
      ...rest,
      envFile,
      ...(env_from !== undefined && { envFrom: env_from }),
    }));
