import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fillTemplate } from "../compose/env-file.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** The application's environment as its template has it, with fresh secrets; empty where there is none. @throws ThreadsError ENV_TEMPLATE */
export async function applicationEnvironment(
  env: Config["smoke"]["env"],
  root: string,
): Promise<ReadonlyMap<string, string>> {
  if (env === undefined) return new Map();
  const { template, generate } = env;
  const given = { path: relative(root, template), text: await readTemplate(template), generate };
  return fillTemplate(given, () => randomBytes(32).toString("hex"));
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
