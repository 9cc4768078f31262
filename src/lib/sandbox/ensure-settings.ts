import { inParts } from "../aws/in-parts.ts";
import { secretOf } from "../config/secret-of.ts";
import { list } from "../text/words.ts";
import { environmentsOnEcs } from "./clusters.ts";
import { hostEnvironmentFile } from "./host-environment.ts";
import { ownClient } from "./own-clients.ts";
import type { SandboxPorts } from "./sandbox.ts";
import type { SandboxState } from "./state.ts";

/** The settings of one environment on ECS. */
export interface EcsSettings {
  readonly env: string;
  /** Path of Parameter Store, without the slash at its end. */
  readonly path: string;
  /** `sandbox.env`, as the environment's hosts would have it. */
  readonly text: string;
}

/** Tasks have no environment file: what one would have goes to where the environment takes its settings from. */
export function ecsSettings(state: SandboxState, { config }: Pick<SandboxPorts, "config">): readonly EcsSettings[] {
  return environmentsOnEcs(config).flatMap(({ name: env, envFrom = config.runtime.envFrom }) => {
    // A secret's ARN ends in letters of the store's own, so it has to be made by whoever names it.
    if (envFrom === undefined || secretOf(envFrom) !== undefined) return [];
    const text = hostEnvironmentFile(config, env, state);
    return text === "" ? [] : [{ env, path: envFrom.replace(/\/$/, ""), text }];
  });
}

/** Puts what is not there; what is there belongs to whoever has put it, as a file that was changed on a host does. */
export async function ensureSettings(
  state: SandboxState,
  all: readonly EcsSettings[],
  { environmentIn, progress, signal }: Pick<SandboxPorts, "environmentIn" | "progress" | "signal">,
): Promise<void> {
  if (all.length === 0) return;
  const { GetParametersCommand, PutParameterCommand, SSMClient } = await import("../aws/ssm-sdk.ts");
  const client = new SSMClient(ownClient(state));
  const there = async (names: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const answers = await Promise.all(
      inParts(names, mostAtOnce).map((Names) =>
        client.send(new GetParametersCommand({ Names, WithDecryption: true }), { abortSignal: signal }),
      ),
    );
    return new Map(
      answers.flatMap(({ Parameters = [] }) => Parameters.map(({ Name = "", Value = "" }) => [Name, Value])),
    );
  };
  try {
    for (const { env, path, text } of all) {
      const wanted = [...(await environmentIn(text))].map(([key, value]) => [`${path}/${key}`, value] as const);
      const known = await there(wanted.map(([name]) => name));
      const empty = wanted.filter(([name, value]) => value === "" && !known.has(name)).map(([name]) => name);
      if (empty.length > 0)
        progress.warn(
          `${list(empty)} ${empty.length === 1 ? "is" : "are"} empty in sandbox.env, which Parameter Store does not take: ${env} goes without`,
        );
      for (const [Name, Value] of wanted.filter(([name, value]) => value !== "" && !known.has(name)))
        await client.send(new PutParameterCommand({ Name, Value, Type: "SecureString" }), { abortSignal: signal });
      const others = wanted.filter(([name, value]) => known.has(name) && known.get(name) !== value);
      if (others.length > 0)
        progress.warn(
          `${list(others.map(([name]) => name))} ${others.length === 1 ? "is not what sandbox.env says, and stays" : "are not what sandbox.env says, and stay"}`,
        );
    }
  } finally {
    client.destroy();
  }
}

/** API reference, GetParameters. */
const mostAtOnce = 10;
