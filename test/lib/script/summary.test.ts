import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type HostContainer, parseSummary, runningDigest } from "../../../src/lib/script/summary.ts";

const line = '{"threads":1,"action":"deploy","number":3,"nonce":"n","ok":true,"current":null,"containers":[]}';
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

test("the summary is found among other lines", () => {
  expect(parseSummary(`noise\n${line}\nmore`)).toMatchObject({
    action: "deploy",
    number: 3,
    ok: true,
    current: undefined,
  });
});

test.each(["", "all good", line.slice(0, 60), '{"threads":1,"ok":true}', '{"threads":2,"action":"deploy"}'])(
  "what is no whole summary is none: %j",
  (text) => {
    expect(parseSummary(text)).toBeUndefined();
  },
);

const packed = (text: string): string => JSON.stringify({ threads: 1, packed: gzipSync(text).toString("base64") });

test("a packed one is the same as it was before", () => {
  expect(parseSummary(packed(line))).toEqual(parseSummary(line));
});

test.each([
  ["cut off", packed(line).slice(0, -20)],
  ["of something else", packed("all good")],
  ["no gzip", '{"threads":1,"packed":"eHg="}'],
  ["larger than any host has to tell", packed(`"${"x".repeat(1_000_000)}"`)],
])("a packed one that is %s is none", (_, text) => {
  expect(parseSummary(text)).toBeUndefined();
});

test("the environment is what the host has made; null, and nothing, are a file of its own", () => {
  const environment = { from: "/app/prod/", versions: { A: "1" } };
  const of = (value: unknown) =>
    parseSummary(line.replace('"current"', `"environment":${JSON.stringify(value)},"current"`));
  expect(of(environment)?.environment).toEqual(environment);
  expect([of(null)?.environment, parseSummary(line)?.environment]).toEqual([undefined, undefined]);
});

test("ok means true and nothing else", () => {
  expect(parseSummary(line.replace('"ok":true', '"ok":"yes"'))?.ok).toBe(false);
});

test("a container's digest is that of the image it runs; the reference it was asked for counts last", () => {
  const container = {
    digests: [`r/a@${digest("1")}`, `r/b@${digest("2")}`],
    reference: `r/a@${digest("3")}`,
  } as unknown as HostContainer;
  expect(runningDigest(container)).toBe(digest("1"));
  expect(runningDigest(container, digest("2"))).toBe(digest("2"));
  expect(runningDigest({ ...container, digests: [] })).toBe(digest("3"));
  expect(runningDigest({ ...container, digests: [], reference: "r/a:latest" })).toBeUndefined();
});
