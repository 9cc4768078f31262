import { askScript } from "../../../src/lib/script/ask-script.ts";
import {
  deploymentLogScript,
  deployScript,
  execScript,
  logsScript,
  restoreScript,
  statusScript,
} from "../../../src/lib/script/host-scripts.ts";
import { plainScript, renderScript } from "../../../src/lib/script/render.ts";
import { statsScript } from "../../../src/lib/script/stats-script.ts";
import { stepScript } from "../../../src/lib/script/step-script.ts";
import { digestOf } from "../../host/host.ts";

const settings = {
  app: "app",
  bundle: `r/app/bundle@${digestOf("b")}`,
  number: 12,
  nonce: "n",
  absent: ["celery-beat"],
  envFile: "/etc/threads/threads.env",
  envFrom: "/app/prod/",
  port: 80,
  healthPath: "/healthz",
  healthTimeoutMs: 120_000,
  deadlineMs: 900_000,
  drainMs: 30_000,
};
/** One of each that hosts are sent, with all that can be in it. */
export const hostScripts = {
  deploy: deployScript({
    ...settings,
    revision: "a".repeat(40),
    images: { web: `r/app/web@${digestOf("w")}` },
    variables: { REVISION: "a".repeat(40) },
    sentAt: 1_795_000_000_000,
    migrate: "migrate",
  }),
  restore: restoreScript(settings),
  status: statusScript({ app: "app", nonce: "n" }),
  exec: execScript({ app: "app", service: "web", command: ["ls", "-l", "it's {{"], nonce: "n", limitMs: 60_000 }),
  ask: askScript({
    app: "app",
    nonce: "n",
    port: 80,
    requests: [Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    key: "k1",
    offset: 0,
    limitMs: 15_000,
  }),
  stats: statsScript({ app: "app", nonce: "n", durationMs: 60_000 }),
  logs: logsScript({
    app: "app",
    nonce: "n",
    envFile: "/etc/threads/threads.env",
    services: ["web"],
    since: "600s",
    tail: 100,
    cursors: ["0123456789ab 2026-11-22T10:00:00.000000000Z 2"],
    grep: "it's {{",
  }),
  step: stepScript({ app: "app", number: 12, nonce: "n" }),
  deploymentLog: deploymentLogScript({
    app: "app",
    nonce: "n",
    envFile: "/etc/threads/threads.env",
    number: 12,
    offset: 0,
    grep: undefined,
  }),
};

/** As they arrive. */
export const scripts = Object.fromEntries(
  Object.entries(hostScripts).map(([name, script]) => [name, renderScript(script)]),
) as Record<keyof typeof hostScripts, string>;

/** As people read them: the deployment's travels packed. */
export const plain = {
  deploy: plainScript(hostScripts.deploy),
  status: scripts.status,
  exec: scripts.exec,
  ask: scripts.ask,
  stats: scripts.stats,
  logs: scripts.logs,
  step: scripts.step,
  deploymentLog: scripts.deploymentLog,
};
