import { expect, test } from "vitest";
import type { SignatureFacts } from "../../../src/lib/gates/signable.ts";
import { isShut, judgeGates } from "../../../src/lib/gates/judge.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { facts, now, one } from "./facts.ts";

const by = {
  identity: "https://github.com/acme/app/.github/workflows/publish.yml@refs/heads/dev",
  issuer: "https://token.actions.githubusercontent.com",
} as const;
const first = { bundle: one.digest, by: { user: "ada", host: "laptop" }, at: new Date(now).toISOString() };
const web = { name: "web", repository: "threads/web", digest: digestOf("web"), why: "no signatures found" };
const signed: SignatureFacts = { unsigned: { things: [] }, first: undefined };
const unsigned: SignatureFacts = {
  unsigned: { things: [web, { ...web, digest: digestOf("child") }, { ...web, name: "bundle" }] },
  first: undefined,
};
const judged = (signatures: SignatureFacts | undefined, required = false) => {
  const found = judgeGates(facts({ signature: { by, required } }, { signatures }), new Map()).find(
    ({ gate }) => gate === "signature",
  );
  if (found === undefined) throw new Error("there is no such gate");
  return found;
};
const next = [`git switch --detach ${one.release.revision.slice(0, 12)} && threads publish --sign`];

test("all must be signed; the first time, what follows from that is told", () => {
  expect(judged(signed)).toMatchObject({
    state: "passed",
    says: `every image and the bundle are signed by ${by.identity}; once this is promoted, prod takes nothing else`,
  });
  expect(judged({ ...signed, first }).says).toBe(`every image and the bundle are signed by ${by.identity}`);
  expect(judged(signed, true).says).toBe(`every image and the bundle are signed by ${by.identity}`);
});

test("until it has passed once it warns, and keeps nothing out", () => {
  const gate = judged(unsigned);
  expect(gate).toMatchObject({
    state: "warned",
    says: `web and bundle: no signature by ${by.identity} (no signatures found); this only warns until it has passed in prod once`,
    next,
  });
  expect(isShut(gate)).toBe(false);
});

test("once it has passed it holds, and says since when", () => {
  const gate = judged({ ...unsigned, first });
  expect(gate).toMatchObject({ state: "missing", opensBy: null, next });
  expect(gate.says).toMatch(/; it passed in prod first 22 Nov 2026 12:00 UTC, by ada on laptop$/);
  expect(isShut(gate)).toBe(true);
});

test("where it is required it holds from the beginning", () => {
  expect(judged(unsigned, true)).toMatchObject({ state: "missing", next });
});

test.each([
  { unsigned: { unknown: "the program cosign is not here", advice: ["install it"] }, first: undefined },
  undefined,
])("what nobody can tell has not passed: %j", (signatures) => {
  const gate = judged(signatures, true);
  expect(gate.state).toBe("missing");
  expect(gate.says).toMatch(/cosign is not here|nobody asked/);
  expect(judged(signatures)).toMatchObject({ state: "warned" });
});

test("whose key it is is told without the key", () => {
  const key = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----";
  const config = { signature: { by: { key, log: false }, required: false } };
  const gate = judgeGates(facts(config, { signatures: signed }), new Map()).find((one) => one.gate === "signature");
  expect(gate?.says).toMatch(/^every image and the bundle are signed by the key of threads\.yml;/);
});

const called = "https://github.com/acme/ci/.github/workflows/publish.yml@refs/tags/v2";
test.each([
  [
    `no matching signatures: none of the expected identities matched what was in the certificate, got subjects [${called}] with issuer https://token.actions.githubusercontent.com`,
    `it is signed by ${called}, for whom https://token.actions.githubusercontent.com vouches: only if that is who is to sign, have the gate say \`by: ${called}\` and \`issuer: https://token.actions.githubusercontent.com\`;`,
  ],
  [
    `no matching attestations: failed to verify certificate identity: no matching CertificateIdentity found, last error: expected SAN value "${by.identity}", got "${called}"`,
    `it is signed by ${called}: only if that is who is to sign, have the gate say \`by: ${called}\`;`,
  ],
])("where somebody else has signed, the gate says who, as of a reusable workflow: %s", (why, says) => {
  const gate = judged({ unsigned: { things: [{ ...web, why }] }, first: undefined }, true);
  expect(gate.advice?.[0]).toContain(says);
  expect(judged(unsigned, true).advice).toHaveLength(1);
});
