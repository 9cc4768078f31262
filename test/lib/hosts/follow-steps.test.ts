import { expect, test } from "vitest";
import { type Followed, followSteps, type Reader } from "../../../src/lib/hosts/follow-steps.ts";
import { plainPaint } from "../../../src/lib/output/paint.ts";
import { plainProgress } from "../../../src/lib/output/plain-progress.ts";
import type { HostRun, Remote } from "../../../src/lib/remote/remote.ts";
import { renderScript } from "../../../src/lib/script/render.ts";
import { manualClock } from "../../fakes/manual-clock.ts";

const script: Followed = { app: "app", environment: "prod", host: "i-1", number: 12 };

/** Answers of a host, one a question; where none is left it cannot be asked. */
function asked(...steps: readonly string[]) {
  return askedFor("terminal", ...steps);
}

function askedFor(reader: Reader, ...steps: readonly string[]) {
  const left = [...steps];
  const sent: string[] = [];
  const askedHosts: string[][] = [];
  const waits: number[] = [];
  const remote: Pick<Remote, "send" | "wait"> = {
    send: ({ script: order, hosts, environment }) => {
      const text = renderScript(order);
      sent.push(text);
      askedHosts.push([...hosts]);
      return Promise.resolve({ id: `c${sent.length}`, environment, hosts, sentAt: 0, deadline: 0 });
    },
    wait: ({ hosts }) => {
      waits.push(clock.now());
      const [, nonce] = /^NONCE='(.*)'$/m.exec(sent.at(-1) ?? "") ?? [];
      const step = left.shift();
      if (step === undefined) return Promise.reject(new Error("ThrottlingException"));
      const stdout = `{"threads":1,"action":"step","app":"app","nonce":"${nonce}","step":"${step}"}\n`;
      const run: Omit<HostRun, "host"> = { end: "succeeded", status: "success", exitCode: 0, stdout, stderr: "" };
      return Promise.resolve(hosts.map((host) => ({ host, ...run })));
    },
  };
  const { clock, tick } = manualClock();
  const shown: string[] = [];
  const step = { update: (text: string) => void shown.push(text) };
  return { follow: followSteps({ remote, clock, reader }), clock, step, shown, sent, askedHosts, waits, tick };
}

test("a host is asked every few seconds what it is at, until its script is over", async () => {
  const { follow, step, shown, sent, tick } = asked("pull", "switch", "somewhere");
  const over = new AbortController();
  const following = follow(script, step, over.signal);
  await tick(2_900);
  expect(sent).toEqual([]);
  for (let n = 0; n < 3; n += 1) await tick(3_000);
  expect(shown).toEqual(["pulling", "coming up", "somewhere"]);
  over.abort();
  await following;
  await tick(9_000);
  expect(sent).toHaveLength(3);
});

test("a host that cannot be asked is asked no more, and nothing fails by that", async () => {
  const { follow, step, shown, sent, tick } = asked("pull");
  const following = follow(script, step, new AbortController().signal);
  for (let n = 0; n < 2; n += 1) await tick(3_000);
  await following;
  expect(shown).toEqual(["pulling"]);
  expect(sent).toHaveLength(2);
});

test("hosts at work at once are asked with one command, each as long as it is at work", async () => {
  const { follow, step, askedHosts, tick } = asked(...Array<string>(9).fill("pull"));
  const over = Array.from({ length: 3 }, () => new AbortController());
  const all = over.map(({ signal }, n) => follow({ ...script, host: `i-${n}` }, step, signal));
  await tick(3_000);
  over[0]!.abort();
  await all[0];
  await tick(3_000);
  expect(askedHosts).toEqual([
    ["i-0", "i-1", "i-2"],
    ["i-1", "i-2"],
  ]);
  for (const one of over) one.abort();
  await Promise.all(all);
  await tick(3_000);
  expect(askedHosts).toHaveLength(2);
});

test("of more hosts at once than anybody reads lines of none is asked, until so few are left", async () => {
  const { follow, step, askedHosts, tick } = asked(...Array<string>(9).fill("pull"));
  const over = Array.from({ length: 21 }, () => new AbortController());
  const all = over.map(({ signal }, n) => follow({ ...script, host: `i-${n}` }, step, signal));
  await tick(3_000);
  expect(askedHosts).toEqual([]);
  over[20]!.abort();
  await tick(3_000);
  expect(askedHosts.map(({ length }) => length)).toEqual([20]);
  for (const one of over) one.abort();
  await Promise.all(all);
});

test("for a log hosts are asked every twelve seconds, and looked at once they have had time to answer", async () => {
  const { follow, step, shown, waits, tick } = askedFor("log", ...Array<string>(15).fill("pull"));
  const over = new AbortController();
  const following = follow(script, step, over.signal);
  for (let second = 0; second < 180; second += 1) await tick(1_000);
  expect(waits).toEqual(Array.from({ length: 15 }, (_, n) => (n + 1) * 12_000));
  expect(new Set(shown)).toEqual(new Set(["pulling"]));
  over.abort();
  await following;
});

test("a log says each step of a host once, however often the host is asked", async () => {
  const steps = ["preflight", "pull", "pull", "pull", "switch", "verify"];
  const { follow, clock, tick } = askedFor("log", ...steps);
  const lines: string[] = [];
  const progress = plainProgress({ write: (line) => lines.push(line), paint: plainPaint, clock, github: true });
  const over = new AbortController();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const telling = progress.tasks([
    {
      title: "Deploy to web-1",
      run: async (step) => {
        step.update("the host is at work");
        void follow(script, step, over.signal);
        await ended;
      },
    },
  ]);
  for (let second = 0; second < 72; second += 1) await tick(1_000);
  over.abort();
  end();
  await telling;
  // With a time: that it goes on.
  const said = lines.flatMap((line) => /^ {2}Deploy to web-1: ([^(]+)$/.exec(line)?.[1] ?? []);
  expect(said).toEqual(["looking at the host", "pulling", "coming up", "waiting until it is healthy"]);
});
