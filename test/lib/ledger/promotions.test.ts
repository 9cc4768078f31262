import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
import type { Promotion } from "../../../src/lib/ledger/promotions.ts";
import type { FakeSsm } from "../../fakes/ssm.ts";
import { openLedger } from "./open-ledger.ts";

let ssm: FakeSsm;
let ledger: Ledger;
beforeEach(async () => {
  ({ ssm, ledger } = await openLedger());
});
afterEach(() => ssm.close());

const bundle = digestOf("bundle");
const hex = bundle.slice("sha256:".length);
const ada = { user: "ada", host: "laptop" };
const at = "2026-11-22T10:00:00.000Z";
const names = (): string[] => [...ssm.parameters.store.keys()].toSorted();

describe("a promotion's record", () => {
  const promotion: Promotion = {
    schema: 1,
    environment: "prod",
    revision: "a".repeat(40),
    bundle,
    tags: [`prod-${"a".repeat(40)}`],
    gates: { published: "passed" },
    overrides: [],
    by: ada,
    at,
    version: "1.0.0",
  };
  const override = { gate: "soak", reason: "outage", says: "1 h to go" };
  const first = `/threads/prod/promotions/${hex}`;
  const below = new RegExp(`^${first}/[0-9a-f]{16}$`);
  const { environment, revision } = promotion;

  test("is written once, and again only for what it does not cover", async () => {
    expect(await ledger.recordPromotion(promotion)).toBe("created");
    expect(await ledger.recordPromotion({ ...promotion, at: "2026-11-22T11:00:00.000Z" })).toBe("present");
    expect(await ledger.recordPromotion({ ...promotion, overrides: [override] })).toBe("created");
    expect(await ledger.recordPromotion({ ...promotion, overrides: [override] })).toBe("present");
    expect(await ledger.recordPromotion({ ...promotion, overrides: [{ ...override, reason: "another" }] })).toBe(
      "created",
    );
    expect(await ledger.recordPromotion({ ...promotion, tags: ["v1.0.0", ...promotion.tags] })).toBe("created");
    expect(names()).toEqual([first, ...Array.from({ length: 3 }, () => expect.stringMatching(below) as string)]);
    expect(JSON.parse(ssm.parameters.store.get(first) ?? "")).toEqual(promotion);
  });

  test("is written in a bounded number of calls, however many there are, and no number ends it", async () => {
    await ledger.recordPromotion(promotion);
    for (let minor = 0; minor < 60; minor += 1) {
      const calls = ssm.calls.length;
      expect(await ledger.recordPromotion({ ...promotion, tags: [`v1.${String(minor)}.0`, ...promotion.tags] })).toBe(
        "created",
      );
      expect(ssm.calls.slice(calls)).toEqual(["PutParameter", "GetParameters", "PutParameter"]);
    }
    expect(names()).toHaveLength(61);
    expect(await ledger.isPromoted({ environment, revision, bundle })).toBe(true);
  });

  test("of the same tags and overrides in another order is the same", async () => {
    await ledger.recordPromotion(promotion);
    const [one, other] = [override, { ...override, gate: "scan" }];
    expect(await ledger.recordPromotion({ ...promotion, overrides: [one, other] })).toBe("created");
    expect(await ledger.recordPromotion({ ...promotion, overrides: [other, one] })).toBe("present");
  });

  test("finds its place where something else has its name; where that is in both, it says so", async () => {
    ssm.parameters.store.set(first, "forged");
    expect(await ledger.isPromoted({ environment, revision, bundle })).toBe(false);
    expect(await ledger.recordPromotion(promotion)).toBe("created");
    expect(await ledger.isPromoted({ environment, revision, bundle })).toBe(true);
    ssm.parameters.store.set(names()[1] ?? "", "forged");
    await expect(ledger.recordPromotion(promotion)).rejects.toMatchObject({ code: "LEDGER_UNREADABLE", exitCode: 3 });
  });

  test("of a newer threads is not guessed at", async () => {
    ssm.parameters.store.set(first, '{"schema":2}');
    await expect(ledger.isPromoted({ environment, revision, bundle })).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
      next: ["npm install threads@latest"],
    });
  });

  test("whose reply was lost is one record", async () => {
    ssm.fail("PutParameter", "lose-reply");
    expect(await ledger.recordPromotion(promotion)).toBe("present");
    ssm.fail("PutParameter", "lose-reply", "lose-reply");
    expect(await ledger.recordPromotion({ ...promotion, overrides: [override] })).toBe("present");
    expect(names()).toHaveLength(2);
  });

  test("is another environment's own", async () => {
    await ledger.recordPromotion(promotion);
    await ledger.recordPromotion({ ...promotion, environment: "staging" });
    expect(names()).toEqual([first, `/threads/staging/promotions/${hex}`]);
  });
});
