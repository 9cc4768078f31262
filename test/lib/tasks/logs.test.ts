import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { Secret } from "../../../src/lib/secret/secret.ts";
import { environment, member, minute, day, openLogsWorld, texts, webTask, workerTask } from "./logs-world.ts";

// `threads logs` of an environment on ECS.

let world: Awaited<ReturnType<typeof openLogsWorld>>;
beforeEach(async () => {
  world = await openLogsWorld();
});
afterEach(() => world.close());

describe("what tasks say", () => {
  test("comes in order of time over all services, from tasks that are over as well", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [5_000, "one"], [2_000, "four"]);
    await world.say(`shop/prod/web/nginx/${webTask}`, [4_000, "two"]);
    await world.say(`shop/prod/celery/celery/${workerTask}`, [3_000, "three"]);
    const result = await world.read();
    expect(result).toMatchObject({ outcome: "read", hosts: [{ id: member.id, verdict: "read", left: 0, says: "" }] });
    expect(texts(result.lines)).toEqual(["one", "two", "three", "four"]);
    expect(result.lines?.[1]).toEqual({
      loggedAt: new Date(world.now - 4_000).toISOString(),
      host: member.name,
      service: "nginx",
      container: `shop/prod/web/nginx/${webTask}`,
      text: "two",
    });
  });

  test("of one service or more, wherever its task is; a wrong one is told", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [5_000, "one"]);
    await world.say(`shop/prod/web/nginx/${webTask}`, [4_000, "two"]);
    await world.say(`shop/prod/celery/celery/${workerTask}`, [3_000, "three"]);
    expect(texts((await world.read({ services: ["nginx"] })).lines)).toEqual(["two"]);
    expect(texts((await world.read({ services: ["celery", "web"] })).lines)).toEqual(["one", "three"]);
    await expect(world.read({ services: ["celry"] })).rejects.toMatchObject({
      code: "UNKNOWN_SERVICE",
      next: ["threads logs -e prod celery"],
    });
  });

  test("are the last so many, and no more is read for them", async () => {
    await world.say(
      `shop/prod/web/web/${webTask}`,
      ...Array.from({ length: 300 }, (_, n) => [300_000 - n, String(n)] as const),
    );
    expect(texts((await world.read()).lines)).toEqual(Array.from({ length: 100 }, (_, n) => String(n + 200)));
    expect(texts((await world.read({ tail: 2 })).lines)).toEqual(["298", "299"]);
    expect(await world.calls()).toBe(2);
    // No search begins at its end that begins before 2024.
    expect(texts((await world.read({ since: "2020-01-01", tail: 1 })).lines)).toEqual(["299"]);
  });

  test("in the order in which it was said, where it was said at the same time", async () => {
    await world.say(
      `shop/prod/web/web/${webTask}`,
      ...["Traceback", "line 1", "Error"].map((text) => [1_000, text] as const),
    );
    expect(texts((await world.read()).lines)).toEqual(["Traceback", "line 1", "Error"]);
    expect(texts((await world.read({ tail: 2 })).lines)).toEqual(["line 1", "Error"]);
    expect(texts((await world.read({ since: "1m" })).lines)).toEqual(["Traceback", "line 1", "Error"]);
  });

  test("since a time, page by page: none is lost, none comes twice", async () => {
    // A page has a megabyte, so that each of these is one.
    const filler = "x".repeat(600_000);
    await world.say(
      `shop/prod/web/web/${webTask}`,
      ...Array.from({ length: 12 }, (_, n) => [1_000 - n, `${n} ${filler}`] as const),
    );
    await world.say(`shop/prod/web/web/${webTask}`, [2 * minute, "before"]);
    const { lines, ...result } = await world.read({ since: "1m" });
    expect(texts(lines).map((line) => Number(line.split(" ")[0]))).toEqual(Array.from({ length: 12 }, (_, n) => n));
    expect(result).toMatchObject({ outcome: "read", hosts: [{ left: 0 }] });
    expect(await world.calls()).toBe(12);
  });

  test("is searched as grep -E does, in the last hour where nothing else is said", async () => {
    await world.say(
      `shop/prod/web/web/${webTask}`,
      [2 * 60 * minute, "ERROR 1"],
      [3_000, "ERROR 12"],
      [2_000, "fine"],
      [1_000, "Error 3"],
    );
    expect(texts((await world.read({ grep: "^ERROR [[:digit:]]+$" })).lines)).toEqual(["ERROR 12"]);
  });

  test("which is nothing is told", async () => {
    expect((await world.read()).advice).toEqual([expect.stringMatching(/^nothing was said there: \/shop\/prod has/)]);
  });

  test("long ago is not looked for without an end, and that is told, with what looks further", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [20 * day, "long ago"]);
    const result = await world.read();
    expect(result).toMatchObject({
      outcome: "read",
      lines: [],
      advice: ["nothing was said in the last 24 h, and further back was not looked"],
      next: ["threads logs -e prod --since 30d --tail 100"],
    });
    expect(await world.calls()).toBeLessThan(25);
    expect(texts((await world.read({ since: "30d", tail: 100 })).lines)).toEqual(["long ago"]);
  });

  test("a few lines are shown that are quickly found, and it is told that there may be others", async () => {
    await world.say(
      `shop/prod/web/web/${webTask}`,
      [20 * day, "long ago"],
      [30 * 60 * minute, "yesterday"],
      [1_000, "now"],
    );
    const { lines, advice, next } = await world.read({ tail: 3, services: ["web"] });
    expect(texts(lines)).toEqual(["yesterday", "now"]);
    expect(advice).toEqual(["nothing else was said in the last 24 h, and further back was not looked"]);
    expect(next).toEqual(["threads logs -e prod --since 30d --tail 3 web"]);
    expect((await world.read({ tail: 1 })).advice).toEqual([]);
  });

  test("what lies between is found in time", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [50 * 60 * minute, "before"], [100 * 60 * minute, "long before"]);
    expect(texts((await world.read({ tail: 1 })).lines)).toEqual(["before"]);
    expect(texts((await world.read({ tail: 2 })).lines)).toEqual(["long before", "before"]);
  });

  test("is followed from there, also where nothing was found; nothing that was left out comes later", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [20 * day, "long ago"]);
    world.meanwhile = [
      () => world.say(`shop/prod/web/web/${webTask}`, [10 * minute, "late"], [0, "new"]),
      async () => {},
    ];
    await world.read({ follow: true });
    expect(texts(world.said)).toEqual(["late", "new"]);
    expect(world.noted).toEqual([
      "nothing was said in the last 24 h, and further back was not looked; --since 30d looks further",
    ]);
  });
});

