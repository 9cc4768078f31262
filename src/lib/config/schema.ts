import { z } from "zod";
import { environmentName, gates } from "./gates-schema.ts";
import { check } from "./check-schema.ts";
import { ecs } from "./ecs-schema.ts";
import { runtime } from "./runtime-schema.ts";
import { signing } from "./signature-schema.ts";
import { stress } from "./stress-schema.ts";
import {
  composeFiles,
  envFrom,
  inFolder,
  once,
  type Path,
  seconds,
  share,
  timeoutInMs,
  weights,
  words,
} from "./schema-parts.ts";

// Each key is said once, here: the type Config and the JSON Schema for editors are made from this file, and threads.yml
// at the root of this repository is its annotated example. What people write is parsed once, here too: the program has
// absolute paths, and milliseconds in keys that end in Ms.

const address = z.string().regex(/^https?:\/\/[^\s/]\S*$/, "an address that begins with http:// or https://");

const test = (path: Path) =>
  z
    .strictObject({
      compose: composeFiles(path).describe(
        "Compose file of the test stack, or several, as docker compose -f merges them",
      ),
      service: z.string().min(1).describe("Service whose exit code is the verdict"),
      command: words
        .optional()
        .describe(
          "What runs the suites there, for a shell or as a list of words; the service's own command where absent",
        ),
      reports: z
        .string()
        .regex(/^\/./, "an absolute path in the container")
        .optional()
        .describe("Folder of the suites' container in which they leave files: JUnit's, coverage's"),
      timeout: seconds.default(1200).describe("Seconds until the suites are given up"),
    })
    .transform(timeoutInMs);

const smoke = (path: Path) =>
  z
    .strictObject({
      compose: composeFiles(path).describe("Compose file, or files, of the smoke stack; also builds the images"),
      env: z
        .strictObject({
          template: path.describe("File with every key of the environment file"),
          generate: z.array(z.string()).default([]).describe("Keys that get a fresh random value in each run"),
        })
        .optional()
        .describe("The application's environment in the smoke stack; none where absent"),
      entry: z
        .strictObject({ service: z.string().min(1), port: z.number().int().min(1).max(65535) })
        .describe("The service that answers HTTP, and its port inside the container"),
      timeout: seconds.default(180).describe("Seconds until the stack must be healthy"),
    })
    .transform(timeoutInMs);

