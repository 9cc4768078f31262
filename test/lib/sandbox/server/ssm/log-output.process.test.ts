import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AccessControl } from "../../../../../src/lib/sandbox/server/iam/access-control.ts";
import { type LogStore, openLogStore } from "../../../../../src/lib/sandbox/server/logs/streams.ts";
import { ServiceError } from "../../../../../src/lib/sandbox/server/protocol.ts";
import { credentials, region } from "../open-sandbox.ts";
import { eventually, startHarness, type SsmHarness, web1 } from "./harness.ts";

// What the agent writes into CloudWatch Logs (user guide, "Configuring CloudWatch Logs for Run Command").

let directory = "";
const group = "/threads/prod";
let store: LogStore;
let ssm: SsmHarness;
/** What the host's role may not do. */
let denied = "";
let used: string[] = [];
const access: Pick<AccessControl, "find" | "require"> = {
  find: (key, token) =>
    key === "AKIA" && token === "t o k e n"
      ? { credentials: { ...credentials, region }, identity: { account: "1", accessKeyId: key, arn: "arn:host" } }
      : undefined,
  require: (_, accesses) => {
    used.push(...accesses.map(({ action, resource }) => `${action} ${resource}`));
    if (accesses.some(({ action }) => action === denied)) throw new ServiceError("AccessDeniedException", "no");
  },
};
beforeEach(async () => {
  [denied, used] = ["", []];
  directory = mkdtempSync(join(tmpdir(), "threads-log-output-"));
  const roleFile = join(directory, "role");
  writeFileSync(roleFile, "SANDBOX_ACCESS_KEY_ID=AKIA\nSANDBOX_SESSION_TOKEN='t o k e n'\n");
  store = await openLogStore(directory, () => Date.now());
  ssm = await startHarness({ logs: { store, access, roleFile } });
});
afterEach(async () => {
  await ssm.close();
  rmSync(directory, { recursive: true, force: true });
});

const CloudWatchOutputConfig = { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: group };
const said = (id: string, stream = "stdout"): string | undefined =>
  store
    .streams(group)
    .find(({ name }) => name === `${id}/${web1}/aws-runShellScript/${stream}`)
    ?.events.map(({ message }) => message)
    .join("\n");

test("all that a script prints is written while it runs, beyond what SSM keeps, each stream by itself", async () => {
  const goOn = join(directory, "go");
  const lines = "for n in $(seq 1 20000); do echo line $n; done";
  const id = await ssm.send([lines, `while [ ! -e ${goOn} ]; do sleep 0.05; done`, "echo oops >&2; printf end"], {
    CloudWatchOutputConfig,
  });
  // The end of the first part is there before the script has ended.
  await eventually(async () => (store.groups().length > 0 && said(id)?.endsWith("line 20000")) || undefined);
  expect((await ssm.invocation(id)).Status).toBe("InProgress");
  writeFileSync(goOn, "");
  const ended = await ssm.finished(id);
  expect(ended).toMatchObject({ Status: "Success", CloudWatchOutputConfig });
  expect(ended.StandardOutputContent).toHaveLength(24_000);
  expect(said(id)?.split("\n")).toEqual([...Array.from({ length: 20_000 }, (_, n) => `line ${n + 1}`), "end"]);
  expect(said(id, "stderr")).toBe("oops");
  expect(used).toContain(
    `logs:PutLogEvents arn:aws:logs:eu-west-1:1:log-group:${group}:log-stream:${id}/${web1}/aws-runShellScript/stdout`,
  );
});

test("where nothing goes to stderr there is no stream of it, and without the wish none at all", async () => {
  const id = await ssm.send(["echo hello"], { CloudWatchOutputConfig });
  await ssm.finished(id);
  expect([said(id), said(id, "stderr")]).toEqual(["hello", undefined]);
  await ssm.finished(await ssm.send(["echo hello"]));
  expect(store.streams(group)).toHaveLength(1);
});

test.each(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])(
  "a role without %s writes nothing, and the command goes on without a word",
  async (action) => {
    denied = action;
    const id = await ssm.send(["echo hello"], { CloudWatchOutputConfig });
    expect(await ssm.finished(id)).toMatchObject({ Status: "Success", StandardOutputContent: "hello\n" });
    expect(store.groups().flatMap(({ name }) => store.streams(name).flatMap(({ events }) => events))).toEqual([]);
  },
);
