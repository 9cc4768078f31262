import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseSummary } from "../../src/lib/script/summary.ts";

const common = readFileSync(new URL("../../src/lib/script/common.sh", import.meta.url), "utf8");

/** What a host prints whose line is this. @param before done first */
function printed(line: string, before = ""): string {
  const script = `APP=app ROOT=/nowhere\n${common}\n${before}\nhand_on "$LINE"`;
  return execFileSync("bash", ["-c", script], { env: { PATH: "/usr/bin:/bin", LINE: line }, encoding: "utf8" });
}

const lineOf = (services: number): string =>
  JSON.stringify({
    threads: 1,
    action: "status",
    number: 3,
    nonce: "n",
    ok: true,
    containers: Array.from({ length: services }, (_, n) => ({
      service: `service-${n}`,
      reference: `000000000000.dkr.ecr.eu-west-1.amazonaws.com/app/service-${n}@sha256:${String(n).padStart(64, "0")}`,
    })),
  });

test("a line that SSM's list shows whole travels as it is", () => {
  expect(printed(lineOf(4))).toBe(`${lineOf(4)}\n`);
});

test("a longer one travels packed, and says the same", () => {
  const [line, short] = [lineOf(20), printed(lineOf(20))];
  expect(line.length).toBeGreaterThan(2_500);
  expect(short.length).toBeLessThan(2_500);
  expect(parseSummary(short)).toEqual(parseSummary(line));
});

test("a host that cannot pack it tells it as it is", () => {
  expect(printed(lineOf(20), "gzip() { return 1; }; set -o pipefail")).toBe(`${lineOf(20)}\n`);
});
