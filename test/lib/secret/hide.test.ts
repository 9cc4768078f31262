import { describe, expect, test } from "vitest";
import { hiding } from "../../../src/lib/secret/hide.ts";
import { Secret } from "../../../src/lib/secret/secret.ts";
import { printedSecrets } from "../../fakes/printed-secrets.ts";

// What hosts hide by their own programs: test/host/report.test.ts goes by the same table.

const masked = (values: readonly string[], line: string): string => hiding(values.map((one) => new Secret(one)))(line);

describe("a value is hidden", () => {
  test.each(printedSecrets)("%s", (_, value, printed) => {
    const told = masked([value], `before ${printed} after`);
    expect(told).toMatch(/before .*\[redacted\].* after/);
    expect(told).not.toContain(printed);
    expect(told).not.toContain(value);
  });

  test.each([0, 1, 2])("in the Base64 of something longer, %i bytes in", (skip) => {
    const coded = Buffer.from(`${"x".repeat(skip)}p@ss/w0rd-4711:and more`).toString("base64");
    const told = masked(["p@ss/w0rd-4711"], `${coded} ${coded.replaceAll("+", "-").replaceAll("/", "_")}`);
    for (let at = 4; at + 12 < 20; at += 1) expect(told).not.toContain(coded.slice(at, at + 12));
  });

  test("piece by piece where it is JSON, and line by line", () => {
    const account = JSON.stringify({ type: "service_account", private_key: "-----BEGIN\nabcdefgh\n-----END" });
    expect(masked([account], "key abcdefgh of service_account, type")).toBe("key [redacted] of [redacted], type");
  });

  test("the longest first: no rest of a value stays behind another one", () => {
    expect(masked(["hunter22", "hunter22-and-the-tail"], "is hunter22-and-the-tail")).toBe("is [redacted]");
  });
});

test("words that are no secrets stay, and so do short ones within longer ones", () => {
  expect(masked(["production", "INFO", "4711"], "production INFO x4711x id-4711")).toBe(
    "production INFO x4711x id-[redacted]",
  );
  expect(masked(["red", "hunter22"], "hunter22 is red")).toBe("[redacted] is [redacted]");
});
