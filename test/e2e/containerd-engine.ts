import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, end, type Ended, succeed } from "./docker-tools.ts";

/** A docker engine whose images lie in containerd: indexes and attestations are kept as they were built. */
export interface ContainerdEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly address: string;
  /** The docker command line on this engine. */
  docker(...args: readonly string[]): Promise<string>;
}

/**
 * The sandbox's host image with the containerd image store.
 * @param port of a server on this machine's loopback, which the engine finds at the same port of its own
 */
export async function startContainerdEngine(name: string, port: number): Promise<ContainerdEngine> {
  const image = `threads-test-host-${name}`;
  const id = `threads-test-engine-${name}-${String(process.pid)}`;
  const label = ["--label", `threads.test=${name}`];
  await docker("build", "--quiet", "--tag", image, join(import.meta.dirname, "../../src/lib/sandbox/images/host"));
  const folder = await mkdtemp(join(tmpdir(), "threads-engine-"));
  const settings = join(folder, "daemon.json");
  await writeFile(settings, JSON.stringify({ features: { "containerd-snapshotter": true } }));
  await chmod(folder, 0o755);
  await docker("network", "create", ...label, id);
  const gateway = await docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", id);
  const relay = createServer((from) => {
    const to = connect(port, "127.0.0.1");
    for (const socket of [from, to]) socket.on("error", () => void [from.destroy(), to.destroy()]);
    from.pipe(to).pipe(from);
  });
  await new Promise<void>((resolve) => relay.listen(port, gateway, resolve));
  const variables = {
    SANDBOX_SERVER: gateway,
    SANDBOX_PORT: String(port),
    DOCKERD_ARGS: "--storage-driver overlayfs --host unix:///engine/docker.sock",
  };
  const where = ["--name", id, "--network", id, ...label];
  const volumes = ["--volume", `${folder}:/engine`, "--volume", `${settings}:/etc/docker/daemon.json:ro`];
  const env = Object.entries(variables).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  await docker("run", "--detach", "--privileged", ...where, ...volumes, ...env, image);
  const address = `unix://${join(folder, "docker.sock")}`;
  const there = { env: { DOCKER_HOST: address } };
  await ready(() => end("docker", ["info", "--format", "{{.DriverStatus}}"], there));
  return {
    address,
    docker: (...args) => succeed("docker", args, there),
    async [Symbol.asyncDispose]() {
      await docker("rm", "--force", "--volumes", id);
      await docker("network", "rm", id);
      await docker("rmi", image);
      relay.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Until the engine answers, and says that it keeps images in containerd. */
async function ready(ask: () => Promise<Ended>): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { stdout, stderr } = await ask();
    if (stdout.includes("io.containerd.snapshotter")) return;
    if (Date.now() > deadline) throw new Error(`the engine does not answer: ${stdout}${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