describe("of others in the same log group", () => {
  test("nothing is shown, whatever their streams are called", async () => {
    await world.say(`shop/prod/web/web/${webTask}`, [3_000, "own"]);
    await world.say(`shop/prod2/web/web/${webTask}`, [2_000, "s3cr3t of prod2"]);
    await world.say(`shop/staging/web/web/${webTask}`, [2_000, "s3cr3t of staging"]);
    await world.say(`web/web/${workerTask}`, [2_000, "s3cr3t of nobody knows whom"]);
    // Their task is called as our application, its container as our environment.
    await world.say(`shop/prod/${workerTask}`, [1_000, "s3cr3t of a namesake"]);
    expect(texts((await world.read()).lines)).toEqual(["own"]);
    expect(texts((await world.read({ services: ["web"] })).lines)).toEqual(["own"]);
    expect(texts((await world.read({ since: "1h" })).lines)).toEqual(["own"]);
  });

  test("what a task of before says is shown, which its definition names", async () => {
    world.older = () => [{ prefix: `web/web/${webTask}`, service: "web" }];
    await world.say(`web/web/${webTask}`, [3_000, "one"]);
    await world.say(`web/web/${workerTask}`, [2_500, "s3cr3t of another"]);
    await world.say(`shop/prod/celery/celery/${workerTask}`, [2_000, "two"]);
    expect(texts((await world.read()).lines)).toEqual(["one", "two"]);
    expect(texts((await world.read({ services: ["web"] })).lines)).toEqual(["one"]);
    expect(texts((await world.read({ services: ["celery"] })).lines)).toEqual(["two"]);
  });

  test("and what one says that a rollback brings back, while somebody reads along; also while ECS is not well", async () => {
    const unwell = new ThreadsError("AWS_FAILURE", { message: "AWS answered 500" });
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "new"]);
    world.meanwhile = [
      async () => {
        world.now += minute;
        world.older = () => [{ prefix: "web/web/", service: "web" }];
        await world.say(`web/web/${workerTask}`, [0, "old"]);
      },
      async () => {
        world.now += minute;
        world.older = () => {
          throw unwell;
        };
        await world.say(`web/web/${workerTask}`, [0, "older"]);
      },
      async () => {},
    ];
    await world.read({ follow: true });
    expect(texts(world.said)).toEqual(["new", "old", "older"]);
    expect(world.warned).toEqual([]);
  });
});

