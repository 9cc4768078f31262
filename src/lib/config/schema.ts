import { z } from "zod";

// One file is checked once: to compile the checks costs more than they save.
z.config({ jitless: true });

// Each key is explained once, here: the JSON Schema for editors is made from this file, and threads.yml at the
// root of this repository is its annotated example.

const path = z.string().min(1);
const seconds = z.number().int().positive();
const environmentName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "lower-case letters, digits and dashes");
const urlPath = z.string().startsWith("/", "a path begins with /");

const check = z.strictObject({
  path: urlPath.describe("Path requested through the entry service"),
  status: z.number().int().min(100).max(599).default(200).describe("Expected status"),
  contains: z.string().optional().describe("Text that the body must contain"),
  release: z.boolean().default(true).describe("The X-Release header must name the release under test"),
  assets: z.boolean().default(false).describe("Fetch every stylesheet, script and image that the page names"),
});

const test = z.strictObject({
  compose: path.describe("Compose file of the test stack"),
  service: z.string().describe("Service whose exit code is the verdict"),
  timeout: seconds.default(1200).describe("Seconds until the suites are given up"),
});

const smoke = z.strictObject({
  compose: path.describe("Compose file of the smoke stack; also builds the images"),
  env: z.strictObject({
    template: path.describe("File with every key of the environment file"),
    generate: z.array(z.string()).default([]).describe("Keys that get a fresh random value in each run"),
  }),
  entry: z
    .strictObject({ service: z.string(), port: z.number().int().min(1).max(65535) })
    .describe("The service that answers HTTP, and its port inside the container"),
  checks: z.array(check).min(1),
  timeout: seconds.default(180).describe("Seconds until the stack must be healthy"),
});

const runtime = z.strictObject({
  compose: path.describe("Compose file that hosts run; it travels inside the release"),
  migrate: z.string().optional().describe("One-shot service run once per deploy, before the switch"),
  singletons: z.array(z.string()).default([]).describe("Services of which an environment runs exactly one"),
  env_file: path.default("/etc/threads/threads.env").describe("The application's environment file on a host"),
  port: z.number().int().min(1).max(65535).default(80).describe("Port on which a host answers"),
  health: urlPath.default("/healthz").describe("Path that answers 200 with X-Release"),
  timeout: seconds.default(120).describe("Seconds until a host must be healthy"),
});

const allowedFinding = z.strictObject({
  id: z.string().min(1).describe("The finding as the scan names it: CVE-2026-1234"),
  until: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD")
    .describe("Last day on which it is accepted, in UTC"),
  reason: z.string().min(1).describe("Why it does no harm here"),
});

const gates = z.strictObject({
  smoke: z.boolean().default(true).describe("The smoke stack has passed on these very digests; promote runs it itself"),
  verified: environmentName
    .optional()
    .describe("Environment in which these digests must have been deployed successfully"),
  soak: z.number().int().nonnegative().default(0).describe("Seconds that they must have run there"),
  scan: z
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
    .optional()
    .describe("Findings of the registry's image scan"),
  branch: z.string().min(1).optional().describe("Branch that must have the commit, or one with the same tree"),
});

const environment = z.strictObject({
  hosts: z
    .strictObject({
      tag: z
        .string()
        .regex(/^[^=]+=[^=]+$/, "key=value")
        .describe("SSM tag of the environment's hosts, key=value"),
      minimum: z.number().int().positive().default(1).describe("Fewer hosts than this is a refusal"),
    })
    .optional(),
  gates: gates
    .optional()
    .describe("What a release must have shown. An environment with gates, even {}, takes promoted releases only"),
  timeout: seconds.default(900).describe("Seconds that one deployment may take"),
});

export const schema = z.strictObject({
  app: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,30}$/, "lower-case letters, digits and dashes")
    .describe("Name of the application: compose project, ledger path, local image prefix"),
  region: z.string().optional().describe("AWS region; AWS_REGION where absent"),
  account: z
    .string()
    .regex(/^\d{12}$/, "twelve digits, quoted")
    .optional()
    .describe("AWS account; every writing command compares it with the credentials first"),
  services: z
    .array(z.string().regex(/^[a-z][a-z0-9-]*$/))
    .min(1)
    .describe("The images of a release"),
  registry: z
    .strictObject({
      repository: z.string().optional().describe("Where images live; the variable ECR_REPO comes first"),
      bundle: z
        .string()
        .default("bundle")
        .describe("Name of the release bundles, beside the services: their repository, or part of their tags"),
    })
    .prefault({}),
  test,
  smoke,
  runtime,
  environments: z.record(environmentName, environment),
});

export type ThreadsYaml = z.infer<typeof schema>;
