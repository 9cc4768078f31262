import { askScript } from "../script/ask-script.ts";
import { documentFor, type ScriptDocument } from "../script/document.ts";
import { deploymentLogScript, execScript, logsScript, statusScript } from "../script/host-scripts.ts";
import { type DocumentPlace, sampleDeployment } from "./sample-deployment.ts";
import { readOutScript } from "../script/read-out-script.ts";
import { statsScript } from "../script/stats-script.ts";
import { stepScript } from "../script/step-script.ts";

/** The documents by which the hosts of an environment take orders: one a script, with all that threads.yml fixes for it. */
export function documentsOf(place: DocumentPlace): readonly ScriptDocument[] {
  const { config, environment } = place;
  const { app, runtime } = config;
  const { envFile, port } = runtime;
  const told = { app, nonce: "n" };
  const reading = { ...told, envFile, grep: undefined };
  return [
    sampleDeployment(place),
    statusScript(told),
    stepScript({ ...told, number: 0 }),
    askScript({ ...told, port, requests: [], key: "k", offset: 0, limitMs: 0 }),
    statsScript({ ...told, durationMs: 0 }),
    logsScript({ ...reading, services: [], since: undefined, tail: 0, cursors: [] }),
    deploymentLogScript({ ...reading, number: 0, offset: 0 }),
    readOutScript({ ...told, envFile, number: 0, action: "deploy", limitMs: 0 }),
    execScript({ ...told, service: "", command: [], limitMs: 0 }),
  ].map((script) => documentFor(script, environment));
}
