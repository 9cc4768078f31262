import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DoctorResult } from "../../src/lib/actions/doctor/result.ts";
import type { LogsResult } from "../../src/lib/actions/logs/result.ts";
import type { StatusResult } from "../../src/lib/fleet/status-result.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { type SteadyLoad, startLoad } from "../load/steady-load.ts";
import { doubled, readBeats } from "./beats.ts";
import { buildToolsImage, succeed } from "./docker-tools.ts";
import { journey } from "./journey.ts";
import { type Ended, makeEcsProject, type TrainProject } from "./train-project.ts";

// An environment on the sandbox's ECS: real tasks behind a target group, under a load that never stops. What a release, a broken
// one and a rollback cost those who are asking meanwhile, and whether aws-cli sees what `threads status` says.

let project: TrainProject;
let tools: string;
let env: Readonly<Record<string, string>> = {};
let url: string;
let load: SteadyLoad;
const threads = (line: string): Promise<Ended> => project.threads(line.split(" "), env);
const json = async (line: string): Promise<Record<string, unknown>> => {
  const ended = await threads(`${line} --json`);
  if (ended.code !== 0) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
};
const answer = async (): Promise<string> => (await fetch(url)).text();

/** Publishes what smoke has passed. */
async function release(change: string): Promise<void> {
  writeFileSync(join(project.root, "change"), `${change}\n`);
  project.git("commit", "-qam", change);
  await json("smoke");
  await json("publish");
}

/** What aws-cli prints for each `aws ecs …`. */
async function aws(...lines: readonly string[]): Promise<unknown[]> {
  const variables = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  const limits = ["--rm", "--network", "host", "--label", "threads.test=ecs"];
  const script = lines.map((line) => `aws ecs ${line} --output json; echo ---`).join("\n");
  const printed = await succeed("docker", ["run", ...limits, ...variables, tools, "sh", "-euc", script]);
  return printed
    .split("---")
    .slice(0, lines.length)
    .map((text) => JSON.parse(text) as unknown);
}

interface Seen {
  readonly group: string;
  readonly containers: readonly { readonly imageDigest: string }[];
}

function inOrder(all: readonly unknown[]): readonly string[] {
  return all.map((one) => JSON.stringify(one)).toSorted((one, other) => one.localeCompare(other));
}

/** `threads status` says that all is well, and aws-cli sees the same digests: in the tasks, and in what ECS deploys. */
async function bothAgree(): Promise<void> {
  const status = (await json("status -e cloud")) as unknown as StatusResult;
  expect(status).toMatchObject({ outcome: "as-deployed" });
  const said = (status.environments[0]?.hosts[0]?.services ?? []).map(({ service, digest }) => [service, digest]);
  const [listed, described, ...deployments] = await aws(
    "list-tasks --cluster ticker",
    "describe-services --cluster ticker --services ticker-cloud-web ticker-cloud-beat",
    ...["web", "beat"].map((name) => `list-service-deployments --cluster ticker --service ticker-cloud-${name}`),
  );
  expect(described).toMatchObject({
    services: [
      { desiredCount: 2, runningCount: 2, deployments: [{ status: "PRIMARY", rolloutState: "COMPLETED" }] },
      { desiredCount: 1, runningCount: 1, deployments: [{ status: "PRIMARY", rolloutState: "COMPLETED" }] },
    ],
  });
  const revisions = (deployments as { serviceDeployments: { targetServiceRevisionArn: string; status: string }[] }[])
    // One that has gone back was of what did not come up.
    .map(({ serviceDeployments }) => serviceDeployments.find(({ status: end }) => end === "SUCCESSFUL"))
    .map((one) => one?.targetServiceRevisionArn ?? "");
  const [ran, resolved] = (await aws(
    `describe-tasks --cluster ticker --tasks ${(listed as { taskArns: string[] }).taskArns.join(" ")}`,
    `describe-service-revisions --service-revision-arns ${revisions.join(" ")}`,
  )) as [
    { readonly tasks: readonly Seen[] },
    { readonly serviceRevisions: readonly { serviceArn: string; containerImages: Seen["containers"] }[] },
  ];
  const runs = ran.tasks.flatMap(({ group, containers }) =>
    containers.map(({ imageDigest }) => [group.split("-").at(-1), imageDigest]),
  );
  const [web, beat] = ["web", "beat"].map((name) => said.find(([service]) => service === name));
  expect(inOrder(runs)).toEqual(inOrder([beat, web, web]));
  const told = resolved.serviceRevisions.flatMap(({ serviceArn, containerImages }) =>
    containerImages.map(({ imageDigest }) => [serviceArn.split("-").at(-1), imageDigest]),
  );
  expect(inOrder(told)).toEqual(inOrder([beat, web]));
}

beforeAll(async () => {
  tools = await buildToolsImage();
  project = makeEcsProject();
  const world = (await json("sandbox up")) as unknown as UpResult;
  url = world.clusters[0]?.services[0]?.url ?? "";
  env = (await json("sandbox env"))["variables"] as Record<string, string>;
  await json("smoke");
  await json("publish");
});
afterAll(async () => {
  await load?.stop();
  await project.remove();
});
journey();

test("the first release: its services are made, and the target group sends requests there", async () => {
  const { checks } = (await json("doctor -e cloud")) as unknown as DoctorResult;
  expect(checks.filter(({ check }) => check === "ecs-services")).toMatchObject([
    { state: "ok", says: expect.stringContaining("ticker-cloud-web and ticker-cloud-beat are made by the first one") },
  ]);
  expect(await json("deploy -e cloud")).toMatchObject({ outcome: "deployed" });
  expect(await answer()).toBe("first");
  expect(await json("verify -e cloud")).toMatchObject({ outcome: "passed", recorded: true });
  const { lines } = (await json("logs -e cloud --since 10m")) as unknown as LogsResult;
  expect(
    new Set(lines?.map(({ service, container }) => `${service}: ${container?.split("/").slice(0, -1).join("/")}`)),
  ).toContain("beat: ticker/cloud/beat/beat");
  load = startLoad(url, 40);
});

test("another release", async () => {
  await release("second");
  expect(await json("deploy -e cloud")).toMatchObject({ outcome: "deployed" });
  expect(await answer()).toBe("second");
  expect(await json("status -e cloud")).toMatchObject({ outcome: "as-deployed" });
});

test("a release that does not come up goes back, and says why in a sentence", async () => {
  await release("broken");
  const { code, stderr } = await threads("deploy -e cloud");
  expect({ code, stderr }).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(
      /cloud is back on what it ran before: ecs:ticker\/ticker-cloud failed and is back on the old release: ticker-cloud-web did not come up.*web ended with exit code/,
    ),
  });
  expect(await answer()).toBe("second");
  await bothAgree();
});

test("a rollback", async () => {
  expect(await json("rollback -e cloud")).toMatchObject({ kind: "rollback", outcome: "deployed" });
  expect(await answer()).toBe("first");
  await bothAgree();
});

test("nobody who asked has noticed, and there was one beat at a time", async () => {
  await load.reached(2_000);
  const { failures, firstFailures, answers } = await load.stop();
  expect({ failures, firstFailures, answers: Object.keys(answers).toSorted() }).toEqual({
    failures: {},
    firstFailures: [],
    answers: ["first", "second"],
  });
  const beats = await readBeats(env, "/ticker/cloud");
  // One a deployment that came to it: the broken one has ended before.
  expect(beats).toHaveLength(3);
  expect(doubled(beats)).toEqual([]);
});
