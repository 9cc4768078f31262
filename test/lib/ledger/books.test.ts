import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { isMarked } from "../../../src/lib/ledger/check-marks.ts";
import { type AskedCheck, flawOf } from "../../../src/lib/gates/judge-smoke.ts";
import type { Evidence } from "../../../src/lib/ledger/evidence.ts";
import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
import { parameterLedger } from "../../../src/lib/ledger/parameters.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { one } from "../gates/facts.ts";

let ssm: FakeSsm;
let ledger: Ledger;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
  // A laptop whose clock is years behind.
  const clock = hurriedClock(Date.parse("2001-01-01T00:00:00Z"));
  ledger = parameterLedger({ aws: ssm.clients(), clock, app: "threads", version: "0.4.0", progress: silentProgress });
});
afterEach(() => ssm.close());

const bundle = digestOf("bundle");
const hex = bundle.slice("sha256:".length);
const ada = { user: "ada", host: "laptop" };
const at = "2026-11-22T10:00:00.000Z";
const names = (): string[] => [...ssm.parameters.store.keys()].toSorted();

describe("evidence", () => {
  const revision = "a".repeat(40);
  const pinned = { web: { repository: "threads/web", digest: digestOf("web") } };
  const evidence: Evidence = {
    schema: 1,
    kind: "smoke",
    revision,
    images: { web: digestOf("web") },
    checks: [{ path: "/", status: 200, ok: true, ms: 3 }],
    moreChecks: 0,
    by: ada,
    at,
    version: "1.0.0",
  };

  test("lies under revision and digest, is written once, and comes back with the freeze at once, by the server's clock", async () => {
    ssm.now = () => Date.parse(at);
    expect(await ledger.revisionRecords("prod", revision)).toMatchObject({ smokes: new Map(), freeze: undefined });
    expect(await ledger.attest(bundle, evidence)).toBe("created");
    expect(await ledger.attest(bundle, { ...evidence, version: "2.0.0" })).toBe("present");
    expect(names()).toEqual([`/threads/evidence/${revision}/${hex}/smoke`]);
    const calls = ssm.calls.length;
    const { smokes, freeze, serverTime } = await ledger.revisionRecords("prod", revision);
    expect({ smokes, freeze }).toEqual({ smokes: new Map([[bundle, [evidence]]]), freeze: undefined });
    expect(ssm.calls.slice(calls).toSorted()).toEqual(["GetParameters", "GetParametersByPath"]);
    expect(serverTime).toBe(Date.parse(at));
  });

  test("of another digest stays apart, and of another revision is not seen", async () => {
    await ledger.attest(bundle, evidence);
    await ledger.attest(digestOf("other"), { ...evidence, version: "2.0.0" });
    const { smokes } = await ledger.revisionRecords("prod", revision);
    expect(smokes.get(bundle)?.map(({ version }) => version)).toEqual(["1.0.0"]);
    expect(smokes.get(digestOf("other"))?.map(({ version }) => version)).toEqual(["2.0.0"]);
    expect((await ledger.revisionRecords("prod", "b".repeat(40))).smokes.size).toBe(0);
  });

  test("of a kind that this threads does not know yet is passed over", async () => {
    ssm.parameters.store.set(`/threads/evidence/${revision}/${hex}/scan`, '{"schema":2}');
    expect((await ledger.revisionRecords("prod", revision)).smokes.size).toBe(0);
  });

  test("of a thousand checks with long paths still fits, and counts them all", async () => {
    const checks = Array.from({ length: 1000 }, (_, n) => ({
      path: `/${"x".repeat(300)}/${n}`,
      status: 200,
      ok: true,
      ms: n,
    }));
    const services = ["web", "celery", "celery-beat", "nginx", "one-more", "and-more"];
    const images = Object.fromEntries(services.map((service) => [service, digestOf(service)]));
    const by = {
      user: "u".repeat(64),
      host: "h".repeat(64),
      runUrl: `https://github.com/${"o".repeat(100)}/actions/runs/1`,
    };
    await ledger.attest(bundle, { ...evidence, checks, images, by });
    const [smoke] = (await ledger.revisionRecords("prod", revision)).smokes.get(bundle) ?? [];
    expect((smoke?.checks.length ?? 0) + (smoke?.moreChecks ?? 0)).toBe(1000);
    const isKnown = checks.map((check) => isMarked(smoke?.marks ?? "", check));
    expect([isKnown.indexOf(true), isKnown.lastIndexOf(true)]).toEqual([20, 119]);
  });

  test("names checks that begin alike apart, each within its room, and whoever passed one has not passed the other", async () => {
    const beginning = `/${"x".repeat(85)}/`;
    const [first, second] = ["first", "second"].map((end) => ({ path: `${beginning}${end}`, status: 200 })) as [
      AskedCheck,
      AskedCheck,
    ];
    const seen = [first, { path: "/", status: 200 }].map((check) => ({ ...check, ok: true, ms: 5 }));
    await ledger.attest(bundle, { ...evidence, checks: seen });
    const found = (await ledger.revisionRecords("prod", revision)).smokes.get(bundle)?.[0];
    const flaw = (wanted: readonly AskedCheck[]) =>
      flawOf(found!, { published: { ...one, release: { ...one.release, images: pinned } }, wanted });
    expect(found?.checks.map(({ path }) => path.length)).toEqual([80, 1]);
    expect(flaw([first])).toBeUndefined();
    expect(flaw([second])).toBe(`does not show ${second.path}`);
    expect(flaw([first, second])).toBe(`does not show ${second.path}`);

    const both = [first, second].map((check) => ({ ...check, ok: true, ms: 5 }));
    expect(await ledger.attest(bundle, { ...evidence, checks: both })).toBe("created");
    const all = (await ledger.revisionRecords("prod", revision)).smokes.get(bundle) ?? [];
    const names = all.flatMap(({ checks }) => checks.map(({ path }) => path));
    expect(new Set(names).size).toBe(3);
  });

  test("of so many services that marks of checks have no room beside them is written without these", async () => {
    const checks = Array.from({ length: 120 }, (_, n) => ({
      path: `/${"x".repeat(80)}${n}`,
      status: 200,
      ok: true,
      ms: 5,
    }));
    const images = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`service-${n}`, digestOf(`${n}`)]));
    expect(await ledger.attest(bundle, { ...evidence, checks, images })).toBe("created");
    const [smoke] = (await ledger.revisionRecords("prod", revision)).smokes.get(bundle) ?? [];
    expect(smoke).toMatchObject({ images, moreChecks: 100 });
    expect(smoke?.marks).toBeUndefined();
  });

  test("that names the same checks and marks another one beside them says something else", async () => {
    const checks = Array.from({ length: 21 }, (_, n) => ({ path: `/${n}`, status: 200, ok: true, ms: 5 }));
    const another = checks.map((check) => (check.path === "/20" ? { ...check, path: "/another" } : check));
    for (const [given, outcome] of [
      [checks, "created"],
      [another, "created"],
      [another, "present"],
    ] as const)
      expect(await ledger.attest(bundle, { ...evidence, checks: given })).toBe(outcome);
  });

  test("of environments is apart from smoke's, newest first, of each load; what its name does not say counts for nothing", async () => {
    const load = { rate: 5, durationMs: 1000, requests: 5, errors: 0, p50Ms: 1, p90Ms: 2, p99Ms: 3, maxMs: null };
    const look = (kind: "verify" | "stress", environment: string): Evidence => ({ ...evidence, kind, environment });
    const under = (p50Ms: number): Evidence => ({ ...look("stress", "staging"), load: { ...load, p50Ms } });
    for (const [minute, one] of [look("verify", "staging"), under(1), under(2)].entries()) {
      ssm.now = () => Date.parse(at) + minute * 60_000;
      expect(await ledger.attest(bundle, one)).toBe("created");
    }
    expect(await ledger.attest(bundle, under(2))).toBe("present");
    const below = `/threads/evidence/${revision}/${hex}`;
    expect(names()).toEqual([
      `${below}/stress/staging`,
      expect.stringMatching(/\/stress\/staging\/[0-9a-f]{16}$/),
      `${below}/verify/staging`,
    ]);
    // Whoever may write of staging may not thereby write of prod, or that it was verified.
    ssm.parameters.store.set(`${below}/verify/staging/1`, JSON.stringify(look("verify", "prod")));
    ssm.parameters.store.set(`${below}/stress/staging/2`, JSON.stringify(look("verify", "staging")));
    ssm.parameters.store.set(
      `${below}/stress/staging/3`,
      JSON.stringify({ ...under(9), load: { ...load, errors: "none" } }),
    );
    const { smokes, looks } = await ledger.revisionRecords("prod", revision);
    expect(smokes.size).toBe(0);
    expect(looks(bundle).map(({ kind, environment, load: own }) => [kind, environment, own?.p50Ms])).toEqual([
      ["stress", "staging", 2],
      ["stress", "staging", 1],
      ["verify", "staging", undefined],
    ]);
    expect(looks(digestOf("other"))).toEqual([]);
  });

  test("of a rehearsal tells over which release it was, and what says no such thing counts for nothing", async () => {
    const of = (lockMs: number | null): Evidence => ({
      ...evidence,
      kind: "rehearse",
      environment: "prod",
      rehearsal: { over: bundle, lockMs },
    });
    for (const [minute, one] of [of(null), of(40)].entries()) {
      ssm.now = () => Date.parse(at) + minute * 60_000;
      expect(await ledger.attest(bundle, one)).toBe("created");
    }
    expect(await ledger.attest(bundle, of(40))).toBe("present");
    const below = `/threads/evidence/${revision}/${hex}/rehearse/prod`;
    const wrong = { ...of(40), rehearsal: { over: "prod", lockMs: 40 } };
    ssm.parameters.store.set(`${below}/2`, JSON.stringify(wrong));
    const { looks } = await ledger.revisionRecords("prod", revision);
    expect(looks(bundle).map(({ rehearsal }) => rehearsal)).toEqual([
      { over: bundle, lockMs: 40 },
      { over: bundle, lockMs: null },
    ]);
  });

  test("of environments that a newer threads wrote is in nobody's way who does not ask for it", async () => {
    ssm.parameters.store.set(`/threads/evidence/${revision}/${hex}/verify/staging`, '{"schema":2}');
    const { looks } = await ledger.revisionRecords("prod", revision);
    expect(() => looks(bundle)).toThrow(expect.objectContaining({ code: "LEDGER_UNREADABLE" }));
  });

  test("whose reply was lost is there", async () => {
    ssm.fail("PutParameter", "lose-reply");
    expect(await ledger.attest(bundle, evidence)).toBe("present");
    expect(names()).toHaveLength(1);
  });

  test("that says something else of the same digests gets a name of its own, once; both are read", async () => {
    const other = { ...evidence, checks: [{ path: "/", status: 200, ok: true, ms: 3 }, ...evidence.checks] };
    await ledger.attest(bundle, evidence);
    expect(await ledger.attest(bundle, other)).toBe("created");
    expect(await ledger.attest(bundle, { ...other, at: "2026-11-22T12:00:00.000Z" })).toBe("present");
    expect(names()).toEqual([
      `/threads/evidence/${revision}/${hex}/smoke`,
      expect.stringMatching(/\/smoke\/[0-9a-f]{16}$/),
    ]);
    expect((await ledger.revisionRecords("prod", revision)).smokes.get(bundle)).toHaveLength(2);
  });

  test("that is there under both of its names, and is none, ends no promotion", async () => {
    const name = `/threads/evidence/${revision}/${hex}/smoke`;
    ssm.parameters.store.set(name, "forged");
    await ledger.attest(bundle, evidence);
    const [, own = ""] = names();
    ssm.parameters.store.set(own, "forged");
    expect(await ledger.attest(bundle, evidence)).toBe("present");
    expect((await ledger.revisionRecords("prod", revision)).smokes.size).toBe(0);
  });

  test("of a newer threads is not guessed at", async () => {
    ssm.parameters.store.set(`/threads/evidence/${revision}/${hex}/smoke`, '{"schema":2}');
    await expect(ledger.revisionRecords("prod", revision)).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
      exitCode: 3,
    });
  });
});

