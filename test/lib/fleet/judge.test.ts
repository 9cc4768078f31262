import { describe, expect, it } from "vitest";
import { judgeServices, unwellOn } from "../../../src/lib/fleet/judge.ts";
import type { ExpectedService, HostContainer, HostSummary } from "../../../src/lib/script/summary.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const release = {
  revision: "f".repeat(40),
  tree: "e".repeat(40),
  bundle: { repository: "app/bundle", digest: digest("b") },
  images: { web: { repository: "app/web", digest: digest("a") } },
} as unknown as NonNullable<Parameters<typeof judgeServices>[1]["release"]>;

const container = (changes: Partial<HostContainer> = {}): HostContainer => ({
  service: "web",
  oneoff: false,
  id: "1",
  name: "app-web-1",
  reference: `r/app/web@${digest("a")}`,
  digests: [`r/app/web@${digest("a")}`],
  state: "running",
  exitCode: 0,
  health: "healthy",
  restarts: 0,
  startedAt: "2026-11-27T09:00:00Z",
  ...changes,
});

const ended = (exitCode: number): HostContainer => container({ state: "exited", health: "none", exitCode });
const verdict = (containers: readonly HostContainer[], web?: ExpectedService): string[] =>
  judgeServices(
    { containers, services: ["web"], expected: web === undefined ? {} : { web } },
    { release, absent: [] },
  ).map(({ verdict: word, says }) => `${word} ${says}`.trim());

describe("a service of which the model wants more than one container that keeps running", () => {
  const two: ExpectedService = { replicas: 2, ending: "never" };

  it("is well with as many as it wants, and not with fewer or more", () => {
    expect(verdict([container(), container({ id: "2" })], two)).toEqual(["ok"]);
    expect(verdict([container()], two)).toEqual(["missing has 1 container, not 2"]);
    expect(
      verdict(
        [1, 2, 3].map((id) => container({ id: String(id) })),
        two,
      ),
    ).toEqual(["unexpected has 3 containers, not 2"]);
  });

  it("is as bad as the worst of them", () => {
    const sick = container({ id: "2", health: "unhealthy" });
    expect(verdict([container(), sick], two)).toEqual(["unhealthy is unhealthy"]);
    const other = container({ id: "2", reference: "x", digests: [`r/app/web@${digest("c")}`] });
    expect(verdict([container(), other], two)).toEqual([`drift runs sha256:${"c".repeat(12)}`]);
  });

  it("may have as many as the host says, where a variable decides, but not none", () => {
    const any: ExpectedService = { replicas: undefined, ending: "never" };
    expect(verdict([container(), container({ id: "2" })], any)).toEqual(["ok"]);
    expect(verdict([], any)).toEqual(["missing has no container"]);
  });

  it("is not missed where it is switched off", () => {
    expect(verdict([], { replicas: 0, ending: "never" })).toEqual([]);
    expect(verdict([container()], { replicas: 0, ending: "never" })).toEqual(["unexpected has 1 container, not 0"]);
  });
});

describe("a service that ends by itself", () => {
  it.each(["must", "may"] as const)("is well when it has ended with 0 (%s)", (ending) => {
    expect(verdict([ended(0)], { replicas: 1, ending })).toEqual(["ok"]);
    expect(verdict([ended(3)], { replicas: 1, ending })).toEqual(["unhealthy is exited (exit code 3)"]);
  });

  it("is not, where it has to keep running", () => {
    expect(verdict([ended(0)])).toEqual(["unhealthy is exited (exit code 0)"]);
  });
});

it("a half-made replacement beside the container that runs is one too many, and the one that runs is judged", () => {
  expect(verdict([container({ id: "2", state: "created", health: "none" }), container()])).toEqual([
    "unexpected has 2 containers",
  ]);
});

describe("a service that does not run on this host", () => {
  const judged = (state: string): string[] =>
    judgeServices(
      {
        containers: [container(), container({ service: "beat", state, exitCode: state === "exited" ? 143 : 0 })],
        services: ["web", "beat"],
        expected: {},
      },
      { release, absent: ["beat"] },
    ).map(({ service, verdict: word }) => `${service} ${word}`);

  it("may have the container that it had when it did, stopped", () => {
    expect(judged("exited")).toEqual(["web ok"]);
    expect(judged("created")).toEqual(["web ok"]);
  });

  it.each(["running", "restarting", "paused"])("is one too many where its container is %s", (state) => {
    expect(judged(state)).toEqual(["web ok", "beat unexpected"]);
  });
});

describe("what is unwell on a host, whatever release it runs", () => {
  const unwell = (web?: ExpectedService, services: readonly string[] | undefined = ["web"]): readonly string[] =>
    unwellOn(
      { containers: [ended(0)], services, expected: web === undefined ? {} : { web } } as unknown as HostSummary,
      [],
    );

  it.each(["must", "may"] as const)("is not what has ended with 0 by itself (%s)", (ending) => {
    expect(unwell({ replicas: 1, ending })).toEqual([]);
  });

  it("is what has to keep running, and not what nobody knows of", () => {
    expect(unwell()).toEqual(["web is exited (exit code 0)"]);
    expect(unwell(undefined, ["celery"])).toEqual([]);
  });
});
