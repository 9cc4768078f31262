import { spawn, spawnSync } from "node:child_process";

/** A process to be measured: its command line, and what it needs besides the bench's own environment. */
export interface Contestant {
  readonly name: string;
  /** Asked for at each start. */
  readonly argv: () => readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Before every run, unmeasured. */
  readonly prepare?: () => Promise<void>;
  /** Where given, the time is taken when this resolves and not when the process ends. Asked for right before the start. */
  readonly until?: () => Promise<void>;
  /** Exit code that the run must have; another one ends the benchmark. Default 0. */
  readonly exit?: number;
}

export interface Timing {
  readonly name: string;
  /** Median, in milliseconds. */
  readonly ms: number;
  readonly min: number;
  /** Median over that of the first contestant. */
  readonly ratio: number;
}

/** The variable makes Node read the certificates at every start, which doubles it. */
const cleaned = (env: Contestant["env"] = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_EXTRA_CA_CERTS: undefined,
  NODE_OPTIONS: undefined,
  NO_COLOR: "1",
  ...env,
});

/** Wall time of whole processes: once round unmeasured, then `rounds` times each in turn, so that drift meets all alike. */
export async function race(contestants: readonly Contestant[], rounds: number): Promise<Timing[]> {
  const times = contestants.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1)
    for (const [index, contestant] of contestants.entries()) {
      await contestant.prepare?.();
      const ms = await timed(contestant);
      if (round >= 0) times[index]?.push(ms);
    }
  const floor = median(times[0] ?? []);
  return contestants.map(({ name }, index) => {
    const ms = median(times[index] ?? []);
    return { name, ms, min: Math.min(...(times[index] ?? [])), ratio: ms / floor };
  });
}

function timed({ name, argv, cwd, env, until, exit = 0 }: Contestant): Promise<number> {
  const [program, ...args] = argv();
  let reached: number | undefined;
  void until?.().then(() => (reached = performance.now()));
  const start = performance.now();
  const child = spawn(program, args, { cwd, env: cleaned(env), stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const ms = (reached ?? performance.now()) - start;
      if (code === exit) resolve(ms);
      else reject(new Error(`${name}: exit ${String(code)} instead of ${String(exit)}\n${said}`));
    });
  });
}

/** Instructions of one run in millions (steadier than time: 1–5 %); undefined where valgrind is not installed. */
export function instructions({ argv, cwd, env }: Contestant): number | undefined {
  const counter = ["--tool=callgrind", "--callgrind-out-file=/dev/null", ...argv()];
  const { stderr } = spawnSync("valgrind", counter, { cwd, env: cleaned(env), encoding: "utf8" });
  const [, count] = /Collected\s*:\s*(\d+)/.exec(stderr ?? "") ?? [];
  return count === undefined ? undefined : Number(count) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Rows in columns, the first to the left, the others to the right. */
export function tabulate(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}
