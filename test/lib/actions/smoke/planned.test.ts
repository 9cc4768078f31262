import { expect, it } from "vitest";
import { smoke, type SmokeOptions, type SmokePorts } from "../../../../src/lib/actions/smoke/run.ts";
import { aConfig } from "../../../fakes/config.ts";

it.each<[Partial<SmokeOptions>, string]>([
  [{}, "threads smoke"],
  [{ keep: true }, "threads smoke --keep"],
])("what comes after a plan is what was planned: %j", async (options, next) => {
  const head = { revision: "a".repeat(40), tree: "b".repeat(40), dirty: [] };
  const ports = { config: aConfig(), source: { head: () => Promise.resolve(head) } } as unknown as SmokePorts;
  expect(await smoke({ dryRun: true, ...options }, ports)).toMatchObject({ outcome: "planned", next: [next] });
});
