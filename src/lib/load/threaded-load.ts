import { Worker } from "node:worker_threads";
import type { FromWorker, LoadReport, RunLoad, ToWorker } from "./load.ts";

/** The worker lies beside this file, as it is in the sources or as the build has made it. */
const worker = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.cjs";

/** Runs the load in a thread of its own. */
export const threadedLoad: RunLoad = (load, { signal, enough, onTick }) =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL(worker, import.meta.url), { workerData: load, execArgv: [], env: {} });
    let report: LoadReport | undefined;
    const stop = (): void => thread.postMessage("stop" satisfies ToWorker, []);
    const end = (): void => thread.postMessage("end" satisfies ToWorker, []);
    signal.addEventListener("abort", stop, { once: true });
    enough?.addEventListener("abort", end, { once: true });
    if (signal.aborted) stop();
    if (enough?.aborted === true) end();
    thread.on("message", (message: FromWorker) => {
      if (message.kind === "tick") onTick(message.now);
      else report = message.report;
    });
    thread.on("error", reject);
    thread.on("exit", () => {
      signal.removeEventListener("abort", stop);
      enough?.removeEventListener("abort", end);
      if (report === undefined) reject(new Error("the worker that makes requests has ended without a word"));
      else resolve(report);
    });
  });
