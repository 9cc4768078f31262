import { inspect } from "node:util";
import { expect, it } from "vitest";
import { Secret } from "../../../src/lib/secret/secret.ts";

it("never prints itself, however it is printed", () => {
  const secret = new Secret("hunter2");
  const printed = [
    // oxlint-disable-next-line typescript/restrict-template-expressions -- the accident that this type is made for
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: [secret] }, { showHidden: true }),
  ];
  for (const text of printed) {
    expect(text).toContain("[redacted]");
    expect(text).not.toContain("hunter2");
  }
  expect(Object.keys(secret)).toEqual([]);
  expect(secret.reveal()).toBe("hunter2");
});
