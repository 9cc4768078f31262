import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, Config } from "@oclif/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireBuild } from "./built.ts";
import { type Ended, openProject, type Project } from "./project.ts";

requireBuild();

// Every command that asks AWS, in its own process: what wires it, what it prints with --json (the runner holds that to the
// published schema), and whom it asks.

const root = fileURLToPath(new URL("../..", import.meta.url));
let project: Project;
beforeAll(async () => {
  project = await openProject();
});
afterAll(() => project[Symbol.asyncDispose]());

interface Case {
  /** After `threads`; releases by their names in the project. */
  readonly line: string;
  readonly code?: number;
  /** Whom this line asks besides whom its class is sure to ask. */
  readonly besides?: readonly string[];
  /** Done before it, so that it leans on no other case. */
  readonly before?: () => unknown;
  readonly after?: () => unknown;
}

/** Each does its work, or finds out what it was asked. */
const done: readonly Case[] = [
  { line: "publish" },
  { line: "gates <newest> -e prod", code: 3 },
  { line: "promote <newest> -e prod --dry-run", code: 3 },
  { line: "promote <verified> -e prod --dry-run" },
  { line: "promote <verified> -e prod" },
  { line: "deploy -e staging <newest> --dry-run" },
  { line: "rollback -e prod" },
  { line: "status -e staging" },
  { line: "exec -e staging web -- ls -l", besides: ["sts"] },
  // Its host answers, but not as this application does.
  { line: "verify -e staging", code: 5 },
  { line: "verify -e prod --dry-run" },
  { line: "exec -e staging --dry-run web -- ls -l" },
  { line: "logs -e staging web --since 10m" },
  { line: "logs -e prod --deployment 2", before: () => project.logOf(2, ["== switch", "done"]) },
  { line: "history -e prod" },
  { line: "history -e staging --all" },
  { line: "metrics -e prod --since 30d" },
  { line: "board", besides: ["ecr", "sts"] },
  { line: "report" },
  { line: "history -e prod --compact --dry-run" },
  { line: "freeze -e dev --reason outage --dry-run" },
  { line: "freeze -e dev --reason outage" },
  { line: "freeze -e staging --lift", before: () => project.ledger.freeze("staging", freeze) },
  { line: "lock -e prod" },
  { line: "lock -e staging --break 7 --force", before: () => takeLease("staging") },
  // The registry has nothing of what prod runs.
  { line: "doctor", code: 3 },
  { line: "smoke --dry-run" },
  { line: "config" },
  { line: "history -e prod 1" },
  { line: "history -e prod --all" },
  { line: "explain TAG_CONFLICT" },
];

const freeze = { reason: "a test", by: { user: "ada", host: "laptop" }, at: "2026-11-22T10:00:00.000Z" };

/** As whoever deploys takes it. */
const takeLease = (environment: string): Promise<unknown> =>
  project.ledger.takeLease(
    environment,
    { kind: "deploy", number: 7, revision: "a".repeat(40), by: freeze.by },
    ({ state }) => state === "dead",
  );

/** Each is refused, or told to be wrong, before anything is changed. */
const refused: readonly (Case & { readonly error: string })[] = [
  {
    line: "publish --dry-run",
    error: "DIRTY_TREE",
    code: 3,
    before: () => project.repository.write("new.txt", "not committed"),
    after: () => rmSync(join(project.repository.root, "new.txt")),
  },
  { line: "gates -e nowhere", error: "UNKNOWN_ENVIRONMENT", code: 2 },
  { line: "promote <newest> -e prod", error: "GATES_SHUT", code: 3 },
  { line: "deploy -e prod <newest>", error: "NOT_PROMOTED", code: 3 },
  { line: "deploy -e staging <newest> --without staging-9", error: "UNKNOWN_HOST", code: 2 },
  { line: "deploy -e staging <newest> --lift-hold no", error: "USAGE", code: 2 },
  { line: "rollback -e staging", error: "NOTHING_TO_ROLL_BACK", code: 3 },
  { line: "status -e dev", error: "ENVIRONMENT_WITHOUT_HOSTS", code: 3 },
  { line: "stress -e prod --dry-run", error: "NO_URL", code: 3 },
  { line: "stress -e staging --rate fast", error: "USAGE", code: 2 },
  { line: "stress -e staging --budget p98=1s", error: "USAGE", code: 2 },
  { line: "stress -e dev", error: "ENVIRONMENT_WITHOUT_HOSTS", code: 3 },
  { line: "history -e nowhere", error: "UNKNOWN_ENVIRONMENT", code: 2 },
  { line: "freeze -e prod", error: "NO_REASON", code: 2 },
  { line: "lock -e dev", error: "ENVIRONMENT_WITHOUT_HOSTS", code: 3 },
  { line: "lock -e staging --force", error: "USAGE", code: 2 },
  { line: "lock -e staging --break 7", error: "LEASE_ALIVE", code: 4, before: () => takeLease("staging") },
  { line: "deploy -e staging <newest>", error: "DEPLOYMENT_UNDER_WAY", code: 4, before: () => takeLease("staging") },
  { line: "exec -e staging wbe -- ls -l", error: "UNKNOWN_SERVICE", code: 2 },
  { line: "exec -e prod --host prod-9 web -- ls", error: "UNKNOWN_HOST", code: 2 },
  { line: "logs -e staging wbe", error: "UNKNOWN_SERVICE", code: 2 },
  { line: "logs -e prod --deployment 9", error: "NO_LOG", code: 3 },
  { line: "logs -e prod --grep a(", error: "USAGE", code: 2 },
  { line: "doctor -e nowhere", error: "UNKNOWN_ENVIRONMENT", code: 2 },
];

async function run({ line, before, after }: Case): Promise<Ended> {
  await before?.();
  const { verified, newest } = project;
  const words = line.replace("<verified>", verified.release.revision).replace("<newest>", newest.release.revision);
  const ended = await project.threads(...words.split(" "));
  await after?.();
  return ended;
}

/** What its class says that it is sure to ask: its connections open before it is loaded. */
async function announced(id: string): Promise<readonly string[]> {
  const file = join(root, "src/commands", `${id}.ts`);
  const { default: Announcing } = (await import(file)) as {
    default: new (argv: string[], config: Config) => Command & { readonly asks: readonly string[] };
  };
  return new Announcing([], await Config.load({ root })).asks.toSorted();
}

describe("a command that asks AWS", () => {
  it.each(done)("threads $line", async (one) => {
    const { code, asked, stderr } = await run(one);
    expect({ code, stderr }).toEqual({ code: one.code ?? 0, stderr: expect.any(String) });
    const sure = await announced(one.line.split(" ")[0] ?? "");
    expect(asked).toEqual([...sure, ...(one.besides ?? [])].toSorted());
  });

  it("tells with --quiet nothing but its result, and with --verbose how ECR_REPO was read", async () => {
    const line = ["gates", project.verified.release.revision, "-e", "prod"];
    const usual = await project.threads(...line);
    const quiet = await project.threads(...line, "--quiet");
    const verbose = await project.threads(...line, "--verbose");
    expect(usual.stderr).toContain("Looked at the gates");
    expect(usual.stderr).not.toContain("ECR_REPO:");
    expect({ stderr: quiet.stderr, json: quiet.json }).toEqual({ stderr: "", json: usual.json });
    expect(verbose.stderr).toContain("ECR_REPO: registry 127.0.0.1");
  });

  it.each(refused)("threads $line ends with $error", async (one) => {
    const { code, json, stderr } = await run(one);
    expect({ code, stderr, json }).toMatchObject({ code: one.code, json: { code: one.error } });
  });
});
