import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; its exit code is a result, not an exception. */
export async function end(
  file: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...options.env } });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
    // A program may end without having read all of it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** As `end`, but a failure throws with what it said. Gives stdout without the last newline. */
export async function succeed(
  file: string,
  args: readonly string[],
  options: Parameters<typeof end>[2] = {},
): Promise<string> {
  const { code, stdout, stderr } = await end(file, args, options);
  if (code !== 0) throw new Error(`${file} ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
  return stdout.trimEnd();
}

export function docker(...args: readonly string[]): Promise<string> {
  return succeed("docker", args);
}

/**
 * The sandbox's own services image, made of the sources as they are now: Distribution, Debian's Node and the compiled server.
 * All but its last layers come out of the build cache when the sandbox has been built before.
 */
export async function buildServicesImage(tag: string): Promise<void> {
  const root = join(import.meta.dirname, "..", "..");
  const compiled = await mkdtemp(join(tmpdir(), "threads-services-"));
  try {
    const tsc = join(root, "node_modules", ".bin", "tsc");
    await run(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", compiled]).catch(() => {});
    const context = join(compiled, "lib");
    await cp(join(root, "src", "lib", "sandbox", "images"), join(context, "sandbox", "images"), { recursive: true });
    await docker(
      "build",
      "--quiet",
      "--tag",
      tag,
      "--file",
      join(context, "sandbox/images/services/Dockerfile"),
      context,
    );
  } finally {
    await rm(compiled, { recursive: true });
  }
}

const toolsDockerfile = `FROM debian:trixie-slim
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update && apt-get install -y --no-install-recommends awscli cosign oras skopeo ca-certificates && rm -rf /var/lib/apt/lists/*
`;

/** An image with other people's clients of ECR and registries (aws-cli 2, cosign 2, skopeo, oras), from Debian packages; built once. */
export async function buildToolsImage(): Promise<string> {
  await succeed("docker", ["build", "--quiet", "--tag", "threads-test-tools", "-"], { input: toolsDockerfile });
  return "threads-test-tools";
}

/** The port of the loopback under which Docker publishes a container's port. */
export async function publishedPort(container: string, port: number): Promise<number> {
  const address = await docker("port", container, `${port}/tcp`);
  return Number(address.split(":").at(-1));
}
