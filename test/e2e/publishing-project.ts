import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { realPace } from "../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../src/lib/sandbox/server/ssm/ssm.ts";
import { connectUpstream } from "../../src/lib/sandbox/server/upstream.ts";
import { credentials, openSandbox, type OpenSandbox, region } from "../lib/sandbox/server/open-sandbox.ts";
import { requireResult } from "../fakes/results.ts";
import { buildServicesImage, docker, end, type Ended, publishedPort } from "./docker-tools.ts";
import { waitForHttp } from "./sandbox-ecr/wait.ts";
import { makeSmallProject, type SmallProject } from "./small-project.ts";

const root = join(import.meta.dirname, "../..");

/** The small project before the strict registry over a real Distribution, and the CLI as a user types it. */
export interface PublishingProject extends AsyncDisposable {
  readonly sandbox: OpenSandbox;
  readonly project: SmallProject;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  threads(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** As `threads` with --json; a failure throws. */
  result<T>(...args: readonly string[]): Promise<T>;
}

/** @param name part of the names of what it makes in docker. @param single one immutable repository for all, not one for each service */
export async function makePublishingProject(name: string, single = false): Promise<PublishingProject> {
  const image = `threads-test-services-${name}`;
  const registry = `threads-test-${name}-${String(process.pid)}`;
  await buildServicesImage(image);
  const where = ["--name", registry, "--label", `threads.test=${name}`, "--publish", "127.0.0.1::5000"];
  await docker("run", "--detach", "--rm", ...where, image, "docker-registry", "serve", "/etc/threads/registry.yml");
  const registryUrl = `http://127.0.0.1:${String(await publishedPort(registry, 5000))}`;
  await waitForHttp(`${registryUrl}/v2/`);
  const stateDir = await mkdtemp(join(tmpdir(), "threads-publishing-"));
  const executor = {
    hosts: () => Promise.resolve([]),
    run: () => Promise.reject(new Error("there are no hosts")),
    restart: () => Promise.reject(new Error("there are no hosts")),
  };
  const ssm = await createSsmOn({ stateDir, executor, pace: realPace, hiddenFor: 0, report: () => undefined });
  const sandbox = await openSandbox({ upstream: connectUpstream(registryUrl), services: [ssm] });
  const host = `127.0.0.1:${String(sandbox.port)}`;
  const project = await makeSmallProject();
  const names = single ? [project.app] : ["web", "worker", "bundle"].map((service) => `${project.app}/${service}`);
  for (const repositoryName of names)
    await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
  const text = await readFile(join(project.root, "threads.yml"), "utf8");
  await project.write("threads.yml", text.replace("{ dev: {} }", "{ dev: {}, prod: {} }"));
  const threads: PublishingProject["threads"] = async (args, env = {}) => {
    const ended = await end(process.execPath, [join(root, "bin", "run.js"), ...args], {
      env: {
        ECR_REPO: `${host}/${project.app}${single ? ":{tag}-{service}" : "/"}`,
        AWS_ENDPOINT_URL: sandbox.url,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_REGION: region,
        THREADS_CONFIG: join(project.root, "threads.yml"),
        ...env,
      },
    });
    requireResult(args, ended.stdout);
    return ended;
  };
  return {
    sandbox,
    project,
    host,
    threads,
    async result<T>(...args: readonly string[]) {
      const { code, stdout, stderr } = await threads([...args, "--json"]);
      if (code !== 0) throw new Error(`threads ${args.join(" ")}: exit ${String(code)}\n${stdout}${stderr}`);
      return JSON.parse(stdout) as T;
    },
    async [Symbol.asyncDispose]() {
      for (const like of [`${host}/${project.app}`, `${host}/${project.app}/*`]) await removeImages(like);
      await project.remove();
      await sandbox.stop();
      await docker("rm", "--force", "--volumes", registry);
      await docker("rmi", image);
      await rm(stateDir, { recursive: true });
    },
  };
}

async function removeImages(like: string): Promise<void> {
  const ids = await docker("images", "--quiet", "--no-trunc", "--filter", `reference=${like}`);
  if (ids !== "") await end("docker", ["rmi", "--force", ...new Set(ids.split("\n"))]);
}
