import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type DeploymentLogScript,
  deploymentLogScript,
  type DeployScript,
  deployScript,
  execScript,
  type LogsScript,
  logsScript,
  restoreScript,
  statusScript,
} from "../../src/lib/script/host-scripts.ts";
import { renderScript } from "../../src/lib/script/render.ts";

export const revisions = { old: "a".repeat(40), next: "b".repeat(40), third: "c".repeat(40) } as const;
const services = ["web", "celery", "celery-beat", "nginx"] as const;

/** `sha256:` and 64 digits, made from a word. */
export function digestOf(word: string): string {
  return `sha256:${createHash("sha256").update(word).digest("hex")}`;
}

export interface Ran {
  readonly code: number;
  /** With the line of the host as it was before it was packed. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** The line that a script has printed, as JSON: also what parseSummary does not look at. */
export function said(ran: Ran): Record<string, unknown> {
  const lines = ran.stdout.trim().split("\n");
  if (lines.length !== 1) throw new Error(`not one line: ${ran.stdout}${ran.stderr}`);
  return JSON.parse(lines[0]!) as Record<string, unknown>;
}

const ownRepository = (service: string): string => `app/${service}`;

/** A directory that plays a host: a recording `docker` first on the PATH, and an HTTP server that answers as the stack that is up. */
export class StubHost {
  readonly home = mkdtempSync(join(tmpdir(), "threads-host-"));
  readonly root = join(this.home, "threads");
  readonly state = join(this.home, "bin", "state");
  /** Whether releases are made for slots behind an edge, until the next reset. */
  inSlots = false;
  /** Where the images of its deployments are, until the next reset. */
  repositoryFor = ownRepository;
  /** What its application was asked since the last reset: by whom it was asked for, and which release answered. */
  readonly asked: { readonly url: string; readonly host: string; readonly release: string }[] = [];
  readonly #kept = mkdtempSync(join(tmpdir(), "threads-host-kept-"));
  #servers: readonly Server[] = [];

  async open(): Promise<void> {
    this.reset();
    const [edge, blue, green] = [
      () => this.#served(),
      () => this.read("release-blue"),
      () => this.read("release-green"),
    ];
    this.#servers = [this.#answering(edge), ...[blue, green].map((release) => this.#answering(release))];
    await this.#listen();
  }

  /** Of the edge, where there is one: what is in the slot that it sends requests to. */
  #served(): string {
    const slot = this.read("serves").trim();
    const edges = join(this.state, "edges");
    if (!existsSync(edges) || readdirSync(edges).length === 0) return this.read("release");
    return this.read(`release-${slot}`);
  }

  #answering(served: () => string): Server {
    return createServer((request, response) => {
      const release = served();
      this.asked.push({ url: request.url ?? "", host: request.headers.host ?? "", release });
      // Begins, and never ends.
      if (request.url === "/stream") return response.flushHeaders();
      const isMeant =
        request.headers.host === (this.read("own-name") || "localhost") &&
        (request.headers["x-forwarded-proto"] ?? "") === this.read("own-proto");
      const status = request.url === "/healthz" && release !== "" && isMeant ? 200 : 503;
      const other = this.read("answers-status") || this.read(`answers-status-${release}`);
      response.writeHead(Number(other || status), this.#headers(release));
      response.end(this.read("answers-body") || "{}");
    });
  }

