import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

// A database or a broker that is down lets any release fail, and the one that ran before as well: that is no fault of the new one.

let fleet: Fleet;
const put = (word: string) =>
  deploy(
    { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
    fleet.freshPorts(),
  );
const failed = async (): Promise<ThreadsError> => (await put("two").catch((error: unknown) => error)) as ThreadsError;

beforeEach(async () => {
  fleet = await Fleet.open();
  fleet.publish("one");
  fleet.publish("two");
  await put("one");
  fleet.hosts[0]!.behaviours.push({ code: 16, serves: "unknown", message: "celery is unhealthy" });
});
afterEach(() => fleet.close());

test("what was not well before is told with the failure, and which way to look", async () => {
  for (const one of fleet.hosts[0]!.containers)
    if (one.service === "celery") Object.assign(one, { health: "unhealthy" });
    else if (one.service === "celery-beat") Object.assign(one, { state: "exited", exitCode: 1 });
  const error = await failed();
  expect(error.details).toContain(
    "before anything was touched on i-00000000000000001: celery is unhealthy and celery-beat is exited (exit code 1)",
  );
  expect(error.advice.join()).toContain("it was not well before, either: look at what both releases need");
});

test("so is what has ended in peace and ought to run", async () => {
  for (const one of fleet.hosts[0]!.containers)
    if (one.service === "celery") Object.assign(one, { state: "exited", exitCode: 0 });
  expect((await failed()).details).toContain(
    "before anything was touched on i-00000000000000001: celery is exited (exit code 0)",
  );
});

test("where all was well, it is not: nor is a container that has done its part", async () => {
  fleet.hosts[0]!.containers.push({ service: "setup", digest: "", state: "exited", health: "none", exitCode: 0 });
  const error = await failed();
  expect(error.details.join()).not.toContain("before anything was touched");
  expect(error.advice.join()).not.toContain("not well before");
});
