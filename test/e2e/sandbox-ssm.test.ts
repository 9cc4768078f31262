import { execFile, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CancelCommandCommand, DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifySignature } from "../../src/lib/sandbox/server/sigv4.ts";
import { dockerEngine } from "../../src/lib/sandbox/server/ssm/docker-engine.ts";
import { dockerHosts } from "../../src/lib/sandbox/server/ssm/docker-hosts.ts";
import { eventually, readText, startHarness, type SsmHarness } from "../lib/sandbox/server/ssm/harness.ts";

const run = promisify(execFile);
const unique = `ssmt${process.pid}`;
const image = `threads-test-ssm-host:${unique}`;
const label = "threads.test=ssm";
const one = "i-0bbbbbbbbbbbbbbb1";
const two = "i-0bbbbbbbbbbbbbbb2";
const credentials = { accessKeyId: "AKIAINSTANCEROLE", secretAccessKey: "a/secret+role", region: "eu-west-1" };
const minute = 60_000;

const docker = async (...words: string[]) => (await run("docker", words, { maxBuffer: 16 << 20 })).stdout.trim();
const container = (instanceId: string) => `${unique}-${instanceId}`;

/** Two real hosts, the real agent semantics, and a registry front that checks what the credential helper sends. */
describe("SSM on Docker-in-Docker hosts", () => {
  let ssm: SsmHarness;
  let registry: Registry;

  beforeAll(async () => {
    const context = join(dirname(fileURLToPath(import.meta.url)), "../../src/lib/sandbox/images/host");
    await docker("build", "-q", "-t", image, "--label", label, context);
    await docker("network", "create", "--label", label, unique);
    const gateway = await docker("network", "inspect", unique, "-f", "{{(index .IPAM.Config 0).Gateway}}");
    registry = await startRegistry();
    await Promise.all([one, two].map((id) => bootHost(id, { gateway, port: registry.port })));
    ssm = await startHarness({ executor: dockerHosts(dockerEngine("/var/run/docker.sock"), unique) });
    await Promise.all([one, two].map((id) => ready(id)));
  }, 5 * minute);

  afterAll(async () => {
    await ssm?.close();
    await docker("rm", "-f", "-v", container(one), container(two)).catch(() => "");
    await docker("volume", "rm", "-f", container(one), container(two)).catch(() => "");
    await docker("network", "rm", unique).catch(() => "");
    await docker("image", "rm", "-f", image).catch(() => "");
    registry?.server.close();
  }, minute);

  const send = (commands: string[], instanceIds = [one]) => ssm.send(commands, { InstanceIds: instanceIds });
  const finish = async (commands: string[]) => ssm.finished(await send(commands), one);

  it("lists them with their tags, name and address", async () => {
    const filter = { Key: "tag:threads-env", Values: ["prod"] };
    const found = await ssm.client.send(new DescribeInstanceInformationCommand({ Filters: [filter] }));
    expect(found.InstanceInformationList?.map((host) => [host.InstanceId, host.PingStatus, host.ComputerName])).toEqual(
      [
        [one, "Online", "ip-10-9-0-1"],
        [two, "Online", "ip-10-9-0-2"],
      ],
    );
    expect(found.InstanceInformationList?.[0]?.IPAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it("runs a script on both, as root, with what a host has", async () => {
    const script = [
      "hostname",
      "id -u",
      "docker compose version --short",
      "for t in jq curl flock setsid ss; do command -v $t; done",
    ];
    const id = await send(
      [...script, "ls -d /etc/threads /var/lib/threads", "stat -c %a /etc/sandbox/instance-role"],
      [one, two],
    );
    for (const [index, host] of [one, two].entries()) {
      const found = await ssm.finished(id, host);
      expect(found).toMatchObject({ Status: "Success", StandardErrorContent: "" });
      const lines = found.StandardOutputContent?.trim().split("\n") ?? [];
      expect(lines.slice(0, 2)).toEqual([`ip-10-9-0-${index + 1}`, "0"]);
      expect(lines.slice(-3)).toEqual(["/etc/threads", "/var/lib/threads", "600"]);
      expect(lines).toHaveLength(11);
    }
    const path = `/var/lib/amazon/ssm/${one}/document/orchestration/${id}/awsrunShellScript/0.awsrunShellScript/_script.sh`;
    expect(await docker("exec", container(one), "stat", "-c", "%a %U", path)).toBe("700 root");
  });

  it("kills on time-out inside the host; a setsid child survives", async () => {
    const commands = [
      "trap 'touch /tmp/trapped' TERM EXIT",
      "setsid sleep 4242 >/dev/null 2>&1 </dev/null &",
      "sleep 4343",
    ];
    const Parameters = { commands, executionTimeout: ["5"] };
    const id = await ssm.send(commands, { InstanceIds: [one], Parameters });
    expect(await ssm.finished(id, one)).toMatchObject({ StatusDetails: "ExecutionTimedOut", ResponseCode: 137 });
    const processes = await docker("exec", container(one), "ps", "axo", "args");
    expect(processes).toContain("sleep 4242");
    expect(processes).not.toContain("sleep 4343");
    expect((await finish(["test -e /tmp/trapped"])).ResponseCode).toBe(1);
    await finish(["pkill -f 'sleep [4]242'"]);
  });

  it("cancels inside the host within a second or two", async () => {
    const id = await send(["echo $$ >/tmp/cancel-me", "sleep 5353"]);
    await eventually(async () => (await docker("exec", container(one), "cat", "/tmp/cancel-me")) || undefined);
    await ssm.client.send(new CancelCommandCommand({ CommandId: id }));
    expect(await ssm.finished(id, one)).toMatchObject({ Status: "Cancelled", ResponseCode: 137 });
    expect(await docker("exec", container(one), "ps", "axo", "args")).not.toContain("sleep 5353");
  });

  it("reboots on 194 and runs the script again; files of the host's disk stay", async () => {
    const before = await docker("inspect", "-f", "{{.State.StartedAt}}", container(one));
    const found = await finish([
      "cat /proc/sys/kernel/hostname",
      "if [ -e /var/lib/threads/rebooted ]; then exit 0; fi",
      "touch /var/lib/threads/rebooted /etc/threads/threads.env",
      "exit 194",
    ]);
    expect(found).toMatchObject({ Status: "Success", StandardOutputContent: "ip-10-9-0-1\nip-10-9-0-1\n" });
    expect(await docker("inspect", "-f", "{{.State.StartedAt}}", container(one))).not.toBe(before);
    expect((await finish(["ls /etc/threads/threads.env /var/lib/threads/rebooted"])).ResponseCode).toBe(0);
    await ready(one);
  });

  it("delivers to a stopped host when it is started", async () => {
    await docker("stop", container(two));
    // 137 would mean that Docker lost its patience and killed it.
    expect(await docker("inspect", "-f", "{{.State.ExitCode}}", container(two))).toBe("0");
    const id = await send(["echo back"], [two]);
    expect((await ssm.invocation(id, two)).Status).toBe("Pending");
    const lost = { Key: "PingStatus", Values: ["ConnectionLost"] };
    const found = await ssm.client.send(new DescribeInstanceInformationCommand({ Filters: [lost] }));
    expect(found.InstanceInformationList?.map((host) => host.InstanceId)).toEqual([two]);
    await docker("start", container(two));
    expect(await ssm.finished(id, two)).toMatchObject({ Status: "Success", StandardOutputContent: "back\n" });
  });

  it("is cut off from the network in mid-command: the script goes on, its result comes when the host is back", async () => {
    const file = "/var/lib/threads/cut-off";
    const id = await send([`echo run >>${file}`, "sleep 2", `echo end >>${file}`, "echo over"], [two]);
    await eventually(async () => (await docker("exec", container(two), "cat", file)) || undefined);
    await docker("network", "disconnect", unique, container(two));
    const ended = async () => (await docker("exec", container(two), "cat", file)) === "run\nend" || undefined;
    await eventually(ended);
    expect((await ssm.invocation(id, two)).Status).toBe("InProgress");
    await docker("network", "connect", unique, container(two));
    expect(await ssm.finished(id, two)).toMatchObject({ Status: "Success", StandardOutputContent: "over\n" });
    expect(await ended()).toBe(true);
  });

  it("loses power in mid-command: in progress while it is away, run again from the top afterwards", async () => {
    const id = await send(
      ["echo run >>/var/lib/threads/runs", "[ $(wc -l </var/lib/threads/runs) = 2 ] || sleep 6363"],
      [two],
    );
    await eventually(async () => (await docker("exec", container(two), "cat", "/var/lib/threads/runs")) || undefined);
    await docker("kill", container(two));
    expect((await ssm.invocation(id, two)).Status).toBe("InProgress");
    await docker("start", container(two));
    expect((await ssm.finished(id, two)).Status).toBe("Success");
    await ready(two);
  });

  it("has a working engine: a loaded image runs, and containers come back after a power loss", async () => {
    await load("debian:trixie-slim", container(two));
    const ran = await ssm.send(["docker run --rm debian:trixie-slim echo inside"], { InstanceIds: [two] });
    expect((await ssm.finished(ran, two)).StandardOutputContent).toBe("inside\n");
    await docker(
      "exec",
      container(two),
      "docker",
      "run",
      "-d",
      "--restart=unless-stopped",
      "--name=sleeper",
      "debian:trixie-slim",
      "sleep",
      "7373",
    );
    await docker("kill", container(two));
    await docker("start", container(two));
    await eventually(async () => {
      const state = await docker("exec", container(two), "docker", "inspect", "-f", "{{.State.Status}}", "sleeper");
      return state === "running" || undefined;
    }, minute);
  });

  it("asks ECR for its token with the instance role and pulls with it through 127.0.0.1", async () => {
    const name = `127.0.0.1:${registry.port}`;
    const got = await finish([`echo ${name} | docker-credential-ecr-login get`]);
    expect(JSON.parse(got.StandardOutputContent ?? "")).toEqual({ ServerURL: name, Username: "AWS", Secret: "to:ken" });
    expect(registry.signatures).toEqual([undefined]);
    const pull = await finish([`docker pull ${name}/threads/web:none 2>&1`]);
    expect(pull.ResponseCode).not.toBe(0);
    expect(registry.authorizations).toContain(`Basic ${Buffer.from("AWS:to:ken").toString("base64")}`);
    const login = await finish([`echo x | docker login -u AWS --password-stdin ${name} 2>&1`]);
    expect(login.StandardOutputContent).toContain("not implemented");
    expect((await finish(["ps axo args | grep -c '[a]/secret'"])).StandardOutputContent).toBe("0\n");
  });
});

async function bootHost(instanceId: string, way: { readonly gateway: string; readonly port: number }): Promise<void> {
  const labels = [label, `threads.sandbox=${unique}`, `threads.host=${instanceId}`, "threads.tag.threads-env=prod"];
  const variables = [
    `SANDBOX_SERVER=${way.gateway}`,
    `SANDBOX_PORT=${way.port}`,
    `SANDBOX_INSTANCE_ID=${instanceId}`,
    `SANDBOX_ACCESS_KEY_ID=${credentials.accessKeyId}`,
    `SANDBOX_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
  ];
  const name = container(instanceId);
  const place = ["--name", name, "--network", unique, "--hostname", `ip-10-9-0-${instanceId.at(-1)}`];
  await docker(
    "run",
    "-d",
    "--privileged",
    "--volume",
    `${name}:/var/lib/docker`,
    ...place,
    ...labels.flatMap((one) => ["--label", one]),
    ...variables.flatMap((one) => ["--env", one]),
    image,
  );
}

function ready(instanceId: string): Promise<true> {
  return eventually(
    async () => (await docker("exec", container(instanceId), "docker", "version")) !== "" || undefined,
    minute,
  );
}

async function load(reference: string, into: string): Promise<void> {
  const save = spawn("docker", ["save", reference], { stdio: ["ignore", "pipe", "inherit"] });
  const put = spawn("docker", ["exec", "-i", into, "docker", "load"], { stdio: [save.stdout, "ignore", "inherit"] });
  const code = await new Promise((resolve) => {
    put.on("close", resolve);
  });
  expect(code).toBe(0);
}

interface Registry {
  readonly server: Server;
  readonly port: number;
  /** Outcomes of the signature check, undefined = valid. */
  readonly signatures: unknown[];
  readonly authorizations: (string | undefined)[];
}

/** GetAuthorizationToken behind a checked signature, and a registry that knows nobody's images. */
async function startRegistry(): Promise<Registry> {
  const signatures: unknown[] = [];
  const authorizations: (string | undefined)[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    const body = Buffer.from(await readText(request));
    if (url.startsWith("/v2")) {
      authorizations.push(headers.authorization);
      const challenge = { "www-authenticate": 'Basic realm="ecr"' };
      if (headers.authorization === undefined) response.writeHead(401, challenge).end();
      else response.writeHead(url === "/v2/" ? 200 : 404).end();
      return;
    }
    signatures.push(verifySignature({ method, url, headers, body }, { credentials, service: "ecr", now: Date.now() }));
    const authorizationToken = Buffer.from("AWS:to:ken").toString("base64");
    response.end(JSON.stringify({ authorizationData: [{ authorizationToken }] }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "0.0.0.0", resolve);
  });
  return { server, port: (server.address() as AddressInfo).port, signatures, authorizations };
}
