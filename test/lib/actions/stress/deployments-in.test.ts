import { expect, test } from "vitest";
import { deploymentsIn } from "../../../../src/lib/actions/stress/deployments-in.ts";
import type { Deployment, DeploymentOutcome } from "../../../../src/lib/ledger/ledger.ts";

const at = (second: number): string => new Date(Date.parse("2026-11-28T05:00:00Z") + second * 1000).toISOString();
const deployment = (rounds: DeploymentOutcome["rounds"]): Deployment =>
  ({
    intent: { number: 13, kind: "deploy", revision: "a".repeat(40), startedAt: at(100) },
    outcome: { result: "succeeded", ...(rounds === undefined ? {} : { rounds }) },
    recordedAt: at(10),
    endedAt: at(30),
  }) as unknown as Deployment;
const seen = (rounds: DeploymentOutcome["rounds"]) =>
  deploymentsIn(
    { deployments: [deployment(rounds)], serverTime: Date.parse(at(60)) },
    { startedAt: at(0), tookMs: 60_000 },
  );

test("steps of a deployment follow each other from when its round began, by the server's clock", () => {
  const rounds = [
    { afterMs: 500, timings: { pull: 1500, switch: 2000 } },
    { afterMs: 8000, timings: { switch: 1000 } },
  ];
  expect(seen(rounds)[0]?.steps).toEqual([
    { step: "pull", begunAt: at(10.5), tookMs: 1500 },
    { step: "switch", begunAt: at(12), tookMs: 2000 },
    { step: "switch", begunAt: at(18), tookMs: 1000 },
  ]);
});

test("one whose record does not tell has none", () => {
  expect(seen(undefined)).toMatchObject([{ number: 13, begunAt: at(10), endedAt: at(30), steps: [] }]);
});
