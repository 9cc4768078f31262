import { expect, test } from "vitest";
import type { ScanGateConfig } from "../../../src/lib/config/config.ts";
import { judgeScans, type ScannedImage, scansToAwait } from "../../../src/lib/gates/judge-scan.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { Vulnerability } from "../../../src/lib/registry/ecr/scan-findings.ts";

const config: ScanGateConfig = { block: ["CRITICAL", "HIGH"], allow: [], waitMs: 300_000 };
const promote = "threads promote abc -e prod";
const at = { now: Date.parse("2026-11-22T12:00:00Z"), promote };
const digest = digestOf("web");
const image = (status: string, findings: readonly Vulnerability[] = [], service = "web"): ScannedImage => ({
  service,
  scan: { repository: `threads/${service}`, digest, status, description: "why", findings },
});
const critical = { id: "CVE-2026-1", severity: "CRITICAL" };
const allow = (until: string) => ({ ...config, allow: [{ id: "CVE-2026-1", until, reason: "not called" }] });

test.each(["COMPLETE", "ACTIVE"])("%s without a blocked severity passes", (status) => {
  expect(judgeScans(config, [image(status, [{ id: "CVE-2026-2", severity: "MEDIUM" }])], at)).toEqual({
    state: "passed",
    says: "no CRITICAL or HIGH finding in 1 image",
    next: [],
  });
});

const address = `--repository-name threads/web --image-id imageDigest=${digest}`;
const start = `aws ecr start-image-scan ${address}`;
const describeIt = `aws ecr describe-image-scan-findings ${address}`;
const waits = "the promotion waits up to 5 min for the scan";

test.each([
  ["NOT_FOUND", "missing", "web has no scan yet", [start, promote], [waits]],
  ["PENDING", "missing", "the scan of web is still running", [promote], [waits]],
  ["IN_PROGRESS", "missing", "the scan of web is still running", [promote], [waits]],
  ["FAILED", "missing", "the scan of web failed (why)", [start], []],
  [
    "SCAN_ELIGIBILITY_EXPIRED",
    "missing",
    "the registry's continuous scan no longer looks at web, pushed too long ago (why)",
    ["aws inspector2 update-configuration --ecr-configuration rescanDuration=LIFETIME"],
    ["publish a new commit"],
  ],
  ["UNSUPPORTED_IMAGE", "blocked", "the registry does not support scanning web (why)", [describeIt], []],
  ["FINDINGS_UNAVAILABLE", "blocked", "the registry has no findings of web to show (why)", [start, describeIt], []],
  [
    "LIMIT_EXCEEDED",
    "blocked",
    "the account's limit of scans was reached before web (why)",
    [start, describeIt],
    ["wait for a day before you start another scan"],
  ],
  [
    "IMAGE_ARCHIVED",
    "blocked",
    "the registry has archived web, and does not scan archived images (why)",
    [`aws ecr update-image-storage-class --target-storage-class STANDARD ${address}`],
    ["to take an image out of the archive takes up to 20 minutes"],
  ],
  [
    "SOMETHING_NEW",
    "blocked",
    "the scan of web has a status that is not known here: SOMETHING_NEW (why)",
    [describeIt],
    [],
  ],
])("%s is never clean, and has a sentence and a way out of its own", (status, state, says, next, advice) => {
  const verdict = judgeScans(config, [image("COMPLETE", [], "nginx"), image(status)], at);
  expect(verdict).toMatchObject({ state, says, next, advice });
});

test("what still runs ends by itself; what nobody has begun need not", () => {
  const opensBy = (status: string) => judgeScans(config, [image(status)], at).opensBy ?? null;
  expect(["PENDING", "IN_PROGRESS", "NOT_FOUND", "FAILED"].map(opensBy)).toEqual([
    "the registry's scan",
    "the registry's scan",
    null,
    null,
  ]);
});

test("of several images that share a fate one sentence tells, and each has its command", () => {
  const verdict = judgeScans(config, [image("FAILED"), image("FAILED", [], "nginx"), image("NOT_FOUND")], at);
  expect(verdict).toMatchObject({ state: "missing", says: "the scan of web and nginx failed (why)" });
  expect(verdict.next).toEqual([start, start.replace("threads/web", "threads/nginx")]);
});

test("what is not begun and what still runs are told apart; after a wait, how long it was", () => {
  const open = [image("NOT_FOUND"), image("PENDING", [], "nginx")];
  const says = "web has no scan yet; the scan of nginx is still running";
  expect(judgeScans(config, open, at).says).toBe(says);
  expect(judgeScans(config, open, { ...at, waitedMs: 300_000 }).says).toBe(`${says}, after 5 min of waiting`);
});

test("where nothing is waited for, it is to be asked again", () => {
  expect(judgeScans({ ...config, waitMs: 0 }, [image("PENDING")], at)).toMatchObject({
    next: [promote],
    advice: ["promote once the scan has ended"],
  });
});

test("waited for is what runs or is not begun, unless the verdict is certain already", () => {
  const running = image("PENDING");
  const awaited = (...others: ScannedImage[]) => scansToAwait(config, [running, ...others], at.now);
  expect(awaited(image("COMPLETE", [], "nginx"))).toEqual([running]);
  expect(awaited(image("NOT_FOUND", [], "nginx"))).toHaveLength(2);
  expect(awaited(image("COMPLETE", [critical], "nginx"))).toEqual([]);
  for (const status of ["FAILED", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "SOMETHING_NEW"])
    expect(awaited(image(status, [], "nginx"))).toEqual([]);
});

test("a finding is told once, with its images, before what is not scanned yet", () => {
  const images = [image("COMPLETE", [critical]), image("ACTIVE", [critical], "nginx"), image("PENDING", [], "celery")];
  expect(judgeScans(config, images, at)).toMatchObject({
    state: "blocked",
    says: "1 finding: CVE-2026-1 (CRITICAL, web and nginx)",
  });
});

test("many findings are counted, and five are named", () => {
  const many = Array.from({ length: 8 }, (_, index) => ({ id: `CVE-${String(index)}`, severity: "HIGH" }));
  expect(judgeScans(config, [image("COMPLETE", many)], at).says).toMatch(/^8 findings: .*CVE-4 .*, and 3 more$/);
});

test("an accepted finding passes to the end of its last day, in UTC, and not longer", () => {
  const images = [image("COMPLETE", [critical])];
  const lastMoment = Date.parse("2026-11-22T23:59:59.999Z");
  expect(judgeScans(allow("2026-11-22"), images, { now: lastMoment, promote })).toMatchObject({
    state: "passed",
    says: "no CRITICAL or HIGH finding in 1 image; CVE-2026-1 is accepted until 2026-11-22",
  });
  expect(judgeScans(allow("2026-11-22"), images, { now: lastMoment + 1, promote })).toMatchObject({
    state: "blocked",
    says: expect.stringContaining("; the exception for CVE-2026-1 ended with 2026-11-22"),
  });
});

test("an exception is for its own finding only", () => {
  const images = [image("COMPLETE", [critical, { id: "CVE-2026-9", severity: "HIGH" }])];
  expect(judgeScans(allow("2026-12-31"), images, at).says).toBe("1 finding: CVE-2026-9 (HIGH, web)");
});
