import { readFileSync } from "node:fs";
import type { Config } from "../../config/config.ts";
import { originsOf } from "../../config/origins.ts";
import type { Next } from "../../errors/next.ts";

/** The configuration in force. */
export interface ConfigResult extends Next {
  readonly outcome: "shown";
  /** Absolute path of threads.yml. */
  readonly file: string;
  /** flag: --config names it. environment: THREADS_CONFIG does. search: found from the working directory upwards. */
  readonly fileFrom: "flag" | "environment" | "search";
  readonly values: readonly ConfigValue[];
}

export interface ConfigValue {
  /** Dotted path in threads.yml. */
  readonly key: string;
  /** As threads.yml would write it. */
  readonly value: unknown;
  readonly from: "file" | "default" | "environment";
  /** Line of the file, or name of the variable; null for a default. */
  readonly where: number | string | null;
}

export interface ConfigPorts {
  readonly config: Pick<Config, "file" | "environments">;
  /** Whether the line has --config. */
  readonly isNamed: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Variables that decide a key, first those that come before the file, then those that fill in for it. */
const variables = {
  "registry.repository": { over: ["ECR_REPO"], under: [] },
  region: { over: [], under: ["AWS_REGION", "AWS_DEFAULT_REGION"] },
} as const;

/** Every value in force, and where it is from. */
export function showConfig({ config, isNamed, env }: ConfigPorts): ConfigResult {
  const values = originsOf(readFileSync(config.file, "utf8")).map(({ key, value, line }): ConfigValue => ({
    key,
    value,
    from: line === null ? "default" : "file",
    where: line,
  }));
  const fromVariables = Object.entries(variables).flatMap(([key, { over, under }]) => {
    const isWritten = values.some((one) => one.key === key);
    const name = [...over, ...(isWritten ? [] : under)].find((one) => (env[one] ?? "") !== "");
    return name === undefined ? [] : [{ key, value: env[name], from: "environment", where: name } as const];
  });
  const decided = new Set(fromVariables.map(({ key }) => key));
  return {
    outcome: "shown",
    file: config.file,
    fileFrom: isNamed ? "flag" : env["THREADS_CONFIG"] ? "environment" : "search",
    values: [...fromVariables, ...values.filter(({ key }) => !decided.has(key))],
    next: [],
    advice: Object.values(config.environments).flatMap(({ name, requiresPromotion }) =>
      requiresPromotion ? [`what is pushed for ${name} may ask for more: threads policy show -e ${name}`] : [],
    ),
  };
}
