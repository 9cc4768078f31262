import { expect, test } from "vitest";
import { judgeScans, type ScannedImage } from "../../../../src/lib/actions/gates/judge-scan.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import type { Finding } from "../../../../src/lib/registry/scan-findings.ts";

const config = { block: ["CRITICAL", "HIGH"], allow: [] };
const now = Date.parse("2026-11-22T12:00:00Z");
const digest = digestOf("web");
const image = (status: string, findings: readonly Finding[] = [], service = "web"): ScannedImage => ({
  service,
  scan: { repository: `threads/${service}`, digest, status, description: "why", findings },
});
const critical = { id: "CVE-2026-1", severity: "CRITICAL" };
const allow = (until: string) => ({ ...config, allow: [{ id: "CVE-2026-1", until, reason: "not called" }] });

test.each(["COMPLETE", "ACTIVE"])("%s without a blocked severity passes", (status) => {
  expect(judgeScans(config, [image(status, [{ id: "CVE-2026-2", severity: "MEDIUM" }])], now)).toEqual({
    state: "passed",
    says: "no CRITICAL or HIGH finding in 1 image",
    next: [],
  });
});

test.each([
  ["NOT_FOUND", "missing", "web was never scanned"],
  ["FAILED", "missing", "web was scanned without success: why"],
  ["SCAN_ELIGIBILITY_EXPIRED", "missing", "web was last scanned too long ago (SCAN_ELIGIBILITY_EXPIRED)"],
  ["PENDING", "missing", "the scan of web is under way"],
  ["IN_PROGRESS", "missing", "the scan of web is under way"],
  ["UNSUPPORTED_IMAGE", "blocked", "has no usable scan: UNSUPPORTED_IMAGE (why)"],
  ["FINDINGS_UNAVAILABLE", "blocked", "has no usable scan: FINDINGS_UNAVAILABLE (why)"],
  ["LIMIT_EXCEEDED", "blocked", "has no usable scan: LIMIT_EXCEEDED (why)"],
  ["IMAGE_ARCHIVED", "blocked", "has no usable scan: IMAGE_ARCHIVED (why)"],
  ["SOMETHING_NEW", "blocked", "has no usable scan: SOMETHING_NEW (why)"],
])("%s is never clean: %s", (status, state, says) => {
  const verdict = judgeScans(config, [image("COMPLETE", [], "nginx"), image(status)], now);
  expect(verdict).toMatchObject({ state, says: expect.stringContaining(says) });
  expect(verdict.next.length).toBeGreaterThan(0);
});

test("a scan that nobody began is begun with the next command", () => {
  expect(judgeScans(config, [image("NOT_FOUND")], now).next).toEqual([
    `aws ecr start-image-scan --repository-name threads/web --image-id imageDigest=${digest}`,
  ]);
});

test("a finding is told once, with its images, before what is not scanned yet", () => {
  const images = [image("COMPLETE", [critical]), image("ACTIVE", [critical], "nginx"), image("PENDING", [], "celery")];
  expect(judgeScans(config, images, now)).toMatchObject({
    state: "blocked",
    says: "1 finding: CVE-2026-1 (CRITICAL, web and nginx)",
  });
});

test("many findings are counted, and five are named", () => {
  const many = Array.from({ length: 8 }, (_, index) => ({ id: `CVE-${String(index)}`, severity: "HIGH" }));
  expect(judgeScans(config, [image("COMPLETE", many)], now).says).toMatch(/^8 findings: .*CVE-4 .*, and 3 more$/);
});

test("an accepted finding passes to the end of its last day, in UTC, and not longer", () => {
  const images = [image("COMPLETE", [critical])];
  const lastMoment = Date.parse("2026-11-22T23:59:59.999Z");
  expect(judgeScans(allow("2026-11-22"), images, lastMoment)).toMatchObject({
    state: "passed",
    says: "no CRITICAL or HIGH finding in 1 image; CVE-2026-1 is accepted until 2026-11-22",
  });
  expect(judgeScans(allow("2026-11-22"), images, lastMoment + 1)).toMatchObject({
    state: "blocked",
    says: expect.stringContaining("; the exception for CVE-2026-1 ended with 2026-11-22"),
  });
});

test("an exception is for its own finding only", () => {
  const images = [image("COMPLETE", [critical, { id: "CVE-2026-9", severity: "HIGH" }])];
  expect(judgeScans(allow("2026-12-31"), images, now).says).toBe("1 finding: CVE-2026-9 (HIGH, web)");
});
