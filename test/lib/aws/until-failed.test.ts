import { expect, test } from "vitest";
import { untilFailed } from "../../../src/lib/aws/until-failed.ts";

const same = (number: number) => Promise.resolve(number);
const fails = () => Promise.reject(new Error("expired"));

test("is made on first use, once for all, until one that uses it fails", async () => {
  let made = 0;
  const use = untilFailed(async () => (made += 1));
  expect(made).toBe(0);
  expect(await Promise.all([use(same), use(same)])).toEqual([1, 1]);
  await expect(use(fails)).rejects.toThrow("expired");
  expect([await use(same), await use(same)]).toEqual([2, 2]);
});

test("is made again where it could not be made", async () => {
  let tries = 0;
  const use = untilFailed(async () => {
    tries += 1;
    if (tries === 1) throw new Error("expired");
    return tries;
  });
  await expect(use(same)).rejects.toThrow("expired");
  expect(await use(same)).toBe(2);
});

test("of two that fail with the same one, the later forgets nothing newer", async () => {
  let made = 0;
  const use = untilFailed(async () => (made += 1));
  const late = Promise.withResolvers<never>();
  const failing = use(() => late.promise);
  await expect(use(fails)).rejects.toThrow("expired");
  expect(await use(same)).toBe(2);
  late.reject(new Error("late"));
  await expect(failing).rejects.toThrow("late");
  expect(await use(same)).toBe(2);
});
