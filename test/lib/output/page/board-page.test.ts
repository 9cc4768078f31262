import { describe, expect, test } from "vitest";
import { unseen } from "../../../../src/lib/actions/board/environments.ts";
import { lookAtBoard } from "../../../../src/lib/actions/board/look.ts";
import type { BoardResult } from "../../../../src/lib/actions/board/result.ts";
import { drawBoard } from "../../../../src/lib/output/page/board-page.ts";
import { aStatus, BoardWorld, denied } from "../../actions/board/boards.ts";
import { attribute, readPage } from "./read-page.ts";

const draw = drawBoard("threads");
const seen = (change: (world: BoardWorld) => unknown = () => undefined): Promise<BoardResult> => {
  const world = new BoardWorld();
  change(world);
  return lookAtBoard(undefined, world.ports());
};
const pageOf = async (change?: Parameters<typeof seen>[0]) => readPage(draw.page(await seen(change)));
const webOf = (world: BoardWorld, change: object): void => {
  const { hosts } = aStatus("prod", "bb");
  const services = hosts[0]!.services.map((service) => ({ ...service, ...change }));
  world.statuses.set("prod", { outcome: "not-as-deployed", hosts: [{ ...hosts[0]!, verdict: "wrong", services }] });
};

describe("the page of the board", () => {
  test("is HTML without a fault, fetches its script alone, and has marks for whoever cannot see it", async () => {
    const { faults, restless, of } = await pageOf();
    expect({ faults, restless }).toEqual({ faults: [], restless: ["script", "script src"] });
    expect(of("script").map((one) => attribute(one, "src"))).toEqual(["board.js"]);
    expect(["header", "main", "nav", "footer", "h1"].map((tag) => of(tag).length)).toEqual([1, 1, 1, 1, 1]);
    expect(of("section").map((one) => [attribute(one, "id"), attribute(one, "aria-labelledby")])).toEqual([
      ["staging", "staging-name"],
      ["prod", "prod-name"],
    ]);
  });

  test("says before the first look that it is one", () => {
    const { texts, of } = readPage(draw.page(undefined));
    expect(texts("p").slice(0, 1)).toEqual(["Looking for the first time …"]);
    expect(of("section")).toEqual([]);
  });

  test("shows what runs where and since when, what waits, and what was done", async () => {
    const { texts } = await pageOf();
    expect(texts("h2")).toEqual([
      expect.stringMatching(/^staging as deployed seen at \d\d:\d\d:\d\d$/),
      expect.stringMatching(/^prod as deployed seen at /),
    ]);
    expect(texts("p", "release")).toEqual(
      [
        "aa0000000000 by deployment #7, 2 h ago, ada on laptop",
        "bb0000000000 by deployment #7, 2 h ago, ada on laptop",
      ].map((text) => expect.stringMatching(text.replace("2 h ago", ".*"))),
    );
    expect(texts("th")).toEqual(["service", "staging-1", "release", "web", "service", "prod-1", "release", "web"]);
    expect(texts("td")[1]).toMatch(/^healthy aa0000000000 since /);
    expect(texts("h3")).toContain("Next from staging: aa0000000000");
    const items = texts("li");
    expect(items).toContain("approvals missing 1 of 2 <people>; opens by any 1 of user/bob");
    expect(items).toContain("threads approve aa -e prod");
    expect(items.find((text) => text.includes("deploy #7"))).toMatch(/deploy #7 aa0000000000 succeeded ada on laptop$/);
    expect(texts("small")).toContain("1 more that threads.yml does not ask for.");
  });

  test("says in words what is wrong, and what to type", async () => {
    const { texts } = await pageOf((world) => {
      webOf(world, { verdict: "unhealthy", says: "is unhealthy" });
      const own = world.statuses.get("prod");
      world.statuses.set("prod", {
        ...own,
        problems: ["prod-1: web is unhealthy"],
        next: ["threads logs -e prod web"],
      });
    });
    expect(texts("h2")[1]).toMatch(/^prod not as deployed seen at/);
    expect(texts("td", "wrong")[1]).toMatch(/^unhealthy .* is unhealthy$/);
    expect(texts("li")).toEqual(expect.arrayContaining(["prod-1: web is unhealthy", "threads logs -e prod web"]));
  });

  test("shows freeze, hold, and who is at work", async () => {
    const by = { user: "bob", host: "x", runUrl: null, principal: "user/bob" };
    const at = "2026-11-28T11:59:00.000Z";
    const { texts } = await pageOf((world) =>
      world.statuses.set("prod", {
        freeze: { reason: "<friday>", by, frozenAt: at, lift: "threads freeze -e prod --lift" },
        hold: { number: 6, complete: false, by, heldAt: at, from: "bb", on: "aa", reason: "it leaks", lift: "" },
      }),
    );
    expect(texts("li")).toEqual(
      expect.arrayContaining([
        "Frozen 1 min ago by user/bob (bob on x): <friday>",
        "threads freeze -e prod --lift",
        "Held since a rollback from bb, which has not come to every host, 1 min ago by user/bob (bob on x) (#6): it leaks; no other release is deployed to it but with --lift-hold 6",
      ]),
    );
  });

  test("of what could not be read says so, where an empty table would say that nothing runs", async () => {
    const { texts, of } = await pageOf((world) => world.refused.set("hosts of prod", denied("hosts")));
    expect(texts("h2")[1]).toBe("prod could not be asked");
    expect(texts("div", "unread")).toEqual([
      "What its hosts run could not be read: AWS denies access to hosts ACCESS_DENIED. ask who may",
    ]);
    expect(of("table")).toHaveLength(1);
    // By the ledger.
    expect(texts("p", "release")[1]).toMatch(/^bb0000000000 by deployment #7/);
  });

  test("of what is shown instead says how old it is", async () => {
    const now = await seen((world) => {
      world.now += 300_000;
    });
    const before = await seen();
    const unread = { code: "ACCESS_DENIED", message: "denied", next: [], advice: [] };
    const old = before.environments.map((one) => ({ ...one, hosts: { ...one.hosts, unread } }));
    const { texts, of } = readPage(draw.page({ ...now, environments: old }));
    expect(texts("div", "unread")[0]).toContain("What is shown was read 5 min ago.");
    expect(of("table")).toHaveLength(2);
  });

  test("of what was not read yet says that it is being read", async () => {
    const board = await seen();
    const world = new BoardWorld();
    const environments = ["staging", "prod"].map((name) => unseen(name, world.ports()));
    const { texts } = readPage(draw.page({ ...board, environments }));
    expect(texts("h2")).toEqual(["staging being asked", "prod being asked"]);
    expect(texts("p").filter((text) => text === "Reading …")).toHaveLength(3);
    expect(texts("div", "unread")).toEqual([]);
  });

  test("of a host that did not tell says that nobody knows, and of one that has no part in a service that", async () => {
    const { texts } = await pageOf((world) => {
      const [host] = aStatus("prod", "bb").hosts;
      const idle = { ...host!, id: "i-2", name: "prod-2", services: [] };
      const silent = {
        ...idle,
        id: "i-3",
        name: "prod-3",
        verdict: "silent" as const,
        release: null,
        says: "no answer",
      };
      world.statuses.set("prod", { outcome: "not-as-deployed", hosts: [host!, idle, silent] });
    });
    expect(
      texts("td")
        .slice(-3)
        .map((text) => text.replace(/ .*since.*/, "")),
    ).toEqual(["healthy", "runs elsewhere", "not known"]);
    expect(texts("td", "wrong")).toEqual(["does not answer: no answer"]);
  });

  test("of an environment on which nothing was deployed says that", async () => {
    const { texts } = await pageOf((world) => world.runs.set("prod", undefined));
    expect(texts("h2")[1]).toMatch(/^prod nothing was ever deployed seen at/);
    expect(texts("p")).toEqual(
      expect.arrayContaining(["Nothing was ever deployed to it.", "No host of it is registered with SSM."]),
    );
  });

  test("of hosts that were read once, and a ledger that never was, does not say that nothing was deployed", async () => {
    const board = await seen();
    const unread = { code: "ACCESS_DENIED", message: "denied", next: [], advice: [] };
    const unreadLedger = { value: null, readAt: null, unread };
    const drawn = (release: null | undefined) =>
      readPage(
        draw.page({
          ...board,
          environments: board.environments.map((one) => {
            const value = { ...one.hosts.value!, ...(release === null && { release }) };
            return { ...one, hosts: { ...one.hosts, value, unread }, ledger: unreadLedger };
          }),
        }),
      );
    expect(drawn(undefined).texts("p", "release")[1]).toMatch(/^bb0000000000 by deployment #7/);
    const { texts } = drawn(null);
    expect(texts("p").filter((text) => text === "What runs is not known.")).toHaveLength(2);
    expect(texts("p")).not.toContain("Nothing was ever deployed to it.");
  });

  test("writes whatever others said as text", async () => {
    const { of, texts } = await pageOf((world) =>
      webOf(world, { verdict: "drift", says: "<img src=x onerror=alert(1)>" }),
    );
    expect(of("img")).toEqual([]);
    expect(texts("small")).toContain("<img src=x onerror=alert(1)>");
  });
});
