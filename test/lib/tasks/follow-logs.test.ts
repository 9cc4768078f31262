import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { Sight } from "../../../src/lib/fleet/target.ts";
import { member, minute, openLogsWorld, texts, webTask, workerTask } from "./logs-world.ts";

// `threads logs --follow` of an environment on ECS.

let world: Awaited<ReturnType<typeof openLogsWorld>>;
beforeEach(async () => {
  world = await openLogsWorld();
});
afterEach(() => world.close());

describe("whoever reads along", () => {
  test("gets each line once, also one that comes late, until Ctrl-C", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
    world.meanwhile = [
      () => world.say(`shop/prod/web/nginx/${webTask}`, [0, "three"]),
      async () => {},
      // By the machine's clock before what was shown already.
      () => world.say(`shop/prod/celery/celery/${workerTask}`, [10_000, "two, late"]),
      async () => {},
      async () => {},
    ];
    expect((await world.read({ follow: true })).outcome).toBe("followed");
    expect(texts(world.said)).toEqual(["one", "three", "two, late"]);
  });

  test("gets no lines that --tail has left out", async () => {
    await world.say(
      `shop/prod/web/web/${webTask}`,
      ...Array.from({ length: 50 }, (_, n) => [1_000 - n, String(n)] as const),
    );
    world.meanwhile = [() => world.say(`shop/prod/web/web/${webTask}`, [0, "new"]), async () => {}];
    await world.read({ follow: true, tail: 2 });
    expect(texts(world.said)).toEqual(["48", "49", "new"]);
  });

  test("nor those that were said in the same moment", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "one"], [1_000, "two"]);
    world.meanwhile = [() => world.say(`shop/prod/web/web/${webTask}`, [0, "new"]), async () => {}];
    await world.read({ follow: true, tail: 1 });
    expect(texts(world.said)).toEqual(["two", "new"]);
  });

  test("where nothing was ever said, also the first word of a clock that is late", async () => {
    world.meanwhile = [() => world.say(`shop/prod/web/web/${webTask}`, [10 * minute, "first"]), async () => {}];
    await world.read({ follow: true });
    expect(texts(world.said)).toEqual(["first"]);
  });

  test("what others say after one whose clock is ahead", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [-10 * minute, "ahead"]);
    world.meanwhile = [() => world.say(`shop/prod/celery/celery/${workerTask}`, [0, "now"]), async () => {}];
    await world.read({ follow: true });
    expect(texts(world.said)).toEqual(["ahead", "now"]);
  });

  test("by a clock that is wrong, too", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
    const wrong = 10 * minute;
    world.now += wrong;
    world.meanwhile = [
      async () => {
        world.now -= wrong;
        await world.say(`shop/prod/web/web/${webTask}`, [0, "two"]);
        world.now += wrong;
      },
      async () => {},
    ];
    await world.read({ follow: true });
    expect(texts(world.said)).toEqual(["one", "two"]);
  });
});

test.each<readonly [string, Sight["members"]]>([
  ["does not answer", async () => [{ ...member, online: false }]],
  ["fails", () => Promise.reject(new ThreadsError("AWS_FAILURE", { message: "AWS answered 500" }))],
])("whoever reads along goes on where ECS %s for a moment: what tasks say lies elsewhere", async (_, unwell) => {
  await world.say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
  world.meanwhile = [
    async () => {
      world.now += minute;
      world.members = unwell;
      await world.say(`shop/prod/web/web/${webTask}`, [0, "two"]);
    },
    async () => {
      world.now += minute;
      await world.say(`shop/prod/web/web/${webTask}`, [0, "three"]);
    },
    async () => {
      world.now += minute;
      world.members = async () => [member];
      await world.say(`shop/prod/web/web/${webTask}`, [0, "four"]);
    },
    async () => {},
  ];
  expect((await world.read({ follow: true })).outcome).toBe("followed");
  expect(texts(world.said)).toEqual(["one", "two", "three", "four"]);
  expect(world.warned).toEqual([expect.stringMatching(/^nobody says whether what is followed is there still: /)]);
});

test("and does not where it is told that it may not", async () => {
  const denied = new ThreadsError("ACCESS_DENIED", { message: "denied" });
  world.meanwhile = [
    async () => {
      world.now += minute;
      world.members = () => Promise.reject(denied);
    },
    async () => {},
  ];
  await expect(world.read({ follow: true })).rejects.toBe(denied);
});

test("trouble that does not pass is told, and the reader goes on once it is over", async () => {
  await world.say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
  await world.sandbox.settings({
    faults: [{ operation: "FilterLogEvents", kind: "error-500", times: 1_000, skip: 1 }],
  });
  const mend = async (): Promise<void> => {
    if (world.warned.length > 0) await world.sandbox.settings({ faults: [] });
  };
  world.meanwhile = [
    () => world.say(`shop/prod/web/web/${webTask}`, [0, "two"]),
    ...Array.from({ length: 150 }, () => mend),
  ];
  await world.read({ follow: true, tail: 1 });
  expect(texts(world.said)).toEqual(["one", "two"]);
  expect(world.warned).toEqual([expect.stringMatching(/^ecs:shop\/shop-prod is not heard: AWS answered/)]);
});

test.each(["throttle", "error-500", "drop-reply"])(
  "what passes (%s) is waited out, and costs no line",
  async (kind) => {
    await world.sandbox.settings({ faults: [{ operation: "FilterLogEvents", kind, times: 2, skip: 1 }] });
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
    world.meanwhile = [
      () => world.say(`shop/prod/web/web/${webTask}`, [0, "two"]),
      ...Array.from({ length: 4 }, () => async () => {}),
    ];
    await world.read({ follow: true, tail: 1 });
    expect(texts(world.said)).toEqual(["one", "two"]);
    expect(await world.sandbox.met()).toEqual([1, 2].map(() => `FilterLogEvents ${kind}`));
  },
);
