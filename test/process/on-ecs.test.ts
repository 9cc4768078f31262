import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandsFromSource } from "../fakes/commands.ts";
import { requireBuild } from "./built.ts";

requireBuild();

const root = fileURLToPath(new URL("../..", import.meta.url));
const threadsYml = `app: shop
services: [web]
smoke: { compose: compose.yml, entry: { service: web, port: 80 } }
checks: [{ path: / }]
runtime: { compose: compose.yml }
environments:
  staging: { hosts: { tag: env=staging } }
  cloud:
    gates: {}
    ecs:
      cluster: shop
      subnets: [subnet-0a]
      security_groups: [sg-0a]
      execution_role: arn:aws:iam::123456789012:role/shop-execution
`;

/** What of an environment is the same wherever it runs; each has tests of its own. */
const same = [
  "approve",
  "board",
  "converge",
  "deploy",
  "doctor",
  "ecs render",
  "freeze",
  "gates",
  "history",
  "lock",
  "logs",
  "metrics",
  "open",
  "policy iam",
  "policy push",
  "policy show",
  "promote",
  "reject",
  "rollback",
  "status",
  "verify",
];
/** What else must stand in a line for it to be understood. */
const others: Readonly<Record<string, readonly string[]>> = { exec: ["web", "--", "true"] };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-on-ecs-"));
  writeFileSync(join(folder, "threads.yml"), threadsYml);
});
afterAll(() => rmSync(folder, { recursive: true }));

const verbs = (await commandsFromSource(root))
  .filter(({ flags }) => flags["environment"] !== undefined)
  .map(({ id }) => id.replaceAll(":", " "))
  .toSorted();

it("is asked of every command that takes an environment", () => {
  expect(verbs.filter((verb) => !same.includes(verb))).toEqual(Object.keys(refused));
  expect(same.filter((verb) => !verbs.includes(verb))).toEqual([]);
});

const refused: Readonly<Record<string, readonly [why: string, next: string]>> = {
  exec: ["no host is there that could be sent a command", "aws ecs run-task --cluster shop --task-definition "],
  rehearse: ["no throw-away environment is made of it", "threads ecs render -e cloud --diff"],
  stress: ["no host tells what its containers take under load", "threads status -e cloud"],
};

it.each(Object.entries(refused))(
  "threads %s says why it can do nothing on ECS, and what does",
  (verb, [why, first]) => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [`${root}/bin/run.js`, ...verb.split(" "), "-e", "cloud", "--json", ...(others[verb] ?? [])],
      // Nobody is asked: there is no AWS here.
      { cwd: folder, encoding: "utf8", env: { PATH: process.env["PATH"], HOME: folder, AWS_REGION: "eu-west-1" } },
    );
    const error = JSON.parse(stdout) as { code: string; message: string; next: string[] };
    expect({ status, code: error.code }).toEqual({ status: 3, code: "NOT_ON_ECS" });
    expect(error.message).toContain(`cloud runs on ECS, where \`threads ${verb}\` can do nothing: ${why}`);
    expect(error.next[0]).toContain(first);
    expect(error.next.at(-1)).toMatch(new RegExp(`^threads ${verb} .*-e staging|^threads ${verb} -e staging`));
  },
);
