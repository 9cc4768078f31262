import { printReference } from "../image/reference.ts";
import { imageVariable } from "../release/release.ts";
import { type DeployScript, deployScript, restoreScript } from "../script/host-scripts.ts";
import type { HostScript } from "../script/render.ts";
import { environmentSource } from "./environment-source.ts";
import type { MemberOrder } from "../fleet/target.ts";
import type { HostPorts } from "./ports.ts";
import { absentServices } from "../fleet/judge.ts";
import { warmUpRequests } from "./warm-up.ts";

/** What a host's script has to know. @param sentAt when the order is given: the same for all that are given it at once */
export function settingsFor(order: MemberOrder, sentAt: number, ports: HostPorts): DeployScript {
  const { config, registryHost } = ports;
  const { intent, host, migrate, limitMs, asItWas } = order;
  const { runtime } = config;
  const images = Object.fromEntries(
    Object.entries(intent.images).map(([service, pin]) => [service, printReference({ host: registryHost, ...pin })]),
  );
  const references = Object.entries(images).map(([service, reference]) => [imageVariable(service), reference]);
  return {
    app: config.app,
    number: intent.number,
    nonce: intent.nonce,
    absent: absentServices(runtime.singletons, host, intent.hosts),
    singletons: host === intent.hosts[0] ? runtime.singletons : [],
    // One that is both, as a worker with a scheduler of its own, moves as what runs once.
    workers: (runtime.workers ?? []).filter((name) => !runtime.singletons.includes(name)),
    drainMs: runtime.drainMs,
    envFile: runtime.envFile,
    ...environmentSource(ports),
    port: runtime.port,
    healthPath: runtime.health,
    healthHost: runtime.host,
    healthProto: runtime.forwardedProto,
    warmUp: warmUpRequests(config),
    healthTimeoutMs: runtime.timeoutMs,
    deadlineMs: limitMs,
    bundle: printReference({ host: registryHost, ...intent.bundle }),
    revision: intent.revision,
    images,
    variables: {
      ...Object.fromEntries(references),
      REVISION: intent.revision,
      TREE: intent.tree,
      ENV_FILE: runtime.envFile,
      HTTP_PORT: String(runtime.port),
    },
    sentAt,
    migrate,
    asItWas,
    share: order.action === "weigh" ? order.share : undefined,
  };
}

/** The script that carries an order out. */
export function scriptFor(action: MemberOrder["action"], settings: DeployScript): HostScript {
  return action === "restore" ? restoreScript(settings) : deployScript(settings);
}