const hosts = z
  .strictObject({
    tag: z
      .string()
      .regex(/^[^=]+=[^=]+$/, "key=value")
      .describe("SSM tag of the environment's hosts, key=value"),
    minimum: z.number().int().positive().default(1).describe("Fewer hosts than this is a refusal"),
    documents: z
      .boolean()
      .optional()
      .describe(
        "Whether hosts take orders by SSM documents of the application's own, which `threads doctor --fix` makes, and not by AWS-RunShellScript, a root shell",
      ),
    log_group: z
      .string()
      .regex(/^[.\-_/#A-Za-z0-9]{1,512}$/, "a name of a log group: letters, digits and . - _ / #")
      .optional()
      .describe(
        "Log group of CloudWatch Logs into which hosts write their whole log of each deployment, while it goes on; their role has to let them",
      ),
  })
  .transform(({ tag: pair, log_group: logGroup, ...others }) => {
    const [tag = "", value = ""] = pair.split("=");
    return { tag, value, ...others, ...(logGroup === undefined ? {} : { logGroup }) };
  });

const environment = z
  .strictObject({
    hosts: hosts.optional().describe("EC2 instances on which the environment runs"),
    ecs: ecs.optional().describe("ECS cluster on which it runs instead of hosts of its own"),
    url: address
      .optional()
      .describe("Where people reach it: for `threads open`, and by which verify asks an environment on ECS"),
    env_from: envFrom.optional().describe("The same as runtime.env_from, and before that, for this environment alone"),
    gates: gates
      .optional()
      .describe("What a release must have shown. An environment with gates, even {}, takes promoted releases only"),
    observe: z
      .number()
      .int()
      .nonnegative()
      .default(0)
      .describe("Seconds for which the first host is watched before a deployment goes on to the next; 0 = not at all"),
    batch: share.default({ hosts: 1 }).describe("Hosts that are switched at once after the first: 3, or 25%"),
    max_unavailable: share
      .optional()
      .describe("Of those at most so many as answer nobody meanwhile: hosts without slots; 3, or 25%"),
    weights: weights
      .optional()
      .describe(
        "Parts of a hundred requests that a new release gets step by step on every host in slots: [5, 25, 100]",
      ),
    timeout: seconds.default(900).describe("Seconds that one deployment may take"),
  })
  .transform(timeoutInMs)
  .transform(({ env_from, observe, max_unavailable, ...entry }) => ({
    ...entry,
    observeMs: observe * 1000,
    ...(max_unavailable !== undefined && { maxUnavailable: max_unavailable }),
    ...(env_from !== undefined && { envFrom: env_from }),
    requiresPromotion: entry.gates !== undefined,
    gates: entry.gates ?? gates.parse({}, once),
  }));

const environments = z
  .record(environmentName, environment)
  .transform((all) => Object.fromEntries(Object.entries(all).map(([name, entry]) => [name, { ...entry, name }])));

const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and _, as a shell names variables");
const variable = z
  .union([z.string(), z.number(), z.boolean()], "a text, a number, true or false")
  .transform(String)
  .refine((value) => !/['\n\r]|\\$/.test(value), "quotes and line ends need a file");

const sandbox = (path: Path) =>
  z.strictObject({
    env: z
      .union([path, z.record(variableName, variable)], "a path, or keys with one-line values without quotes")
      .optional()
      .describe(
        "The application's environment file on the sandbox's hosts, as a file or as keys; ${NAME} is what the sandbox knows",
      ),
    services: z
      .array(z.enum(["postgres", "redis"]))
      .default([])
      .describe("What runs beside the hosts, for the application to use"),
  });

const github = z.strictObject({
  deployments: z
    .boolean()
    .default(false)
    .describe(
      "Tell GitHub's Deployments API of each deployment and rollback, from a job (which is then `deployment: false`) and from a laptop",
    ),
});

/** The schema of threads.yml. @param root folder that relative paths start from */
export const schemaFor = (root: string) => {
  const path = inFolder(root);
  return z.strictObject({
    app: z
      .string()
      .regex(/^[a-z](?:[_-]?[a-z0-9]){1,30}$/, "lower-case letters and digits, with single - or _ between them")
      .describe("Name of the application: compose project, ledger path, local image prefix"),
    region: z.string().optional().describe("AWS region; AWS_REGION where absent"),
    account: z
      .string()
      .regex(/^\d{12}$/, "twelve digits, quoted")
      .optional()
      .describe("AWS account; every writing command compares it with the credentials first"),
    services: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, "lower-case letters and digits, with single . _ or - between them"),
      )
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
    signing: signing.prefault({}).describe("How `threads publish --sign` signs, through cosign"),
    test: test(path).optional().describe("Suites for `threads test`"),
    checks: z
      .array(check)
      .min(1)
      .describe(
        "What must hold wherever the application runs: requests and what they answer, commands and how they end, certificates",
      ),
    smoke: smoke(path).describe("`threads smoke`: the images are built, run as a stack and checked from outside"),
    runtime: runtime(path).describe("What hosts run"),
    stress,
    github: github
      .prefault({})
      .describe("What GitHub is told, with GH_TOKEN, GITHUB_TOKEN or what gh is signed in with"),
    environments: environments.describe("Where releases go, by name; one with neither hosts nor ecs only has images"),
    sandbox: sandbox(path).prefault({}).describe("What `threads sandbox up` gives the application on this machine"),
  });
};
