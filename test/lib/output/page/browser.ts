import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** A browser without a window that is told what to do, by the protocol of its developer tools over pipes. */
export interface Browser extends AsyncDisposable {
  open(url: string): Promise<Tab>;
}

export interface Tab {
  /** The value of an expression in the page, awaited. */
  value<T>(expression: string): Promise<T>;
  /** A key as somebody presses it: Tab, Enter. */
  press(key: "Tab" | "Enter"): Promise<void>;
  /** How wide it is, and in which colours. */
  show(as: { readonly width: number; readonly height?: number; readonly scheme: "light" | "dark" }): Promise<void>;
  /** Whether it is in sight. */
  hide(isHidden: boolean): Promise<void>;
  /** As it is seen, PNG. */
  picture(): Promise<Buffer>;
}

const names = ["chromium", "chromium-browser", "google-chrome"];

type Answer = { readonly result?: unknown; readonly error?: { readonly message: string } };

/** @throws where this machine has none */
export async function startBrowser(): Promise<Browser> {
  const program = names.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (program === undefined) throw new Error(`no browser: one of ${names.join(", ")} is needed; bin/setup installs it`);
  const folder = mkdtempSync(join(tmpdir(), "threads-browser-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe"];
  const child = spawn(program, [...flags, `--user-data-dir=${folder}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const call = caller(child.stdio[3] as Writable, child.stdio[4] as Readable);
  return {
    open: async (url) => {
      const { targetId } = await call<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
      const attach = { targetId, flatten: true };
      const { sessionId } = await call<{ sessionId: string }>("Target.attachToTarget", attach);
      const tab = tabOf((method, params) => call(method, params, sessionId));
      await call("Page.navigate", { url }, sessionId);
      return tab;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Call = <T>(method: string, params: object, sessionId?: string) => Promise<T>;

function caller(input: Writable, output: Readable): Call {
  const waiting = new Map<number, (answer: Answer) => void>();
  let text = "";
  output.setEncoding("utf8").on("data", (piece: string) => {
    const messages = (text + piece).split("\0");
    text = messages.pop() ?? "";
    for (const message of messages) {
      const { id, ...answer } = JSON.parse(message) as Answer & { readonly id?: number };
      if (id !== undefined) waiting.get(id)?.(answer);
    }
  });
  let last = 0;
  return async <T>(method: string, params: object, sessionId?: string): Promise<T> => {
    const id = ++last;
    const { result, error } = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };
}

const keys = { Tab: { code: 9, text: "" }, Enter: { code: 13, text: "\r" } };

function tabOf(call: Call): Tab {
  return {
    value: async <T>(expression: string) => {
      const how = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await call<{
        readonly result: { readonly value: T };
        readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
      }>("Runtime.evaluate", how);
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? "it threw");
      return result.value;
    },
    press: async (key) => {
      const { code, text } = keys[key];
      const about = { key, code: key, windowsVirtualKeyCode: code, text };
      await call("Input.dispatchKeyEvent", { type: text === "" ? "rawKeyDown" : "keyDown", ...about });
      await call("Input.dispatchKeyEvent", { type: "keyUp", ...about });
    },
    show: async ({ width, height = 900, scheme }) => {
      await call("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      await call("Emulation.setEmulatedMedia", { features });
    },
    hide: async (isHidden) => {
      const seen = `Object.defineProperty(document, "hidden", { get: () => ${String(isHidden)}, configurable: true });`;
      await call("Runtime.evaluate", { expression: `${seen} document.dispatchEvent(new Event("visibilitychange"))` });
    },
    picture: async () => {
      const { data } = await call<{ data: string }>("Page.captureScreenshot", {
        format: "png",
        captureBeyondViewport: true,
      });
      return Buffer.from(data, "base64");
    },
  };
}
