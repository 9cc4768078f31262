import { expect, test } from "vitest";
import { sentence, type Problem } from "../../../src/lib/compose/problem.ts";
import { requiredKeys } from "../../../src/lib/compose/required-keys.ts";

const keysOf = (environment: unknown, listed?: unknown): { readonly keys: string[]; readonly problems: string[] } => {
  const problems: Problem[] = [];
  const services = { web: { image: "${WEB_IMAGE}", environment }, "celery-beat": {} };
  const raw = { services, ...(listed !== undefined && { "x-required-env": listed }) };
  return { keys: requiredKeys(raw, { services }, problems), problems: problems.map(sentence) };
};

test("what compose reads nothing without is required as what is listed is", () => {
  const environment = { A: "${PAYMENT_URL:?where people pay}", B: "x${DB_URL:?}y${PAYMENT_URL:?}" };
  expect(keysOf(environment, ["SECRET_KEY", "DB_URL"])).toEqual({
    keys: ["SECRET_KEY", "DB_URL", "PAYMENT_URL"],
    problems: [],
  });
});

test.each([
  ["a default", "${A:-x} ${B-y}"],
  ["what may be empty", "${A?must be set} $A ${A}"],
  ["a dollar", "$${A:?} $$A"],
  ["another's default", "${A:-${B:?}}"],
  [
    "what threads sets itself",
    "${WEB_IMAGE:?} ${CELERY_BEAT_IMAGE:?} ${REVISION:?} ${TREE:?} ${HTTP_PORT:?} ${ENV_FILE:?} ${THREADS_X:?}",
  ],
])("%s requires nothing of a host", (_, text) => {
  expect(keysOf({ X: text }).keys).toEqual([]);
});

test("a reason may have variables of its own", () => {
  expect(keysOf(["X=${A:?see ${B:?}} ${C:?}"]).keys).toEqual(["A", "C"]);
});

test.each([["KEY OTHER"], [{ KEY: true }], [["A=1"]], [[1]], ["KEY"], [["A", ["B"]]]])(
  "%j is no list of names, and is refused",
  (listed) => {
    const { keys, problems } = keysOf({}, listed);
    expect(keys).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/^has an x-required-env that is no list of names \(.*write it as/),
    ]);
  },
);

test("nothing is listed where it is left empty", () => {
  expect(keysOf({}, null)).toEqual({ keys: [], problems: [] });
  expect(keysOf({}, [])).toEqual({ keys: [], problems: [] });
});
