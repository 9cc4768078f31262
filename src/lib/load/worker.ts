import { parentPort, workerData } from "node:worker_threads";
import type { FromWorker, Load, ToWorker } from "./load.ts";
import { openLoop } from "./open-loop.ts";

// A thread of its own: what the CLI draws and reads meanwhile makes no request late.

const port = parentPort;
if (port === null) throw new Error("this file is run by a worker");
const say = (message: FromWorker): void => port.postMessage(message);
const loop = openLoop(workerData as Load, (now) => say({ kind: "tick", now }));
port.on("message", (message: ToWorker) => {
  if (message === "stop") loop.stop();
  else loop.end();
});
void loop.report
  .then((report) => say({ kind: "end", report }))
  // Whoever listens keeps the thread.
  .finally(() => port.close());