  /** Slots have two ports beside each other. */
  async #listen(): Promise<void> {
    const [edge, blue, green] = this.#servers;
    const listen = (server: Server | undefined, port: number): Promise<boolean> =>
      new Promise((resolve) => {
        server?.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
      });
    await listen(edge, 0);
    for (;;) {
      await listen(blue, 0);
      if (await listen(green, portOf(blue) + 1)) return;
      await new Promise((resolve) => blue?.close(resolve));
    }
  }

  #headers(release: string): Record<string, string> {
    const answers = this.read("answers") || release;
    const location = this.read("answers-location");
    return {
      ...(answers === "nothing" ? {} : { "x-release": answers }),
      ...(location === "" ? {} : { Location: location }),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    for (const folder of [this.home, this.#kept]) rmSync(folder, { recursive: true, force: true });
  }

  /** A host on which nothing was ever deployed. */
  reset(): void {
    this.repositoryFor = ownRepository;
    this.inSlots = false;
    this.asked.length = 0;
    rmSync(this.home, { recursive: true, force: true });
    mkdirSync(join(this.state, "containers"), { recursive: true });
    mkdirSync(join(this.state, "bundle"));
    copyFileSync(new URL("docker-stub.sh", import.meta.url), join(this.home, "bin", "docker"));
    chmodSync(join(this.home, "bin", "docker"), 0o755);
    writeFileSync(join(this.state, "images"), "");
    writeFileSync(join(this.home, "threads.env"), "SECRET_KEY='hunter22'\nDATABASE_URL=postgres://x\n");
  }

  /** Deployment 1 brought the old release up. It runs once; later calls put back the files that it left. */
  async withOldRelease(): Promise<void> {
    const { inSlots } = this;
    await this.#asLeftBy(inSlots ? "old in a slot" : "old", async () => {
      this.reset();
      this.inSlots = inSlots;
      return this.run(this.deployScript(1, revisions.old));
    });
  }

  /** And deployment 2 the next one. */
  async withNextRelease(): Promise<void> {
    await this.#asLeftBy(this.inSlots ? "next in a slot" : "next", async () => {
      await this.withOldRelease();
      return this.run(this.deployScript(2, revisions.next));
    });
  }

  async #asLeftBy(name: string, work: () => Promise<Ran>): Promise<void> {
    const left = join(this.#kept, name);
    const how = { recursive: true, verbatimSymlinks: true };
    if (existsSync(left)) {
      this.repositoryFor = ownRepository;
      rmSync(this.home, { recursive: true });
      cpSync(left, this.home, how);
      return;
    }
    const ran = await work();
    if (ran.code !== 0) throw new Error(ran.stderr);
    cpSync(this.home, left, how);
  }

  get port(): number {
    return portOf(this.#servers[0]);
  }

  /** A file of the stub's state; empty where there is none. */
  read(name: string): string {
    const path = join(this.state, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  set(name: string, text: string): void {
    writeFileSync(join(this.state, name), text);
  }

  unset(name: string): void {
    rmSync(join(this.state, name), { force: true });
  }

  #settings(number: number): Omit<DeployScript, "bundle" | "revision" | "images" | "variables" | "sentAt" | "migrate"> {
    return {
      app: "app",
      number,
      nonce: `nonce${number}`,
      absent: [],
      envFile: join(this.home, "threads.env"),
      port: this.port,
      healthPath: "/healthz",
      healthTimeoutMs: 1_000,
      deadlineMs: 60_000,
      drainMs: 1_000,
      pause: 0.02,
      ...(this.inSlots ? { singletons: ["celery-beat"], frontsFrom: portOf(this.#servers[1]) - 2 } : {}),
      root: this.root,
    };
  }

  /** deploy.sh for one of the revisions; its bundle is what `docker cp` will find. */
  deployScript(number: number, revision: string, change: Partial<DeployScript> = {}): string {
    const images = Object.fromEntries(
      services.map((service) => [
        service,
        `127.0.0.1:5000/${this.repositoryFor(service)}@${digestOf(`${service}${revision[0]}`)}`,
      ]),
    );
    this.set("bundle/release.json", JSON.stringify({ revision, images }));
    this.set("bundle/compose.yml", `# ${revision}\n${services.join("\n")}\n`);
    const settings = this.#settings(number);
    if (this.inSlots) this.#modelOfSlots();
    return renderScript(
      deployScript({
        ...settings,
        bundle: `127.0.0.1:5000/${this.repositoryFor("bundle")}@${digestOf(`bundle${revision[0]}`)}`,
        revision,
        images,
        variables: { REVISION: revision, ENV_FILE: settings.envFile, HTTP_PORT: String(settings.port) },
        sentAt: Date.now(),
        migrate: "migrate",
        ...change,
      }),
    );
  }

  /** Gives the bundle of the last deployScript what one of schema 2 has beside its compose file. */
  withModel(model: { readonly expected?: string; readonly required?: string; readonly compose?: string }): void {
    const { expected = "", required = "", compose } = model;
    this.set("bundle/release.json", this.read("bundle/release.json").replace("{", '{"schema": 2,'));
    mkdirSync(join(this.state, "bundle", "model", "files", "front"), { recursive: true });
    this.set("bundle/model/expected", expected);
    this.set("bundle/model/required", required);
    this.set("bundle/model/files/front/page.txt", "hello\n");
    if (compose !== undefined) this.set("bundle/compose.yml", compose);
  }

  /** The database runs once, beside the slots. */
  #modelOfSlots(): void {
    this.withModel({});
    const model = {
      strategy: "slots stopped\n",
      edge: `app/edge@${digestOf("edge")}\n`,
      fronts: "1 nginx 8080 http\n",
      "fronts.yml": "",
      "slot.yml": `${services.join("\n")}\n`,
      "base.yml": "db\n",
      links: "default db\n",
    };
    for (const [name, text] of Object.entries(model)) this.set(`bundle/model/${name}`, text);
    this.set("port", String(this.port));
  }

  restoreScript(number: number, change: Partial<DeployScript> = {}): string {
    return renderScript(restoreScript({ bundle: "127.0.0.1:5000/app/bundle", ...this.#settings(number), ...change }));
  }

  /** Names of the containers' services, in the order in which they were made. */
  running(): string[] {
    const folder = join(this.state, "containers");
    return readdirSync(folder).map((id) => readFileSync(join(folder, id), "utf8").split("|")[0]!);
  }

  /** Services whose containers run in a slot. */
  up(slot: string): string[] {
    const folder = join(this.state, "containers");
    return readdirSync(folder)
      .filter((id) => id.startsWith(slot))
      .map((id) => readFileSync(join(folder, id), "utf8").split("|"))
      .filter((row) => row[6] === "running")
      .map(([service = ""]) => service);
  }

  statusScript(): string {
    return renderScript(statusScript({ app: "app", nonce: "look", root: this.root }));
  }

  /** @param nonce marks what the command begins: what ends an earlier one must not end this one */
  execScript(nonce: string, [service = "", ...command]: readonly string[], limitMs = 60_000): string {
    return renderScript(execScript({ app: "app", service, command, nonce, limitMs, root: this.root }));
  }

  logsScript(change: Partial<LogsScript> = {}): string {
    const from = { services: [], since: undefined, tail: change.cursors === undefined ? 100 : 0, cursors: [] };
    return renderScript(logsScript({ ...this.#reading(), ...from, ...change }));
  }

  deploymentLogScript(number: number, change: Partial<DeploymentLogScript> = {}): string {
    return renderScript(deploymentLogScript({ ...this.#reading(), number, offset: 0, ...change }));
  }

  #reading(): Pick<LogsScript, "app" | "nonce" | "envFile" | "grep" | "root"> {
    const envFile = join(this.home, "threads.env");
    return { app: "app", nonce: "look", envFile, grep: undefined, root: this.root };
  }

  /** What a container has said, a line for each, with docker's time of it. */
  says(id: string, ...lines: readonly (readonly [time: string, text: string])[]): void {
    appendFileSync(join(this.state, `said-${id}`), lines.map((line) => `${line.join(" ")}\n`).join(""));
  }

  /** Runs a script as the agent does: a file, `sh -c <path>`, stdin closed, its own process group, a foreign environment. */
  run(script: string): Promise<Ran> {
    return this.start(script).ended;
  }

  /** Starts it in a group that can be signalled whole, as the agent does on cancel. */
  start(script: string): Running {
    const child = spawn("sh", ["-c", this.file(script)], {
      env: this.env(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, ended: outcomeOf(child) };
  }

  /** A program that stands before the system's on the PATH. */
  program(name: string, text: string): void {
    writeFileSync(join(this.home, "bin", name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  }

  /** @returns the script as on a host that has these programs and no others */
  closed(script: string, tools: readonly string[]): string {
    const folder = join(this.home, "tools");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const tool of tools) symlinkSync(join("/usr/bin", tool), join(folder, tool));
    return script.replace(/^export PATH=.*$/m, `export PATH='${join(this.home, "bin")}:${folder}'`);
  }

  /** Puts a script where the agent would. @returns its path */
  file(script: string): string {
    const path = join(this.home, `script-${Math.random().toString(36).slice(2)}.sh`);
    writeFileSync(path, `${script}\n`, { mode: 0o700 });
    return path;
  }

  /** What an agent may have in its environment, and nobody wants. */
  env(): Record<string, string> {
    return {
      PATH: `${join(this.home, "bin")}:/usr/bin:/bin`,
      COMPOSE_FILE: "/elsewhere.yml",
      DOCKER_HOST: "tcp://nowhere:1",
      WEB_IMAGE: "elsewhere/web:latest",
    };
  }
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (address === undefined || address === null || typeof address === "string") throw new Error("the host is not open");
  return address.port;
}

async function outcomeOf(child: ChildProcess): Promise<Ran> {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => (text[name] += chunk));
  const code = await new Promise<number>((resolve) => child.once("close", (exit) => resolve(exit ?? -1)));
  return { code, ...text, stdout: opened(text.stdout) };
}

/** The programs without which a host takes no order. */
export function needed(script: string): string[] {
  return [...script.matchAll(/^need \S+ (.*)$/gm)].flatMap(([, names = ""]) => names.split(" "));
}

/** What is looked for in it, such as a secret, would not be found in what is packed. */
function opened(stdout: string): string {
  return stdout.replace(/^\{"threads":1,"packed":"(.*)"\}$/m, (_, packed: string) =>
    gunzipSync(Buffer.from(packed, "base64")).toString(),
  );
}
