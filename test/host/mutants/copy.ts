import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../../vitest.config.ts";

const checkout = fileURLToPath(new URL("../../..", import.meta.url));

const sources = new Map<string, string>();

/** A part of the script as it is when it is first asked for: whoever mends it meanwhile does not meet the changes. */
export function source(part: string): string {
  const text = sources.get(part) ?? readFileSync(join(checkout, "src", "lib", "script", part), "utf8");
  sources.set(part, text);
  return text;
}

/** The test that failed first. */
export interface Failed {
  readonly name: string;
  readonly why: string;
  /** A busy machine may have been the reason. */
  readonly isLate: boolean;
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** A copy of what the tests of a host need, so that nobody else's run meets a changed script. */
export class Copy {
  readonly root = mkdtempSync(join(temporaryFolder().TMPDIR ?? tmpdir(), "threads-mutants-"));
  readonly #temporary = join(this.root, "tmp");

  constructor() {
    for (const name of ["src", "test/host", "test/fakes", "bin/require-node.js", "package.json", "tsconfig.json"])
      cpSync(join(checkout, name), join(this.root, name), { recursive: true });
    cpSync(join(checkout, "vitest.config.ts"), join(this.root, "vitest.config.ts"));
    symlinkSync(join(checkout, "node_modules"), join(this.root, "node_modules"));
    mkdirSync(this.#temporary);
    const setup = `setupFiles: process.env.THREADS_COVER ? ["test/host/mutants/cover.ts"] : []`;
    const how = `include: ["test/host/*.test.ts"], testTimeout: 100_000, hookTimeout: 100_000, maxWorkers: 2, ${setup}`;
    writeFileSync(join(this.root, "mutants.config.ts"), `export default { test: { ${how} } };\n`);
  }

  write(part: string, text: string): void {
    writeFileSync(join(this.root, "src", "lib", "script", part), text);
  }

  /** @returns the test that failed first; undefined where all passed */
  async test(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Failed | undefined> {
    const report = join(this.#temporary, "report.json");
    rmSync(report, { force: true });
    const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
    const bail = env["THREADS_COVER"] === undefined ? "1" : "0";
    const how = ["run", "--config", "mutants.config.ts", "--bail", bail, "--reporter", "json", "--outputFile", report];
    const child = spawn(process.execPath, [vitest, ...how, ...args], {
      cwd: this.root,
      env: { ...process.env, TMPDIR: this.#temporary, ...env },
      stdio: "ignore",
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    this.#endLeftovers();
    if (code === 0) return undefined;
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
    // Whatever else goes wrong must not look like a change that was noticed.
    if (testResults.length === 0) throw new Error(`vitest has found no test: ${args.join(" ")}`);
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = all.find(({ status }) => status === "failed");
    const why = failed?.failureMessages.join("\n") ?? "";
    return { name: failed?.fullName ?? "", why, isLate: why.includes("timed out") };
  }

  /** A changed script may go on for ever: whatever has this copy's temporary folder in its environment is ended. */
  #endLeftovers(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (readFileSync(`/proc/${pid}/environ`, "utf8").includes(this.#temporary))
          process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