describe("a freeze", () => {
  const draft = { reason: "no {{templates}}", by: ada, at };

  test("of one environment leaves the others alone; lifted, it is kept with who lifted it", async () => {
    const { outcome, freeze } = await ledger.freeze("prod", draft);
    expect(outcome).toBe("created");
    expect(await ledger.frozen("prod")).toEqual(freeze);
    expect(freeze).toMatchObject({ reason: "no {{templates}}", by: ada });
    expect(await ledger.frozen("staging")).toBeUndefined();
    expect(await ledger.lift("prod", { user: "bob", host: "desk" }, at)).toEqual(freeze);
    expect(await ledger.frozen("prod")).toBeUndefined();
    expect(names()).toEqual([`/threads/prod/freezes/${freeze.nonce}`]);
    expect(JSON.parse(ssm.parameters.store.get(names()[0] ?? "") ?? "")).toMatchObject({
      freeze: { reason: "no {{templates}}", by: ada },
      liftedBy: { user: "bob", host: "desk" },
    });
  });

  test("met again after a lost reply is one's own; another's is a conflict; the same reason again is present", async () => {
    ssm.fail("PutParameter", "lose-reply");
    expect((await ledger.freeze("prod", draft)).outcome).toBe("created");
    expect((await ledger.freeze("prod", draft)).outcome).toBe("present");
    const other = { ...draft, by: { user: "eve", host: "desk" } };
    await expect(ledger.freeze("prod", other)).rejects.toMatchObject({ code: "ALREADY_FROZEN", exitCode: 4 });
  });

  test("by several at once is one freeze", async () => {
    const users = ["ada", "bob", "eve"];
    const results = await Promise.allSettled(
      users.map((user) => ledger.freeze("prod", { ...draft, by: { user, host: "desk" } })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("that could not be kept once it is lifted is not begun", async () => {
    const longest = async (letter: string): Promise<number> => {
      let [fits, not] = [0, 4_096];
      while (not - fits > 1) {
        const length = Math.floor((fits + not) / 2);
        const result = await ledger.freeze("prod", { ...draft, reason: letter.repeat(length) }).catch(String);
        if (typeof result === "string") not = length;
        else fits = length;
        ssm.parameters.store.delete("/threads/prod/freeze");
      }
      return fits;
    };
    for (const letter of ["x", "ü"]) {
      const reason = letter.repeat(await longest(letter));
      await expect(ledger.freeze("prod", { ...draft, reason: `${reason}${letter}` })).rejects.toMatchObject({
        code: "RECORD_TOO_LARGE",
        exitCode: 3,
        advice: ["say the reason in fewer words"],
      });
      expect(await ledger.frozen("prod")).toBeUndefined();
      await ledger.freeze("prod", { ...draft, reason });
      const runUrl = `https://github.com/${"o".repeat(39)}/${"r".repeat(100)}/actions/runs/12345678901`;
      const by = { user: "u".repeat(64), host: "h".repeat(64), runUrl };
      expect(await ledger.lift("prod", by, at)).toMatchObject({ reason });
      expect(ssm.parameters.store.get(names().at(-1) ?? "")).toContain(reason);
      ssm.parameters.store.clear();
    }
  });

  test("of an older threads, too long for that, is lifted all the same", async () => {
    const record = { schema: 1, reason: "x".repeat(3_900), by: ada, at, nonce: "0123456789abcdef" };
    ssm.parameters.store.set("/threads/prod/freeze", JSON.stringify(record));
    expect((await ledger.lift("prod", ada, at))?.reason).toHaveLength(3_900);
    expect(await ledger.frozen("prod")).toBeUndefined();
    expect(names()).toEqual(["/threads/prod/freezes/0123456789abcdef"]);
  });

  test.each(["x", '{"schema":1,"reason":7}'])("that is no record is named: %s", async (text) => {
    ssm.parameters.store.set("/threads/prod/freeze", text);
    await expect(ledger.frozen("prod")).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
      exitCode: 3,
      message: "the ledger's parameter /threads/prod/freeze is not a record",
    });
  });

  test("lifted with a lost reply is lifted", async () => {
    await ledger.freeze("prod", draft);
    ssm.fail("DeleteParameter", "lose-reply");
    expect(await ledger.lift("prod", ada, at)).toMatchObject({ by: ada });
    expect(await ledger.lift("prod", ada, at)).toBeUndefined();
  });
});

test("the deploymentLog has the server's time, whatever the clock here says", async () => {
  const { deployments, serverTime } = await ledger.deploymentLog("prod");
  expect(deployments).toEqual([]);
  expect(serverTime).toBeGreaterThan(Date.parse("2026-01-01T00:00:00Z"));
});
