import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";

// What the edge's socket is asked, and what becomes of its answers: the real program, and a socket that says what is told.

const program = join(import.meta.dirname, "../../../src/lib/script/edge.pl");
const folder = mkdtempSync(join(tmpdir(), "edge-"));
const path = join(folder, "edge.sock");
afterAll(() => rmSync(folder, { recursive: true }));

/** @param answers what the socket says, by the command: of several, one after the other is used up, but for the last */
async function edge(answers: Readonly<Record<string, string | string[]>>, ...args: readonly string[]): Promise<string> {
  const say = (command: string): string => {
    const answer = answers[command] ?? "?\n";
    if (typeof answer === "string") return answer;
    return (answer.length > 1 ? answer.shift() : answer[0]) ?? "";
  };
  const server = createServer((socket) => socket.once("data", (data) => socket.end(say(String(data).trim()))));
  server.listen(path);
  await once(server, "listening");
  try {
    return (await promisify(execFile)("perl", [program, path, ...args], { timeout: 20_000 })).stdout;
  } finally {
    server.close();
    await once(server, "close");
  }
}

/** @param rows as the log format of the edge has them: end, status, milliseconds in all, milliseconds of sending */
const waits = (rows: readonly string[], from = 0, steered = 5000): Promise<string> =>
  edge({ "show events answers": `${rows.join("\n")}\n` }, "waits", String(from), String(steered));

test("who waited, and for how long nobody was answered: the time in which nobody asked is no gap", async () => {
  // Quick ones every second, then one that waits for 2.5 s while nobody else is answered.
  expect(await waits(["1000 200 10 0", "2000 200 10 0", "3000 200 10 0", "6000 200 2500 0"])).toBe("2500 10 2500\n");
  expect(await waits(["1000 200 10 0", "901000 200 20 0"])).toBe("20 10 20\n");
});

test("an answer that fails is none: the gap goes on until a good one", async () => {
  const rows = ["1000 200 5 0", "2000 503 10 0", "2600 502 100 0", "3000 200 20 0"];
  expect(await waits(rows)).toBe("1010 20 null\n");
  expect(await waits(rows.slice(0, -1))).toBe("610 5 null\n");
  expect(await waits(rows.slice(1))).toBe("1010 20 null\n");
});

test("what takes long to send had its answer when that began, and what the client gave up is none", async () => {
  expect(await waits(["1000 200 10 0", "9000 200 8005 7980", "2000 -1 1500 -1"])).toBe("20 25 null\n");
});

test("only what came since, each on its side of the switch; lines that are no answers are passed over", async () => {
  const rows = ["500 200 400 0", "1000 200 30 0", "junk", "", "5000 200 70 0", "5001 404 60 -1"];
  expect(await waits(rows, 600)).toBe("70 30 70\n");
  expect(await waits([])).toBe("null null null\n");
});

test("99 of 100 waited at most so long", async () => {
  const rows = Array.from({ length: 200 }, (_, n) => `${1000 + n} 200 ${n + 1} 0`);
  expect((await waits(rows, 0, 0)).split(" ").slice(1)).toEqual(["null", "198\n"]);
});

const stat = `# pxname,svname,scur,stot,req_tot,hrsp_5xx,
front_1,FRONTEND,2,9,40,3,
front_2,FRONTEND,1,5,,,
slots_1,blue,2,7,,1,
slots_1,green,0,0,,0,
`;

test("requests are counted where they come in, connections where there are no requests", async () => {
  expect(await edge({ "show stat -1 7 -1": stat }, "count")).toBe("45 3\n");
});

test("a slot that has something under way is waited for, and what is left then is told", async () => {
  expect(await edge({ "show stat -1 7 -1": stat }, "drain", "green", "9")).toBe("0\n");
  expect(await edge({ "show stat -1 7 -1": stat }, "drain", "blue", "0")).toBe("2\n");
});

test("a slot that was asked for something a moment ago may still be asked for the assets of that page", async () => {
  const seen = (underWay: number, since: string): string =>
    `# pxname,svname,scur,lastsess,\nslots_1,blue,${underWay},${since},\nassets_1,blue,0,-1,\n`;
  /** How many looks of these it does not take. */
  const left = async (seconds: string, ...looks: string[]): Promise<number> => {
    expect(await edge({ "show stat -1 7 -1": looks }, "drain", "blue", seconds)).toBe("0\n");
    return looks.length - 1;
  };
  expect(await left("3600", seen(0, "0"), seen(0, "1"), seen(3, "0"), seen(0, "2"), "", "")).toBe(1);
  expect(await left("3600", seen(0, "-1"), "", "")).toBe(1);
  expect(await left("0", seen(0, "0"), "", "")).toBe(1);
  // Somebody who asks for ever for what no slot has: it ends long before the hour that requests under way would get.
  expect(await left("3600", seen(0, "0"))).toBe(0);
});

