import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { suggest } from "../config/suggest.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { inside } from "./container-spec.ts";
import { databaseName } from "./layout.ts";
import type { SandboxState } from "./state.ts";

/**
 * The application's environment file on an environment's hosts: `sandbox.env` of threads.yml, with what the sandbox
 * knows in the place of its `${NAME}`, and a value of its own for each key that is empty and that smoke generates, too.
 * @throws ThreadsError usage SANDBOX_ENV: a file that cannot be read, a name that means nothing
 */
export function hostEnvironmentFile(
  { app, sandbox, smoke }: Pick<Config, "app" | "sandbox" | "smoke">,
  env: string,
  state: SandboxState,
): string {
  const known = knownValues({ app, services: sandbox.services }, env, state);
  const text = textOf(sandbox.env);
  // A file may also refer to its own keys, which compose fills in.
  const own = new Set([...text.matchAll(/^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=/gm)].map(([, key]) => key ?? ""));
  const filled = text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
    const value = known.get(name);
    if (value !== undefined) return value;
    if (own.has(name) && !text.includes(`${name}=${whole}`)) return whole;
    throw unknownName(name, [...known.keys()]);
  });
  const generated = smoke.env?.generate ?? [];
  return filled.replaceAll(/^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=[ \t]*$/gm, (line, key: string) =>
    generated.includes(key) ? `${line.trimEnd()}${secretFor(key, known)}` : line,
  );
}

/** The same for all hosts of the environment, and from one start of the sandbox to the next. */
function secretFor(key: string, known: ReadonlyMap<string, string>): string {
  return createHash("sha256")
    .update(`${known.get("SECRET")} ${key}`)
    .digest("hex");
}

/** What the sandbox knows, by the names under which `sandbox.env` may ask for it. */
function knownValues(
  { app, services }: { readonly app: string; readonly services: Config["sandbox"]["services"] },
  env: string,
  state: SandboxState,
): ReadonlyMap<string, string> {
  const own = state.environments[env];
  if (own === undefined) throw new RangeError(`no environment ${env} in the sandbox's state`);
  const database = databaseName(app, env);
  const postgres = {
    POSTGRES_HOST: inside.postgres,
    POSTGRES_PORT: "5432",
    POSTGRES_DB: database,
    POSTGRES_USER: database,
    POSTGRES_PASSWORD: own.databasePassword,
    DATABASE_URL: `postgresql://${database}:${own.databasePassword}@${inside.postgres}:5432/${database}`,
  };
  const redis = { REDIS_URL: `redis://${inside.redis}:6379/${own.redisDatabase}` };
  return new Map(
    Object.entries({
      ENVIRONMENT: env,
      // Random, and the same for all hosts of the environment.
      SECRET: own.secretKey,
      ...(services.includes("postgres") ? postgres : {}),
      ...(services.includes("redis") ? redis : {}),
    }),
  );
}

function textOf(env: Config["sandbox"]["env"]): string {
  if (env === undefined) return "";
  if (typeof env !== "string")
    return Object.entries(env)
      .map(([key, value]) => `${key}=${quoted(value)}\n`)
      .join("");
  try {
    return readFileSync(env, "utf8");
  } catch (cause) {
    throw new ThreadsError("SANDBOX_ENV", {
      message: `the file that sandbox.env of threads.yml names cannot be read: ${env}`,
      advice: ["correct sandbox.env, or write the keys there themselves"],
      cause,
    });
  }
}

/** The schema lets through no quote and no line end; what the sandbox fills in has neither. */
function quoted(value: string): string {
  return /^[\w@%+=:,./*${}-]*$/.test(value) ? value : `'${value}'`;
}

function unknownName(name: string, known: readonly string[]): ThreadsError {
  const meant = suggest(name, known);
  const service = name.startsWith("POSTGRES_") || name === "DATABASE_URL" ? "postgres" : "redis";
  const missing = /^(?:POSTGRES_|DATABASE_URL$|REDIS_)/.test(name);
  return new ThreadsError("SANDBOX_ENV", {
    message: `sandbox.env of threads.yml asks for \${${name}}, which the sandbox does not know${meant === undefined ? "" : `; did you mean \${${meant}}?`}`,
    details: [`known: ${known.join(", ")}`],
    advice: [
      missing ? `sandbox.services: [${service}] would bring it` : "write the value itself, or one of the names above",
    ],
  });
}
