import { mkdtemp, rm } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECRClient } from "@aws-sdk/client-ecr";
import type { SSMClientConfig } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { composeServer, type Sandbox } from "../../../../src/lib/sandbox/server/compose-server.ts";
import type { AccessControl } from "../../../../src/lib/sandbox/server/iam/access-control.ts";
import type { JsonService } from "../../../../src/lib/sandbox/server/protocol.ts";
import type { LogEntry } from "../../../../src/lib/sandbox/server/request-log.ts";
import { closeServer } from "../../../../src/lib/sandbox/server/server.ts";
import type { Settings } from "../../../../src/lib/sandbox/server/settings.ts";
import type { Upstream } from "../../../../src/lib/sandbox/server/upstream.ts";
import { inProcess } from "../../../fakes/in-process-http.ts";
import { unusedPort } from "../../../fakes/unused-port.ts";

export const account = "000000000000";
export const region = "eu-west-1";
export const credentials = { accessKeyId: "AKIATHREADSTEST", secretAccessKey: "a secret of the tests" };

/** The server in this process, as its clients meet it. */
export interface OpenSandbox {
  readonly port: number;
  readonly url: string;
  /** What answers a request without a socket; undefined where the server is down. */
  readonly listener: () => RequestListener | undefined;
  /** What its clients are made with. One attempt a call: what the server says is what the test sees. */
  readonly clientSettings: SSMClientConfig;
  readonly ecr: ECRClient;
  readonly sts: STSClient;
  /** Milliseconds to add to the machine's clock. */
  clock: { offset: number };
  readonly settings: (change: object) => Promise<void>;
  readonly log: (since?: number) => Promise<{ readonly last: number; readonly entries: readonly LogEntry[] }>;
  /** Faults that calls met since that number of the log, as `PutImage throttle`: one that nobody meets proves nothing. */
  readonly met: (since?: number) => Promise<readonly string[]>;
  /** Ends the server and starts another on the same state. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function openSandbox(wanted: {
  readonly upstream: Upstream;
  readonly services?:
    | readonly JsonService[]
    | ((access: AccessControl, settings: Settings) => Promise<readonly JsonService[]>);
  /** For tests of what is done with its answers; those of the server itself, and of connections, go through sockets. */
  readonly withoutSockets?: boolean;
}): Promise<OpenSandbox> {
  const stateDir = await mkdtemp(join(tmpdir(), "threads-sandbox-test-"));
  const port = await unusedPort();
  const clock = { offset: 0 };
  const start = async (): Promise<Sandbox> => {
    const sandbox = await composeServer({
      ...credentials,
      upstream: wanted.upstream,
      stateDir,
      endpoint: `127.0.0.1:${port}`,
      account,
      region,
      sandboxId: "test",
      now: () => Date.now() + clock.offset,
      others: (_, access, settings) => {
        const { services = [] } = wanted;
        return typeof services === "function" ? services(access, settings) : Promise.resolve(services);
      },
    });
    await new Promise<void>((resolve) => sandbox.server.listen(port, "127.0.0.1", resolve));
    return sandbox;
  };
  let running = await start();
  const url = `http://127.0.0.1:${port}`;
  const listener = (): RequestListener | undefined => {
    const { server } = running;
    return server.listening ? (...exchange) => void server.emit("request", ...exchange) : undefined;
  };
  const clientSettings = {
    region,
    endpoint: url,
    credentials,
    maxAttempts: 1,
    ...(wanted.withoutSockets === true && { requestHandler: inProcess(listener) }),
  };
  const ecr = new ECRClient(clientSettings);
  const sts = new STSClient(clientSettings);
  const log: OpenSandbox["log"] = async (since = 0) => {
    const answer = await fetch(`${url}/_sandbox/log?since=${since}`);
    return (await answer.json()) as { last: number; entries: LogEntry[] };
  };
  return {
    port,
    url,
    listener,
    clientSettings,
    ecr,
    sts,
    clock,
    async settings(change) {
      const answer = await fetch(`${url}/_sandbox/settings`, { method: "PUT", body: JSON.stringify(change) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    log,
    met: async (since) =>
      (await log(since)).entries.flatMap(({ operation, fault }) =>
        fault === undefined ? [] : [`${operation ?? ""} ${fault}`],
      ),
    async restart() {
      await closeServer(running.server, 0);
      running = await start();
    },
    async stop() {
      ecr.destroy();
      sts.destroy();
      await closeServer(running.server, 0);
      wanted.upstream.close();
      await rm(stateDir, { recursive: true });
    },
  };
}
