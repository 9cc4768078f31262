// `npm run bench:smoke`: the backend built, started, checked and taken down by `threads smoke`, with all of its checks, beside
// the same by bare `docker compose` and three requests of curl. In turn, so that whatever else the machine does meets both.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeBackendProject } from "../e2e/backend-project.ts";
import { unusedPort } from "../fakes/unused-port.ts";
import { race, tabulate } from "./measure.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 7);
const cli = fileURLToPath(new URL("../../bin/run.js", import.meta.url));
const project = makeBackendProject();
const files = ["docker-compose-smoke-test.yml", "patient.yml", "bare.yml"].map((name) =>
  join(project.root, "backend", name),
);
const envFile = join(project.root, "bare.env");

const app = `bare-${randomBytes(4).toString("hex")}`;
const compose = `docker compose -p ${app} ${files.map((file) => `-f ${file}`).join(" ")}`;

/** What a person would type, and no more. */
function bare(port: number): string {
  const url = `http://127.0.0.1:${port}`;
  const asks = ["/healthz", "/readyz", "/"].map((path) => `curl -fsS ${url}${path} -o /dev/null`);
  return [`${compose} build -q`, `${compose} up -d --wait`, ...asks, `${compose} down -v`].join(" && ");
}

try {
  // The bare file's own may be taken.
  const port = await unusedPort();
  const ports = `services: { nginx: { ports: !override ["127.0.0.1:${port}:8080"] } }\n`;
  writeFileSync(join(project.root, "backend", "bare.yml"), ports);
  const template = readFileSync(join(project.root, "backend", ".env.example"), "utf8");
  const secret = (key: string): ((text: string) => string) => {
    return (text) => text.replace(new RegExp(`^${key}=$`, "m"), `${key}=${randomBytes(32).toString("hex")}`);
  };
  writeFileSync(envFile, secret("POSTGRES_PASSWORD")(secret("DJANGO_SECRET_KEY")(template)));
  const timings = await race(
    [
      {
        name: "docker compose build, up --wait, curl, down",
        argv: () => ["sh", "-c", bare(port)],
        env: { ENV_FILE: envFile },
      },
      {
        name: "threads smoke, with all checks",
        argv: () => [process.execPath, cli, "smoke"],
        cwd: project.root,
      },
    ],
    rounds,
  );
  const rows = timings.map(({ name, ms, min, ratio }) => [
    name,
    `${(ms / 1000).toFixed(1)} s`,
    `${(min / 1000).toFixed(1)} s`,
    ratio.toFixed(2),
  ]);
  process.stdout.write(`${tabulate([["smoke", "median", "least", "ratio"], ...rows])}\n`);
} finally {
  // Its images stay otherwise, and whatever was there when it failed.
  spawnSync("sh", ["-c", `${compose} down -v --rmi local`], { env: { ...process.env, ENV_FILE: envFile } });
  project.remove();
}
