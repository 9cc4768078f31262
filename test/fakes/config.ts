import { readFileSync } from "node:fs";
import type { z } from "zod";
import type { CheckConfig, Config, EnvironmentConfig, GatesConfig } from "../../src/lib/config/config.ts";
import { schemaFor } from "../../src/lib/config/schema.ts";

const root = "/repository";
const schema = schemaFor(root);

/** What a threads.yml may say. */
type File = z.input<typeof schema>;

/** A threads.yml of this application in which everything that may be left out is. */
const least: File = {
  app: "threads",
  services: ["web", "celery", "celery-beat", "nginx"],
  test: { compose: "test.yml", service: "web-test" },
  smoke: {
    compose: "smoke.yml",
    env: { template: ".env.example" },
    entry: { service: "nginx", port: 8080 },
  },
  checks: [{ path: "/healthz" }],
  runtime: { compose: "compose.yml" },
  environments: {},
};

/** The text of the annotated threads.yml of this repository. */
export const example = readFileSync(new URL("../../threads.yml", import.meta.url), "utf8");

/** The same with every key in force: what looks like a key or an item of a list behind a `#` is one. */
export const uncommented = example.replaceAll(/^( *)# ( *(?:- |[a-z_]+:(?: |$)).*)$/gm, "$1$2");

/** What the program sees of that least file with other `keys` in it: the schema fills in the rest, so that a new key touches no fixture. */
export function aConfig(keys: Partial<File> = {}): Config {
  return { ...schema.parse({ ...least, ...keys }), root, file: `${root}/threads.yml` };
}

/** One environment as the file has it. */
export function anEnvironment(name: string, entry: File["environments"][string] = {}): EnvironmentConfig {
  const environment = aConfig({ environments: { [name]: entry } }).environments[name];
  if (environment === undefined) throw new Error(`${name} was not parsed`);
  return environment;
}

/** The environment with other gates, in the words of the program. */
export function withGates(environment: EnvironmentConfig, gates: Partial<GatesConfig>): EnvironmentConfig {
  return { ...environment, gates: { ...environment.gates, ...gates } };
}

/** One check as the file has it. */
export function aCheck(entry: File["checks"][number]): CheckConfig {
  const [check] = aConfig({ checks: [entry] }).checks;
  if (check === undefined) throw new Error(`${JSON.stringify(entry)} was not parsed`);
  return check;
}
