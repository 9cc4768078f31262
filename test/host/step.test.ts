import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { renderScript } from "../../src/lib/script/render.ts";
import { parseStep, stepScript } from "../../src/lib/script/step-script.ts";
import { StubHost } from "./host.ts";

// step.sh under a real bash: what the script of a deployment is at on its host.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

async function stepOf(number: number): Promise<string | undefined> {
  const ran = await host.run(renderScript(stepScript({ app: "app", number, nonce: "a1", root: host.root })));
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
  return parseStep(ran.stdout, "a1");
}
const said = (...lines: string[]): void =>
  appendFileSync(join(host.root, "log", "1.log"), lines.map((line) => `${line}\n`).join(""));

test("the last step that its log tells, whatever programs have said since", async () => {
  expect(await stepOf(1)).toBe("prune");
  said(
    "2026-11-22T10:00:00Z == migrate",
    "  == switch",
    "2026-11-22T10:00:00Z == Switch $(reboot)",
    "password=hunter22",
  );
  expect(await stepOf(1)).toBe("migrate");
});

test("that it goes back, where a step has failed", async () => {
  said("2026-11-22T10:00:00Z == switch", "2026-11-22T10:00:09Z -- going back to aaaaaaaaaaaa");
  expect(await stepOf(1)).toBe("back");
});

test("none of one that has not begun here, and none for another question", async () => {
  expect(await stepOf(7)).toBeUndefined();
  expect(parseStep('{"threads":1,"action":"step","app":"app","nonce":"b2","step":"switch"}\n', "a1")).toBeUndefined();
});
