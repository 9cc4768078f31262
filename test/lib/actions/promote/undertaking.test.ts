import { expect, test } from "vitest";
import type { TargetState } from "../../../../src/lib/actions/promote/look.ts";
import type { PlannedTags, PromotePlan } from "../../../../src/lib/actions/promote/plan.ts";
import { promotion } from "../../../../src/lib/actions/promote/undertaking.ts";
import type { PartState } from "../../../../src/lib/errors/undertaking.ts";
import { facts, one } from "../../gates/facts.ts";

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
const gateFacts = facts();
const plan = (
  change: Partial<PromotePlan> & { labels?: readonly string[]; isRecorded?: boolean } = {},
): PromotePlan => {
  const { labels = tags, isRecorded = false, ...rest } = change;
  const planned = { images: [target("web"), target("nginx")], bundle: target(undefined) };
  const state = (planned: PlannedTags): TargetState => ({
    ...planned,
    there: true,
    publishedAs: planned.digest,
    tagged: new Map(),
  });
  const resolved = { published: one, how: "explicit", asked: revision, says: "", warnings: [] } as const;
  const { environment } = gateFacts;
  return {
    target: { environment, resolved, labels, ...planned, overrides: new Map(), repeatSmoke: false },
    facts: {
      images: planned.images.map(state),
      bundle: state(planned.bundle),
      isRecorded,
      gates: gateFacts,
      ships: null,
      deployments: { latest: 0, current: 0 },
      hold: undefined,
    },
    ...planned,
    gates: [],
    smoke: false,
    done: false,
    ...rest,
  };
};
const bundleIs = (state: PartState) => (part: string) => (part === "the bundle" ? state : "open");

test("its parts are what is written, the bundle last", () => {
  expect(promotion(plan()).parts).toEqual(["the record", "web", "nginx", "the bundle"]);
  const [first] = promotion(plan({ smoke: true })).parts;
  expect(first).toBe("the evidence of the smoke test");
  const some = plan({ images: [target("web", []), target("nginx")] });
  expect(promotion(some).parts).toEqual(["the record", "nginx", "the bundle"]);
});

test.each([
  ["open", "nothing is promoted before the bundle has its tag"],
  ["doubt", "whether the release is promoted is not known"],
  ["done", "the release is promoted"],
] as const)("with the bundle %s: %s", (state, says) => {
  expect(promotion(plan()).verdict(bundleIs(state))).toBe(says);
});

test("a release that has the environment's tag and the record is promoted, whatever tag it still gets", () => {
  const version = plan({ bundle: target(undefined, ["v1.2.3"]), isRecorded: true });
  expect(promotion(version).verdict(bundleIs("open"))).toBe("the release is promoted");
});

test.each([
  ["open", "the bundle has its tag, but nothing is promoted without the record"],
  ["doubt", "whether the release is promoted is not known"],
  ["done", "the release is promoted"],
] as const)("with the tag and without the record, and that %s: %s", (state, says) => {
  const tagged = plan({ bundle: target(undefined, []) });
  expect(promotion(tagged).verdict((part) => (part === "the record" ? state : "open"))).toBe(says);
});

test("the command that finishes it tests again what was to be tested again", () => {
  const { target: once, ...rest } = plan({ labels: [tags[1] ?? ""] });
  const again = promotion({ ...rest, target: { ...once, repeatSmoke: true } }).again;
  expect(again).toBe(`threads promote ${revision} -e prod --repeat-smoke`);
});

test("the command that finishes it has the version and the overrides, fit for a shell", () => {
  const [, own = ""] = tags;
  expect(promotion(plan({ labels: [own] })).again).toBe(`threads promote ${revision} -e prod`);
  const overridden = (gate: "soak" | "scan") =>
    ({
      gate,
      state: "overridden",
      says: "",
      next: [],
      advice: [],
      opensBy: null,
      opensAt: null,
      policy: null,
      reason: "it's urgent",
    }) as const;
  expect(promotion(plan({ gates: [overridden("soak"), overridden("scan")] })).again).toBe(
    String.raw`threads promote ${revision} -e prod --as v1.2.3 --override soak --override scan --reason 'it'\''s urgent'`,
  );
});
