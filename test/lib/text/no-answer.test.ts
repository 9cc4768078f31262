import { expect, test } from "vitest";
import { whyNoAnswer } from "../../../src/lib/text/no-answer.ts";

test.each([
  [
    new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) }),
    "ECONNREFUSED",
  ],
  [new TypeError("fetch failed", { cause: new Error("unexpected redirect") }), "unexpected redirect"],
  [new DOMException("The operation was aborted due to timeout", "TimeoutError"), "no answer within 1.5 s"],
  [new SyntaxError("Unexpected token"), "Unexpected token"],
])("%s is told as what it is", (error, says) => {
  expect(whyNoAnswer(error, 1_500)).toBe(says);
});
