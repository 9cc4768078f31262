import { execSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, expect, it } from "vitest";
import { smoke } from "../../src/lib/actions/smoke/run.ts";
import { inProcess } from "./in-process.ts";
import { makeSmallProject, type SmallProject } from "./small-project.ts";
import { spawnCli } from "./spawned-cli.ts";

let made: SmallProject | undefined;
afterEach(() => made?.remove());

/** Everything of the application that is there, folders with secrets as well. */
const left = ({ app, present }: SmallProject): string[] => [
  ...present(),
  ...readdirSync(tmpdir()).filter((name) => name.startsWith(`${app}-`)),
];

/** What docker lists, once it lists something. */
async function seen(listing: string): Promise<void> {
  while (execSync(listing).toString() === "") await new Promise((resolve) => setTimeout(resolve, 50));
}

it("SIGKILL in every phase of smoke: after the next run nothing of it is there", async () => {
  const patient = '    entrypoint: ["sh", "-c", "trap : TERM; sleep 600 & wait; sleep 600"]';
  made = await makeSmallProject({
    worker: patient,
    checks: '    - { path: /healthz }\n    - { service: web, command: "test -e /tmp/later", within: 300 }',
  });
  const project = made;
  const { root, app, write, commit } = project;
  const kill = async (phase: string, also = () => Promise.resolve()): Promise<void> => {
    const cli = spawnCli(root, ["smoke"]);
    await cli.seen(phase);
    await also();
    cli.child.kill("SIGKILL");
    await cli.ended;
  };
  const container = (): Promise<void> => seen(`docker ps -q --filter name=^${app}-smoke-.*web`);
  await kill("Start the stack", container);
  await kill("Check it from outside");
  expect(left(project).some((name) => name.includes("worker"))).toBe(true);
  // Taking it down takes as long as the worker may: KILL comes in between.
  const yaml = execSync("cat threads.yml", { cwd: root, encoding: "utf8" });
  await write("threads.yml", yaml.replace("within: 300", "within: 0"));
  await kill("Take the stack down");
  await write("Dockerfile", `FROM debian:trixie-slim\nRUN echo ${app} && sleep 60\n`);
  await kill("Build the images");
  await write("Dockerfile", execSync("git show HEAD:Dockerfile", { cwd: root, encoding: "utf8" }));
  await write("threads.yml", yaml.replace(/ {4}- \{ service: web.*\n/, ""));
  commit();
  const result = await smoke({ dryRun: false }, inProcess(root).ports);
  const tagged = "tagged" in result ? result.tagged : [];
  expect(left(project).toSorted()).toEqual(tagged.toSorted());
});

it.each(["SIGINT", "SIGTERM"] as const)("%s while it is checked: taken down at once", async (signal) => {
  made = await makeSmallProject({
    checks: '    - { path: /healthz }\n    - { service: web, command: "test -e /tmp/later", within: 300 }',
  });
  const cli = spawnCli(made.root, ["smoke"]);
  await cli.seen("Check it from outside");
  cli.child.kill(signal);
  expect(await cli.ended).toBe(130);
  expect(left(made)).toEqual([]);
});
