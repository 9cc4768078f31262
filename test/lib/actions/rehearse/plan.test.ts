import { describe, expect, test } from "vitest";
import { hostsText, rehearseLine } from "../../../../src/lib/actions/rehearse/plan.ts";
import { budget, contracting, expanding, from, plan, slotted, to } from "./facts.ts";

describe("as many hosts as the environment has", () => {
  test("where they fit", () => {
    const { hosts, about } = plan();
    expect(hosts).toBe(2);
    expect(hostsText(about.hosts)).toBe("2 hosts");
  });

  test.each([
    [{ hosts: 12, free: 3 }, 3, "3 of 12 hosts: more do not fit into the 3.0 GiB that are free here"],
    [{ hosts: 12, free: 64 }, 9, "9 of 12 hosts: a sandbox has no more"],
    [{ hosts: 2, free: 0.2 }, 1, "1 of 2 hosts: more do not fit into the 0.2 GiB that are free here"],
    [{ hosts: 12, typed: { hosts: 2 } }, 2, "2 of 12 hosts: --hosts says so"],
  ] as const)("%j: the plan says how many, and why", (how, count, says) => {
    const made = plan(how);
    expect(made.hosts).toBe(count);
    expect(hostsText(made.about.hosts)).toBe(says);
  });
});

describe("the limits", () => {
  test("are errors alone, since this machine is slower than the one that threads.yml speaks of", () => {
    expect(plan({ stress: "p99=200ms,errors=0.1%" }).about).toMatchObject({ budget: "errors=0.1%", lockMs: 1000 });
    expect(plan({ stress: "p99=200ms" }).about).toMatchObject({ budget: "errors=0", rate: 20 });
  });

  test("are those that were typed", () => {
    const typed = { budget: budget("max=2s,errors=3"), lockMs: 5_000, rate: 7 };
    expect(plan({ typed }).about).toMatchObject({ budget: "max=2000ms,errors=3", lockMs: 5_000, rate: 7 });
    expect(rehearseLine("prod", "4f2c1d9", { ...typed, hosts: 1 })).toBe(
      "threads rehearse 4f2c1d9 -e prod --rate 7 --budget max=2000ms,errors=3 --lock 5s --hosts 1",
    );
  });
});

test("the steps say what is deployed over what, and that it goes back", () => {
  const { steps, strategy, noRollback } = plan().about;
  expect({ strategy, noRollback }).toEqual({ strategy: "slots", noRollback: "" });
  const [one, two] = [from, to].map(({ release }) => release.revision.slice(0, 12));
  expect(steps).toEqual([
    "bring up a sandbox of its own, with 2 hosts",
    `copy ${one} and ${two} there, byte for byte`,
    `deploy ${one}, which prod runs (#12)`,
    "ask for 20 requests a second from then on",
    `deploy ${two}, migrate on the first host`,
    "roll it back",
    "remove the sandbox",
  ]);
});

test("behind a migration that contracts nothing is rolled back, as in production", () => {
  const closed = slotted("three", expanding, contracting);
  const { about } = plan({ to: closed });
  expect(about.noRollback).toBe("posts.0003_drop contracts: prod would not be rolled back either");
  expect(about.steps).toContain(`roll nothing back: ${about.noRollback}`);
});

test("what runs already is no deployment", () => {
  expect(() => plan({ to: from })).toThrow(
    expect.objectContaining({
      code: "NOTHING_TO_REHEARSE",
      message: expect.stringContaining("already (deployment 12)"),
    }),
  );
});

test("what is asked for is what a host is asked for", () => {
  const runtime = { compose: "compose.yml", host: "www.example.com" };
  expect(plan({ config: { runtime } }).asked.requests).toMatchObject([
    { path: "/healthz", headers: { host: "www.example.com" } },
  ]);
});
