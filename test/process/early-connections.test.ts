import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { earlyEndpoints } from "../../src/lib/aws/early/endpoints.ts";
import { spawnCli } from "../e2e/spawned-cli.ts";
import { requireBuild } from "./built.ts";
import { openProject, type Project } from "./project.ts";

requireBuild();

let project: Project;
beforeAll(async () => {
  project = await openProject();
});
afterAll(() => project[Symbol.asyncDispose]());

interface Gathering extends AsyncDisposable {
  readonly url: string;
  /** When the first answer was given: connections that were open, and those of them that a request had come through. */
  readonly first: { opened: number; used: number };
}

/** A way to a server on which nobody is answered until so many ask at once. */
async function gatheringBefore(url: string, expected: number): Promise<Gathering> {
  const first = { opened: 0, used: 0 };
  const waiting: (() => void)[] = [];
  const sockets: Socket[] = [];
  let answers = false;
  const server = createServer((client) => {
    if (!answers) first.opened += 1;
    sockets.push(client.on("error", () => client.destroy()));
    client.once("readable", () => {
      const head = client.read() as Buffer | null;
      if (head === null) return;
      client.unshift(head);
      waiting.push(() => {
        const upstream = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
        sockets.push(upstream.on("error", () => client.destroy()));
        client.pipe(upstream).pipe(client);
      });
      if (!answers && !head.includes("attempt=2")) first.used += 1;
      // Who is left waiting asks again after a while: then fewer asked at once.
      answers ||= first.used === expected || head.includes("attempt=2");
      if (answers) for (const go of waiting.splice(0)) go();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    first,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

it("promote opens as many connections early as it asks through at once", async () => {
  const { env, repository, verified } = project;
  const [api = "", ssm = ""] = [env["AWS_ENDPOINT_URL"], env["AWS_ENDPOINT_URL_SSM"]];
  const early = (...services: Parameters<typeof earlyEndpoints>[0]): number => earlyEndpoints(services, env).length;
  await using registry = await gatheringBefore(api, early("ecr", "sts"));
  await using ledger = await gatheringBefore(ssm, early("ssm"));
  const cli = spawnCli(repository.root, ["promote", verified.release.revision, "-e", "prod", "--json"], {
    entry: "run",
    env: {
      ...env,
      AWS_ENDPOINT_URL: registry.url,
      AWS_ENDPOINT_URL_SSM: ledger.url,
      ECR_REPO: `${new URL(registry.url).host}/threads/`,
    },
  });
  expect({ code: await cli.ended, stderr: cli.stderr() }).toMatchObject({ code: 0 });
  const all = (count: number): Gathering["first"] => ({ opened: count, used: count });
  expect(registry.first).toEqual(all(early("ecr", "sts")));
  expect(ledger.first).toEqual(all(early("ssm")));
});
