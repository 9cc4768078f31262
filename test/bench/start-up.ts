import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Contestant, instructions, race, tabulate, type Timing } from "./measure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sha = "0".repeat(40);
/** Root of another build of threads, an older one say, that is measured in the same run. */
export const beside = process.env["BENCH_BESIDE"];
const peers = ["cdk", "wrangler", "shopify", "heroku", "sf", "np", "release-it", "serverless"];

export interface StartUp extends Timing {
  /** Upper bound of the ratio from GOALS.md. */
  readonly goal?: number;
  /** Instructions over those of `node -e 0`. */
  readonly instructionRatio: number | undefined;
}

/** Start-up of this CLI and of the peers in the folder that BENCH_PEERS names (one with node_modules/.bin), over `node -e 0`. */
export async function benchStartUp(rounds: number): Promise<StartUp[]> {
  const aws = await denyingAws();
  const plain = withoutTricks();
  const cli = (name: string, args: string[], more: Partial<Contestant> = {}): Contestant => ({
    name: `threads ${name}`,
    argv: () => [process.execPath, `${root}bin/run.js`, ...args],
    cwd: root,
    ...more,
  });
  const goals = new Map([
    ["threads --version", 1.3],
    ["threads --help", 1.3],
    ["threads promote --help", 2],
    ["threads promote --nope (parsed, refused)", 2],
    ["threads promote, up to its first ECR request", 3.5],
  ]);
  const ours = [
    cli("--version", ["--version"]),
    cli("--help", ["--help"]),
    cli("promote --help", ["promote", "--help"]),
    cli("promote --nope (parsed, refused)", ["promote", "--nope"], { exit: 2 }),
    cli("promote, up to its first ECR request", ["promote", sha], { exit: 3, env: aws.env, until: () => aws.asked() }),
    cli("--version, from the sources", ["--version"], {
      argv: () => [process.execPath, `${root}bin/dev.js`, "--version"],
    }),
  ];
  const contestants = [
    { name: "node -e 0", argv: () => [process.execPath, "-e", "0"] } satisfies Contestant,
    ...ours,
    ...elsewhere(ours, plain, "without V8's cache and the written help"),
    // In its own folder, whose threads.yml has the keys that it knows.
    ...(beside === undefined
      ? []
      : elsewhere(ours, beside, "of the build beside").map((one) => ({ ...one, cwd: beside }))),
    ...installedPeers(),
  ];
  try {
    const timings = await race(contestants, rounds);
    // The denying server runs in this process, which counting blocks: those that ask it are left out.
    const counts = contestants.map((one) => (one.env === undefined ? instructions(one) : undefined));
    return timings.map((timing, index) => {
      const [count, floor] = [counts[index], counts[0]];
      const instructionRatio = count === undefined || floor === undefined ? undefined : count / floor;
      const goal = goals.get(timing.name);
      return { ...timing, instructionRatio, ...(goal === undefined ? {} : { goal }) };
    });
  } finally {
    aws.stop();
    rmSync(plain, { recursive: true });
  }
}

/** The same commands of a build that lies elsewhere. */
function elsewhere(ours: readonly Contestant[], folder: string, which: string): Contestant[] {
  return ours.map((one) => ({
    ...one,
    name: `${one.name}, ${which}`,
    argv: () => one.argv().map((word) => word.replace(root, `${folder}/`)) as [string, ...string[]],
  }));
}

/** This build without what is made only for a faster start: what each of the two is worth is the difference. */
function withoutTricks(): string {
  const folder = mkdtempSync(join(tmpdir(), "threads-plain-"));
  for (const part of ["bin", "dist", "src", "package.json", "oclif.manifest.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const name of readdirSync(join(folder, "dist")))
    if (name.endsWith(".cache") || name === "help.txt") rmSync(join(folder, "dist", name));
  return folder;
}

export function printStartUp(rows: readonly StartUp[]): string {
  const ratio = (value: number | undefined): string => (value === undefined ? "" : `${value.toFixed(2)}x`);
  return tabulate([
    ["start-up", "median ms", "min ms", "ratio", "instructions", "goal"],
    ...rows.map(({ name, ms, min, ratio: times, instructionRatio, goal }) => [
      name,
      ms.toFixed(1),
      min.toFixed(1),
      ratio(times),
      ratio(instructionRatio),
      goal === undefined ? "" : `<= ${goal.toFixed(1)}x`,
    ]),
  ]);
}

function installedPeers(): Contestant[] {
  const folder = process.env["BENCH_PEERS"];
  if (folder === undefined) return [];
  const program = (name: string): string => `${folder}/node_modules/.bin/${name}`;
  return peers
    .filter((name) => existsSync(program(name)))
    .map((name) => ({
      name: `${name} --version`,
      argv: () => [process.execPath, program(name), "--version"] as const,
      cwd: folder,
    }));
}

/** Answers every call with "denied", and tells when ECR is first asked. */
async function denyingAws(): Promise<{ env: Record<string, string>; asked(): Promise<void>; stop(): void }> {
  let heard = (): void => undefined;
  const server = createServer((request, response) => {
    if (String(request.headers["x-amz-target"]).startsWith("AmazonEC2ContainerRegistry")) heard();
    request.resume().on("end", () => {
      response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ __type: "AccessDeniedException", message: "denied" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const env = {
    AWS_ENDPOINT_URL: `http://${host}`,
    ECR_REPO: `${host}/threads/`,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "none",
    AWS_SECRET_ACCESS_KEY: "none",
  };
  return {
    env,
    asked: () => new Promise((resolve) => (heard = resolve)),
    stop: () => server.close(),
  };
}
