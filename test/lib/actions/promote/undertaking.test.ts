import { expect, test } from "vitest";
import type { PlannedTags, PromotePlan } from "../../../../src/lib/actions/promote/plan.ts";
import { promotion } from "../../../../src/lib/actions/promote/undertaking.ts";
import type { PartState } from "../../../../src/lib/errors/undertaking.ts";
import { one } from "../../gates/facts.ts";

const { revision, images } = one.release;
const tags = ["v1.2.3", `prod-${revision}`];
const target = (service: string | undefined, create: readonly string[] = tags): PlannedTags => {
  const pin = service === undefined ? one : images[service];
  return {
    service,
    repository: pin?.repository ?? "",
    digest: pin?.digest ?? one.digest,
    published: revision,
    tags,
    create,
  };
};
const plan = (change: Partial<PromotePlan> = {}): PromotePlan => ({
  published: one,
  labels: tags,
  images: [target("web"), target("nginx")],
  bundle: target(undefined),
  isRecorded: false,
  gates: [],
  ships: null,
  smoke: false,
  done: false,
  ...change,
});
const bundleIs = (state: PartState) => (part: string) => (part === "the bundle" ? state : "open");

test("its parts are what is written, the bundle last", () => {
  expect(promotion(plan(), "prod").parts).toEqual(["the record", "web", "nginx", "the bundle"]);
  const [first] = promotion(plan({ smoke: true }), "prod").parts;
  expect(first).toBe("the evidence of the smoke test");
  const some = plan({ images: [target("web", []), target("nginx")] });
  expect(promotion(some, "prod").parts).toEqual(["the record", "nginx", "the bundle"]);
});

test.each([
  ["open", "nothing is promoted before the bundle has its tag"],
  ["doubt", "whether the release is promoted is not known"],
  ["done", "the release is promoted"],
] as const)("with the bundle %s: %s", (state, says) => {
  expect(promotion(plan(), "prod").verdict(bundleIs(state))).toBe(says);
});

test("a release that has the environment's tag and the record is promoted, whatever tag it still gets", () => {
  const version = plan({ bundle: target(undefined, ["v1.2.3"]), isRecorded: true });
  expect(promotion(version, "prod").verdict(bundleIs("open"))).toBe("the release is promoted");
});

test.each([
  ["open", "the bundle has its tag, but nothing is promoted without the record"],
  ["doubt", "whether the release is promoted is not known"],
  ["done", "the release is promoted"],
] as const)("with the tag and without the record, and that %s: %s", (state, says) => {
  const tagged = plan({ bundle: target(undefined, []) });
  expect(promotion(tagged, "prod").verdict((part) => (part === "the record" ? state : "open"))).toBe(says);
});

test("the command that finishes it has the version and the overrides, fit for a shell", () => {
  const [, own = ""] = tags;
  expect(promotion(plan({ labels: [own] }), "prod").again).toBe(`threads promote ${revision} -e prod`);
  const overridden = (gate: "soak" | "scan") =>
    ({ gate, state: "overridden", says: "", next: [], reason: "it's urgent" }) as const;
  expect(promotion(plan({ gates: [overridden("soak"), overridden("scan")] }), "prod").again).toBe(
    String.raw`threads promote ${revision} -e prod --as v1.2.3 --override soak --override scan --reason 'it'\''s urgent'`,
  );
});
