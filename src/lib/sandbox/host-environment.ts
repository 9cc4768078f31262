import { inside } from "./containers.ts";
import { databaseName } from "./layout.ts";
import type { SandboxState } from "./state.ts";

/** The application's environment file of a host: what backend/.env.prod.example asks for; the rest has good defaults there. */
export function hostEnvironmentFile(app: string, env: string, state: SandboxState): string {
  const own = state.environments[env];
  if (own === undefined) throw new RangeError(`no environment ${env} in the sandbox's state`);
  const database = databaseName(app, env);
  const values = {
    DJANGO_SECRET_KEY: own.secretKey,
    // The sandbox is reached by address and by name, from this machine only.
    DJANGO_ALLOWED_HOSTS: "*",
    DJANGO_DEBUG: "0",
    DJANGO_HTTPS: "0",
    LOG_LEVEL: "INFO",
    POSTGRES_HOST: inside.postgres,
    POSTGRES_PORT: "5432",
    POSTGRES_DB: database,
    POSTGRES_USER: database,
    POSTGRES_PASSWORD: own.databasePassword,
    CELERY_BROKER_URL: `redis://${inside.redis}:6379/${own.redisDatabase}`,
    // Small: several hosts share one laptop.
    CELERY_CONCURRENCY: "1",
    GUNICORN_WORKERS: "1",
    GUNICORN_THREADS: "4",
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
