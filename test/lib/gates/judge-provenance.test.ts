import { describe, expect, test } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import type { Gate } from "../../../src/lib/gates/result.ts";
import type { Provenance } from "../../../src/lib/provenance/provenance.ts";
import { facts, one } from "./facts.ts";

const { revision } = one.release;
const published = (provenance: Provenance, gone: readonly string[] = []): Gate | undefined =>
  judgeGates(facts({}, { provenance, gone }), new Map()).find(({ gate }) => gate === "published");
const unknown = (code: "SHALLOW_CLONE" | "UNKNOWN_REVISION" | "GIT_FAILED"): Provenance => ({
  state: "unknown",
  why: new ThreadsError(code, { message: "git does not know it", next: ["git status"] }),
});

describe("the gate that asks whether a release is published", () => {
  test("passes where its bundle is what git has", () => {
    expect(published({ state: "same" })).toMatchObject({
      state: "passed",
      says: expect.stringMatching(/as git has them$/),
    });
  });

  test("is blocked by a bundle that is something else, and says what first", () => {
    expect(published({ state: "different", differences: ["a", "b", "c"] })).toMatchObject({
      state: "blocked",
      says: `the bundle is not what git has at ${revision.slice(0, 12)}: a (and 2 more)`,
      next: [`aws ecr describe-images --repository-name ${one.repository} --image-ids imageDigest=${one.digest}`],
    });
  });

  test("is missing where this machine cannot tell, with what lets it", () => {
    const fetches = [`git fetch origin ${revision}`, "git fetch --all --tags"];
    const says = expect.stringMatching(/cannot be told here: git does not know it$/);
    expect(published(unknown("UNKNOWN_REVISION"))).toMatchObject({ state: "missing", says, next: fetches });
    expect(published(unknown("GIT_FAILED"))).toMatchObject({ next: fetches });
    expect(published(unknown("SHALLOW_CLONE"))).toMatchObject({ next: ["git fetch --unshallow --tags"] });
  });

  test("and is blocked for an image that is gone before anything else", () => {
    expect(published({ state: "different", differences: ["a"] }, ["web"])).toMatchObject({
      says: expect.stringMatching(/no longer has the image of web$/),
    });
  });
});
