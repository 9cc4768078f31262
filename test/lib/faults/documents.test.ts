import { ListCommandsCommand, SendCommandCommand, UpdateDocumentCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctor } from "../../../src/lib/actions/doctor/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import type { Role } from "../../../src/lib/iam/role.ts";
import { openDoctor } from "../../../src/lib/wire/doctor.ts";
import { openStatus } from "../../../src/lib/wire/status.ts";
import { deployTo, promoteToProd, roleCommands } from "./role-commands.ts";
import { type CommandWorld, type RoleWorld, roleWorld } from "./role-world.ts";

/** Every environment with hosts takes orders by documents. */
function withDocuments(config: Config): Config {
  const environments = Object.entries(config.environments).map(([name, one]) => [
    name,
    one.hosts === undefined ? one : { ...one, hosts: { ...one.hosts, documents: true } },
  ]);
  return { ...config, environments: Object.fromEntries(environments) as Config["environments"] };
}

const fix = (commands: CommandWorld, dryRun = false) =>
  doctor({ environment: undefined, fix: { dryRun } }, openDoctor(commands));
const documentsIn = ({ checks }: Awaited<ReturnType<typeof fix>>) =>
  checks.filter(({ check }) => check === "documents").map(({ state, says }) => `${state}: ${says}`);

let world: RoleWorld;
const seen: Record<string, unknown> = {};
beforeAll(async () => {
  world = await roleWorld(async ({ heads, admin }) => {
    for (const [key, isPlan] of [
      ["without", false],
      ["planned without", true],
    ] as const)
      seen[key] = await admin((...how) =>
        deployTo("staging", heads[0].revision, ...how, isPlan).then(
          () => "deployed",
          (error: unknown) => error,
        ),
      );
    seen["planned"] = await admin((_, commands) => fix(commands, true));
    seen["fixed"] = await admin((_, commands) => fix(commands));
    seen["again"] = await admin((_, commands) => fix(commands));
    for (const { revision } of heads) await admin((...how) => deployTo("staging", revision, ...how));
    for (const { revision } of heads.slice(0, 2)) {
      await admin((...how) => promoteToProd(revision, ...how));
      await admin((...how) => deployTo("prod", revision, ...how));
    }
  }, withDocuments);
});
afterAll(() => world[Symbol.asyncDispose]());

const deployer = (): Role => {
  const found = world.roles.find(({ job, environment }) => job === "deployer" && environment === "prod");
  if (found === undefined) throw new Error("there is no deployer");
  return found;
};
const asDeployer = (run: Parameters<RoleWorld["as"]>[2]) => world.as(deployer(), deployer().permissions, run);

test("doctor says what it would make, makes it, and has nothing to make then", async () => {
  const missing = ["deploy", "status"].map((one) =>
    expect.stringMatching(new RegExp(`threads-threads-staging-${one} alone, and there is none$`)),
  );
  for (const key of ["without", "planned without"])
    expect(seen[key]).toMatchObject({
      code: "HOST_DOCUMENT",
      exitCode: 3,
      details: missing,
      next: ["threads doctor -e staging --fix"],
    });
  const [planned, fixed, again] = ["planned", "fixed", "again"].map(
    (key) => seen[key] as Awaited<ReturnType<typeof fix>>,
  );
  const names = ["staging", "prod"].flatMap((environment) =>
    ["deploy", "status", "step", "ask", "stats", "logs", "deploymentLog", "readOut", "exec"].map(
      (one) => `threads-threads-${environment}-${one}`,
    ),
  );
  expect(planned?.fixed.map(({ document, did, done }) => [document, did, done])).toEqual(
    names.map((name) => [name, "created", false]),
  );
  expect(documentsIn(planned!)).toEqual([
    expect.stringMatching(/^fail: 9 of 9/),
    expect.stringMatching(/^fail: 9 of 9/),
  ]);
  expect(fixed?.fixed.map(({ document, done }) => [document, done])).toEqual(names.map((name) => [name, true]));
  expect(documentsIn(fixed!)).toEqual([expect.stringMatching(/^ok: 9 documents/), expect.stringMatching(/^ok: 9/)]);
  expect(again?.fixed).toEqual([]);
});

