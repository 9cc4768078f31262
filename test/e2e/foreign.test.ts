import { afterAll, beforeAll, expect, test } from "vitest";
import type { StatusResult } from "../../src/lib/fleet/status-result.ts";
import { journey } from "./journey.ts";
import { type Ended, makeForeignProject, type TrainProject } from "./train-project.ts";

// An application that knows nothing of threads, all the way to production: no variable, label or header is there for it,
// one of its images comes from elsewhere, a file is mounted, and a service ends by itself.

let project: TrainProject;
let env: Readonly<Record<string, string>>;
const threads = (line: string): Promise<Ended> => project.threads(line.split(" "), env);
const json = async (line: string): Promise<Record<string, unknown>> => {
  const ended = await threads(`${line} --json`);
  if (ended.code !== 0) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
};

beforeAll(() => {
  project = makeForeignProject();
  env = {};
});
afterAll(() => project.remove());
journey();

test("a world for it: hosts of its environments, repositories for its images and the one from elsewhere", async () => {
  await json("sandbox up");
  const { variables } = await json("sandbox env");
  env = variables as Record<string, string>;
  expect(project.git("status", "--porcelain")).toBe("");
});

test("smoke: the entry is published, whatever port the file wants, and nothing of its own gets a name", async () => {
  expect(await json("smoke")).toMatchObject({
    outcome: "passed",
    tagged: [`greeter-api:${project.sha}`, `greeter-front:${project.sha}`],
  });
});

test("publish: all that runs is pinned", async () => {
  const { images } = await json("publish");
  expect(images).toMatchObject([{ service: "api" }, { service: "front" }, { service: "cache" }, { service: "edge" }]);
});

test("deploy: the host answers, and is told to be well", async () => {
  expect(await json("deploy -e staging")).toMatchObject({ outcome: "deployed" });
  const status = (await json("status -e staging")) as unknown as StatusResult;
  const [staging] = status.environments;
  const services = staging?.hosts[0]?.services.map(({ service, state, verdict }) => [service, state, verdict]);
  expect(services).toEqual([
    ["api", "running", "ok"],
    ["front", "running", "ok"],
    ["cache", "running", "ok"],
    ["seed", "exited", "ok"],
  ]);
});

test("verify: its host asks it for what smoke has asked", async () => {
  expect(await json("verify -e staging")).toMatchObject({
    outcome: "passed",
    recorded: true,
    hosts: [{ verdict: "passed", says: "", checks: [{ path: "/", status: 200, ok: true, detail: "as expected" }] }],
  });
});

test("promote and deploy to production, the very same images", async () => {
  expect(await json(`promote ${project.sha}`)).toMatchObject({ outcome: "promoted" });
  expect(await json(`deploy -e prod ${project.sha}`)).toMatchObject({ outcome: "deployed" });
});

test("another release, and back again", async () => {
  const first = project.sha;
  project.git("commit", "-q", "--allow-empty", "-m", "Another");
  for (const line of ["smoke", "publish", "promote HEAD", "deploy -e prod HEAD"]) await json(line);
  expect(await json("rollback -e prod")).toMatchObject({ release: { revision: first } });
});
