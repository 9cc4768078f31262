import { readFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { smoke } from "../../src/lib/actions/smoke/run.ts";
import { inProcess } from "./in-process.ts";
import { makeSmallProject, type SmallProject } from "./small-project.ts";

let made: SmallProject | undefined;
afterEach(() => made?.remove());

it("a check may be a command in a service: one that fails is told in a line, and one that comes true later is waited for", async () => {
  const later = "if [ -e /tmp/seen ]; then echo came true; else touch /tmp/seen; echo not yet >&2; false; fi";
  made = await makeSmallProject({
    checks: `    - path: /healthz
      json: { status: ok }
    - { service: worker, command: [sh, -c, "${later}"], contains: came true, within: 30 }
    - { service: web, command: "echo two of them >&2; exit 3" }`,
  });
  const { root, write, present } = made;
  const failed = await smoke({ dryRun: false }, inProcess(root).ports).catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: "CHECKS_FAILED",
    message: "1 of 3 checks failed: web: echo two of them >&2; exit 3 exit code 3: two of them",
  });
  expect(present()).toEqual([]);
  const text = readFileSync(`${root}/threads.yml`, "utf8");
  await write("threads.yml", text.replace("service: web, command", "service: wep, command"));
  await expect(smoke({ dryRun: false }, inProcess(root).ports)).rejects.toMatchObject({
    code: "COMPOSE_FILE",
    message: expect.stringContaining("has no service wep, but a check in threads.yml runs a command in it") as string,
  });
});
