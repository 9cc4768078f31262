import type { Output, Reply, TaskEngine } from "../../../../../src/lib/sandbox/server/ecs/run/engine.ts";

interface Body {
  readonly Image: string;
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck?: { readonly Test: readonly string[] };
  readonly HostConfig?: {
    readonly Memory?: number;
    readonly PortBindings?: Readonly<Record<string, readonly object[]>>;
  };
}

interface Container {
  readonly body: Body;
  status: "created" | "running" | "exited";
  exitCode: number;
  readonly said: string[];
}

/** A machine's engine that keeps books in memory. Each of its images has a HEALTHCHECK that always fails; a definition's holds. */
export function bookkeeper() {
  const containers = new Map<string, Container>();
  /** Each container that was ever created, or stopped, in order. */
  const [created, stopped]: [string[], string[]] = [[], []];
  let lines = 0;
  const named = (part: string): Container => {
    const found = [...containers].find(([name]) => name.includes(`-${part}-`))?.[1];
    if (found === undefined) throw new Error(`there is no ${part} in ${[...containers.keys()].join(", ")}`);
    return found;
  };
  const answer = (method: string, url: string, sent: unknown): Reply => {
    const { pathname, searchParams } = new URL(url, "http://docker");
    const [, kind = "", name = "", verb = ""] = pathname.split("/");
    if (kind !== "containers") return reply(200, {});
    if (name === "json") {
      const { label } = JSON.parse(searchParams.get("filters") ?? "{}") as { label: readonly string[] };
      const [key = "", value] = label[0]?.split("=") ?? [];
      return reply(
        200,
        [...containers.values()].filter(({ body }) => body.Labels[key] === value),
      );
    }
    if (name === "create") return create(searchParams.get("name") ?? "", sent as Body);
    const found = containers.get(name);
    if (found === undefined) return reply(404, { message: `No such container: ${name}` });
    if (method === "DELETE") containers.delete(name);
    else if (verb === "start") return start(found);
    else if (verb === "stop" && found.status === "running") {
      stopped.push(found.body.Labels["com.amazonaws.ecs.container-name"] ?? name);
      Object.assign(found, { status: "exited", exitCode: 143 });
    } else if (verb === "json") return reply(200, shown(name, found));
    return reply(204, {});
  };
  const create = (name: string, body: Body): Reply => {
    if (containers.has(name)) return reply(409, { message: `The container name ${name} is already in use` });
    containers.set(name, { body, status: "created", exitCode: 0, said: [] });
    created.push(name);
    return reply(201, {});
  };
  const docker = (words: readonly string[]): Output => {
    const name = words.at(-1) ?? "";
    return name.includes("gone") ? { exitCode: 1, stdout: "", stderr: `${name}: not found` } : output(name);
  };
  const engine: TaskEngine = {
    id: "i-0",
    address: "10.0.0.7",
    api: async (method, path, body) => answer(method, path, body),
    lines: async (container, since = "") => containers.get(container)?.said.filter((line) => line >= since),
    docker: async (words) => docker(words),
    shell: async () => output(""),
  };
  return {
    engine,
    created,
    stopped,
    containers,
    named,
    say(part: string, text: string): void {
      lines += 1;
      named(part).said.push(`2026-11-28T08:00:00.${String(lines).padStart(9, "0")}Z ${text}`);
    },
    exit: (part: string, exitCode: number): void => void Object.assign(named(part), { status: "exited", exitCode }),
  };
}

/** As docker does, a container that it cannot start stays "created", with an exit code. */
function start(container: Container): Reply {
  const isThere = container.body.Cmd?.[0]?.startsWith("/no/such") !== true;
  Object.assign(container, isThere ? { status: "running" } : { exitCode: 127 });
  return isThere ? reply(204, {}) : reply(400, { message: "exec: no such file or directory" });
}

function shown(name: string, { body, status, exitCode }: Container): unknown {
  const { Test: test } = body.Healthcheck ?? {};
  const health = test === undefined ? "unhealthy" : test[0] === "NONE" ? undefined : "healthy";
  const State = { Status: status, ExitCode: exitCode, OOMKilled: false, ...(health && { Health: { Status: health } }) };
  const wanted = Object.entries(body.HostConfig?.PortBindings ?? {});
  const bound = wanted.flatMap(([port, { length }]) => (length > 0 ? [port] : []));
  const Ports = Object.fromEntries(bound.map((port) => [port, [{ HostIp: "0.0.0.0", HostPort: "32768" }]]));
  return { Id: name, State, NetworkSettings: { Ports } };
}

function reply(status: number, body: unknown): Reply {
  return { status, body: JSON.stringify(body) };
}

function output(stdout: string): Output {
  return { exitCode: 0, stdout, stderr: "" };
}
