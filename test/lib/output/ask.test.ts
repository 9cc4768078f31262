import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Question } from "../../../src/lib/actions/init/ask.ts";
import { askOn } from "../../../src/lib/output/ask.ts";
import { plainPaint } from "../../../src/lib/output/paint.ts";

/** A person who types the next line whenever something ends with a prompt. */
function person(lines: readonly string[], signal = new AbortController().signal) {
  const input = new PassThrough();
  const output = new PassThrough({ encoding: "utf8" });
  const left = [...lines];
  let said = "";
  output.on("data", (text: string) => {
    said += text;
    const line = left[0];
    if (!text.endsWith("] ") || line === undefined) return;
    left.shift();
    input.write(`${line}\n`);
  });
  return { ask: askOn({ input, output }, { paint: plainPaint, signal }), said: () => said, input };
}

const question: Question = {
  what: "Path",
  first: "/",
  check: (text) => (text.startsWith("/") ? undefined : "a path begins with /"),
};

describe("a question on a terminal", () => {
  it("shows what Enter alone means, and takes it", async () => {
    const { ask, said } = person([""]);
    expect(await ask(question)).toBe("/");
    expect(said()).toContain("Path [/] ");
  });

  it("is asked again, with the reason, until the answer will do", async () => {
    const { ask, said } = person(["up", " /up "]);
    expect(await ask(question)).toBe("/up");
    expect(said()).toContain("up: a path begins with /");
  });

  it("with choices takes one of them only", async () => {
    const { ask, said } = person(["wbe", "web"]);
    expect(await ask({ what: "Service", first: "api", choices: ["api", "web"] })).toBe("web");
    expect(said()).toContain("Service (api, web) [api] ");
    expect(said()).toContain("wbe: one of api, web");
  });

  it("ends with the reason of the signal", async () => {
    const control = new AbortController();
    const { ask } = person([], control.signal);
    const answer = ask(question);
    control.abort(new Error("Ctrl-C"));
    await expect(answer).rejects.toThrow("Ctrl-C");
  });

  it("takes the end of the input for Enter", async () => {
    const { ask, input } = person([]);
    const answer = ask(question);
    input.end();
    expect(await answer).toBe("/");
  });
});