describe("is hidden", () => {
  test("each value of a setting, and what is hidden is not found either", async () => {
    world.secrets = async () => [new Secret("postgres://shop:s3cr3t-pw@db/shop")];
    await world.say(`shop/prod/web/web/${webTask}`, [2_000, "password s3cr3t-pw failed"], [1_000, "well"]);
    expect(texts((await world.read()).lines)).toEqual(["password [redacted] failed", "well"]);
    expect(texts((await world.read({ grep: "s3cr3t" })).lines)).toEqual([]);
  });

  test("everything, where the values cannot be read", async () => {
    world.secrets = () => Promise.reject(new Error("denied"));
    await world.say(`shop/prod/web/web/${webTask}`, [2_000, "s3cr3t"]);
    await expect(world.read()).rejects.toThrow("denied");
  });

  test("what a task is given that starts while somebody reads along; what was one before stays so", async () => {
    let value = "first-value";
    world.secrets = async () => [new Secret(value)];
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "old first-value"]);
    world.meanwhile = [
      async () => {
        value = "second-value";
        await world.say(`shop/prod/web/web/${workerTask}`, [0, "new second-value, old first-value"]);
      },
      async () => {},
    ];
    await world.read({ follow: true });
    expect(texts(world.said)).toEqual(["old [redacted]", "new [redacted], old [redacted]"]);
  });

  test("that also where a task of before says something in the same moment", async () => {
    let value = "first-value";
    world.secrets = async () => [new Secret(value)];
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "begins"]);
    world.meanwhile = [
      async () => {
        value = "second-value";
        await world.say(`shop/prod/web/web/${webTask}`, [1, "goes on"]);
        await world.say(`shop/prod/web/web/${workerTask}`, [0, "new second-value"]);
      },
      async () => {},
    ];
    await world.read({ follow: true });
    expect(texts(world.said)).toEqual(["begins", "goes on", "new [redacted]"]);
  });

  test("everything from then on, where whoever reads along may not have the values any more", async () => {
    const denied = new ThreadsError("ACCESS_DENIED", { message: "denied" });
    let mayRead = true;
    world.secrets = async () => {
      if (mayRead) return [];
      throw denied;
    };
    await world.say(`shop/prod/web/web/${webTask}`, [1_000, "begins"]);
    world.meanwhile = [
      async () => {
        mayRead = false;
        await world.say(`shop/prod/web/web/${workerTask}`, [0, "s3cr3t"]);
      },
      async () => {},
    ];
    await expect(world.read({ follow: true })).rejects.toBe(denied);
    expect(texts(world.said)).toEqual(["begins"]);
  });
});

describe("refused is", () => {
  test("a log group that is not there, with what makes it", async () => {
    world.place = { ...environment, ecs: { ...environment.ecs, logGroup: "/elsewhere" } };
    await expect(world.read()).rejects.toMatchObject({
      code: "NO_LOG_GROUP",
      next: ["aws logs create-log-group --log-group-name /elsewhere", "threads doctor -e prod"],
    });
  });

  test("the log of a deployment, which no host writes there", async () => {
    await expect(world.read({ deployment: 3 })).rejects.toMatchObject({ code: "NOT_ON_ECS" });
  });
});