test("what HAProxy answers to an order is a complaint", async () => {
  const orders = ["set weight slots_1/blue 100", "set weight slots_1/green 0"];
  expect(await edge({ [orders.join("; ")]: "\n" }, "say", ...orders)).toBe("");
  await expect(edge({}, "say", ...orders)).rejects.toThrow("Command failed");
});

describe("what both slots have answered", () => {
  const columns = "# pxname,svname,weight,stot,econ,eresp,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,";
  const rows = [
    "front_1,FRONTEND,,,,,0,999,0,0,99,0,",
    "slots_1,blue,95,90,0,0,0,70,5,5,10,0,",
    "slots_1,green,5,9,2,1,0,7,0,0,1,0,",
    // Assets are asked of one slot first.
    "assets_1,green,100,50,0,9,0,0,0,41,9,0,",
    // No HTTP is spoken there.
    "slots_2,blue,95,20,1,0,,,,,,,",
    "slots_2,green,5,3,0,0,,,,,,,",
  ];
  const stats = { "show stat -1 7 -1": `${[columns, ...rows].join("\n")}\n` };
  const events = (...answers: string[]) => ({ "show events answers": `${answers.join("\n")}\n` });

  test("answers and connections, and of those what failed: with a bad status, or without any answer", async () => {
    expect(await edge(stats, "tally")).toBe("110 11 14 4\n");
    expect(await edge(stats, "weight", "green")).toBe("5\n");
    expect(await edge(stats, "own", "green", "100", "10", "4", "1")).toBe("10,3\n");
  });

  test("since a step began, by the slot that serves, with how long answers took once the slot was warm", async () => {
    const told = events(
      "6012 200 13 0 slots_1/green",
      "6013 200 13 1 slots_1/green",
      "6014 503 13 0 slots_1/green",
      "16002 200 9000 8999 slots_1/blue",
      "6003 200 3 -1 slots_1/blue",
      "6003 -1 3 -1 slots_1/blue",
      "106003000 200 99996000 0 slots_1/blue",
      "6004 200 3 0 assets_1/green",
      "6004 200 3 0",
    );
    expect(JSON.parse(await edge({ ...stats, ...told }, "slots", "1000", "blue", "100", "10", "4", "1"))).toEqual({
      old: {
        weight: 95,
        requests: 10,
        failed: 1,
        times: [
          [1, 1],
          [3, 2],
          [1e9, 1],
        ],
      },
      new: {
        weight: 5,
        requests: 10,
        failed: 3,
        times: [
          [12, 1],
          [16, 1],
        ],
      },
    });
  });

  test("the other way round where green serves, and beside what the slot before it had answered", async () => {
    expect(JSON.parse(await edge({ ...stats, ...events() }, "slots", "0", "green", "0", "0", "0", "0"))).toMatchObject({
      old: { weight: 5, requests: 14 },
      new: { weight: 95, requests: 110, times: [] },
    });
    const zero = ["0", "0", "0", "0"];
    expect(JSON.parse(await edge(stats, "served", "blue", "none", ...zero))).toEqual({
      requests: 110,
      failed: 11,
      before: null,
    });
    expect(JSON.parse(await edge(stats, "served", "blue", "7,1", ...zero))).toMatchObject({
      before: { requests: 7, failed: 1 },
    });
  });

  test("an edge that was started anew has counted less than before: it tells nothing, which is not the same as none", async () => {
    await expect(edge(stats, "own", "green", "111", "0", "0", "0")).rejects.toMatchObject({
      stdout: "",
      stderr: "it was started anew\n",
    });
    await expect(edge({ ...stats, ...events() }, "slots", "0", "blue", "0", "0", "0", "5")).rejects.toMatchObject({
      stdout: "",
    });
  });

  test("the waits of everybody are read from the same lines", async () => {
    expect(await waits(["1000 200 10 0 slots_1/blue", "2000 200 10 0 assets_1/green", "3000 503 10 0 <NOSRV>"])).toBe(
      "10 10 null\n",
    );
  });
});