test.each(roleCommands.filter(({ job }) => job === "deployer"))(
  "a deployer without a shell: $line",
  async (command) => {
    await world.restore();
    await command.prepare?.(world);
    const { error, warnings, used } = await asDeployer((process, commands) => command.run(process, commands, world));
    expect(error).toBeUndefined();
    expect(warnings.filter((text) => text.includes("denies access"))).toEqual([]);
    expect(used.filter((one) => one.includes("AWS-RunShellScript"))).toEqual([]);
  },
);

test("whoever deploys can send no script of their own, and write none into a document", async () => {
  expect(JSON.stringify(deployer().permissions)).not.toContain("AWS-RunShellScript");
  const [prod] = world.hosts();
  const InstanceIds = [prod?.id ?? ""];
  const { error: shell } = await asDeployer(async ({ aws }) =>
    (await aws.ssm()).send(
      new SendCommandCommand({ DocumentName: "AWS-RunShellScript", InstanceIds, Parameters: { commands: ["id"] } }),
    ),
  );
  expect(shell).toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("document/AWS-RunShellScript") as string,
  });
  const { error: forged } = await asDeployer(async ({ aws }) =>
    (await aws.ssm()).send(
      new UpdateDocumentCommand({ Name: "threads-threads-prod-status", Content: "{}", DocumentVersion: "$LATEST" }),
    ),
  );
  expect(forged).toMatchObject({ name: "AccessDeniedException" });
  const evil = `evil.example.com/bundle@sha256:${"0".repeat(64)}`;
  const { error: foreign } = await asDeployer(async ({ aws }) => {
    const client = await aws.ssm();
    const { Commands = [] } = await client.send(new ListCommandsCommand({}));
    const last = Commands.find(({ DocumentName }) => DocumentName === "threads-threads-prod-deploy");
    const { DocumentName, DocumentVersion, Parameters = {} } = last ?? {};
    return client.send(
      new SendCommandCommand({
        DocumentName,
        DocumentVersion,
        InstanceIds,
        Parameters: { ...Parameters, Bundle: [evil] },
      }),
    );
  });
  expect(foreign).toMatchObject({ name: "InvalidParameters", message: expect.stringContaining("Bundle") as string });
});

test("another environment file in threads.yml is another document: nothing is sent until it is made, and the old one stays", async () => {
  await world.restore();
  const changed = (commands: CommandWorld): CommandWorld => ({
    ...commands,
    config: async () => {
      const config = await commands.config();
      return { ...config, runtime: { ...config.runtime, envFile: "/etc/other.env" } };
    },
  });
  const { revision } = world.heads[0];
  const before = await world.state();
  for (const isPlan of [true, false])
    await expect(
      world.admin((process, commands) => deployTo("prod", revision, process, changed(commands), isPlan)),
    ).rejects.toMatchObject({
      code: "HOST_DOCUMENT",
      outcome: "refused",
      message: expect.stringContaining("threads-threads-prod-deploy alone, and it has no version"),
    });
  // Not even a number of the ledger was taken.
  expect(await world.state()).toBe(before);
  const made = await world.admin((_, commands) => fix(changed(commands)));
  // The status script knows nothing of that file.
  expect(made.fixed.filter(({ environment }) => environment === "prod")).toMatchObject(
    ["deploy", "logs", "deploymentLog", "readOut"].map((one) => ({
      document: `threads-threads-prod-${one}`,
      did: "updated",
    })),
  );
  await world.admin((process, commands) => deployTo("prod", revision, process, changed(commands)));
  const { error } = await asDeployer(async (_, commands) =>
    status({ environment: "prod" }, await openStatus(commands)),
  );
  expect(error).toBeUndefined();
});
