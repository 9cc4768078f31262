import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Compose } from "../compose/docker-compose.ts";
import { fillTemplate, templateFault } from "../compose/env-template.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Progress } from "../progress/progress.ts";

export interface EnvironmentPorts {
  readonly config: Pick<Config, "root"> & { readonly smoke: Pick<Config["smoke"], "env"> };
  readonly compose: Pick<Compose, "environment">;
  readonly progress: Pick<Progress, "warn">;
  readonly signal: AbortSignal;
}

/**
 * The application's environment as compose reads its template, with fresh secrets; empty where there is none.
 * @throws ThreadsError ENV_TEMPLATE
 */
export async function applicationEnvironment(ports: EnvironmentPorts): Promise<ReadonlyMap<string, string>> {
  const { config, compose, progress, signal } = ports;
  const { env } = config.smoke;
  if (env === undefined) return new Map();
  const { template, generate } = env;
  const path = relative(config.root, template);
  const explain = (why: (name: string) => string): ThreadsError => templateFault(path, why(path));
  return fillTemplate(
    { path, text: await readTemplate(template), generate },
    {
      random: () => randomBytes(32).toString("hex"),
      read: (text, set) => compose.environment(text, { set, signal, explain }),
      warn: (text) => progress.warn(text),
    },
  );
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ThreadsError("ENV_TEMPLATE", {
      message: `the template of the environment file cannot be read: ${path}`,
      advice: ["set smoke.env.template in threads.yml to a file that is there"],
      cause,
    });
  }
}
