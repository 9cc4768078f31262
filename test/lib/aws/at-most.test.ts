import { expect, test } from "vitest";
import { atMost } from "../../../src/lib/aws/at-most.ts";

test("no more than so many run at once, in the order in which they came, and a failure gives its place on", async () => {
  const place = atMost(2);
  const began: number[] = [];
  const ends: ((failed: boolean) => void)[] = [];
  const runs = [0, 1, 2, 3].map((number) =>
    place(async () => {
      began.push(number);
      const failed = await new Promise<boolean>((resolve) => (ends[number] = resolve));
      if (failed) throw new Error(String(number));
      return number;
    }),
  );
  const settled = Promise.allSettled(runs);
  expect(began).toEqual([0, 1]);
  ends[1]?.(true);
  await expect(runs[1]).rejects.toThrow("1");
  expect(began).toEqual([0, 1, 2]);
  ends[0]?.(false);
  expect(await runs[0]).toBe(0);
  expect(began).toEqual([0, 1, 2, 3]);
  ends[2]?.(false);
  ends[3]?.(false);
  expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  // Both places are free again.
  const [fifth, sixth] = [place(() => Promise.resolve(5)), place(() => Promise.resolve(6))];
  expect(await Promise.all([fifth, sixth])).toEqual([5, 6]);
});
