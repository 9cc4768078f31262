import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { history } from "../../../../src/lib/actions/history/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderHistory } from "../../../../src/lib/output/render/history.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(1);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
});
afterEach(() => fleet.close());

test("newest first, with kind, result and author; with the command for what is older", async () => {
  const put = (word: string) =>
    deploy(
      { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
      fleet.ports(),
    );
  await put("one");
  await put("two");
  fleet.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
  await expect(put("three")).rejects.toMatchObject({ code: "ROLLED_BACK" });
  await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports());
  const result = await history({ environment: "prod", limit: 3, before: undefined }, fleet.ports());
  expect(result.next).toEqual(["threads history -e prod --before 2 --limit 3"]);
  expect(result.deployments.map((one) => [one.number, one.kind, one.result, one.rollbackOf])).toEqual([
    [4, "rollback", "succeeded", 2],
    [3, "deploy", "rolled-back", null],
    [2, "deploy", "succeeded", null],
  ]);
  const lines = renderHistory(result, plainPaint);
  expect(lines[1]).toMatch(/^4 .*rollback of 2 .*succeeded .*ada on laptop/);
  expect(lines.at(-1)).toBe("older: threads history -e prod --before 2 --limit 3");
  const older = await history({ environment: "prod", limit: 3, before: 2 }, fleet.ports());
  expect([older.deployments.map(({ number }) => number), older.next]).toEqual([[1], []]);
});

test("an environment without deployments says so", async () => {
  const result = await history({ environment: "prod", limit: 20, before: undefined }, fleet.ports());
  expect(renderHistory(result, plainPaint)).toEqual(["nothing was ever deployed to prod"]);
});

test("an unknown environment is named with those that there are", async () => {
  await expect(history({ environment: "prood", limit: 20, before: undefined }, fleet.ports())).rejects.toMatchObject({
    code: "UNKNOWN_ENVIRONMENT",
    next: ["threads history -e prod", "threads history -e staging"],
  });
});
