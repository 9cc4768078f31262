import { expect, test } from "vitest";
import { type Followed, followSteps } from "../../../src/lib/hosts/follow-steps.ts";
import type { HostRun, Remote } from "../../../src/lib/remote/remote.ts";
import { renderScript } from "../../../src/lib/script/render.ts";
import { manualClock } from "../../fakes/manual-clock.ts";

const script: Followed = { app: "app", environment: "prod", host: "i-1", number: 12 };

/** Answers of a host, one a question; where none is left it cannot be asked. */
function asked(...steps: readonly string[]) {
  const left = [...steps];
  const sent: string[] = [];
  const remote: Pick<Remote, "send" | "wait"> = {
    send: ({ script: order, hosts, environment }) => {
      const text = renderScript(order);
      sent.push(text);
      return Promise.resolve({ id: `c${sent.length}`, environment, hosts, sentAt: 0, deadline: 0 });
    },
    wait: ({ hosts }) => {
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
  return { follow: followSteps({ remote, clock }), step, shown, sent, tick };
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

test("of many hosts at once a few are asked, and others once these are over", async () => {
  const { follow, step, sent, tick } = asked(...Array<string>(20).fill("pull"));
  const over = Array.from({ length: 6 }, () => new AbortController());
  const all = over.map(({ signal }) => follow(script, step, signal));
  await tick(3_000);
  expect(sent).toHaveLength(4);
  over[0]!.abort();
  await all[0];
  void follow(script, step, over[5]!.signal);
  await tick(3_000);
  expect(sent).toHaveLength(8);
  for (const one of over) one.abort();
  await Promise.all(all);
});
