import { expect, test } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { readOut } from "../../../src/lib/hosts/read-out.ts";
import type { Remote, RemoteScript } from "../../../src/lib/remote/remote.ts";
import { aConfig } from "../../fakes/config.ts";

const order = { environment: "prod", number: 4, action: "restore", limitMs: 60_000 } as const;
const hosts = Array.from({ length: 51 }, (_, n) => `i-${n}`);

function opened(logGroup: string | undefined, send: Remote["send"]) {
  const warnings: string[] = [];
  const named = logGroup === undefined ? {} : { log_group: logGroup };
  const config = aConfig({ environments: { prod: { hosts: { tag: "threads-env=prod", ...named } } } });
  return { warnings, readOut: readOut({ config, remote: { send }, warn: (text) => void warnings.push(text) }) };
}

test("hosts get it by commands of their own, fifty each, whose output goes into the log group", async () => {
  const sent: RemoteScript[] = [];
  const send: Remote["send"] = async (script) => {
    sent.push(script);
    return { ...script, id: "c", sentAt: 0, deadline: 0 };
  };
  await opened("/threads/prod", send).readOut({ ...order, hosts });
  expect(sent.map((one) => [one.hosts.length, one.logGroup])).toEqual([
    [50, "/threads/prod"],
    [1, "/threads/prod"],
  ]);
  expect(sent[0]).toMatchObject({
    label: expect.stringMatching(/^\S+ prod log #4 [0-9a-f]{16}$/),
    script: { name: "readOut", assignments: { NUMBER: 4, OF: "restore" } },
  });
  // It outlives the script that it reads out.
  expect(sent[0]!.executionMs).toBeGreaterThan(120_000);
});

test("what keeps it back stops nobody, and is told once", async () => {
  const { warnings, readOut: read } = opened("/threads/prod", () =>
    Promise.reject(new ThreadsError("ACCESS_DENIED", { message: "no", next: ["x"] })),
  );
  await read({ ...order, hosts });
  await read({ ...order, hosts });
  expect(warnings).toEqual(["the hosts' log does not go to CloudWatch Logs, and is on them alone: no"]);
});

test("without a log group nothing is sent", async () => {
  const { warnings, readOut: read } = opened(undefined, () => Promise.reject(new Error("sent")));
  await read({ ...order, hosts });
  expect(warnings).toEqual([]);
});
