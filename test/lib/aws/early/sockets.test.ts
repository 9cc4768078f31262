import { once as heard } from "node:events";
import { text } from "node:stream/consumers";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { agentsTaking } from "../../../../src/lib/aws/early/agents.ts";
import { awsClients } from "../../../../src/lib/aws/clients.ts";
import { openEarly } from "../../../../src/lib/aws/early/sockets.ts";
import { type CountingServer, countingServer, get } from "../../../fakes/counting-server.ts";
import { localhostCertificate } from "../../../fakes/localhost-certificate.ts";

const trusted = getCACertificates("default");
const trust = (): void => setDefaultCACertificates([...trusted, localhostCertificate.cert]);
afterEach(() => setDefaultCACertificates(trusted));

describe.each([{ secure: false }, { secure: true }])(
  "a connection that was opened early, secure: $secure",
  ({ secure }) => {
    const agentOf = (early: ReturnType<typeof openEarly>) => {
      const { httpAgent, httpsAgent } = agentsTaking(early);
      return { agent: secure ? httpsAgent : httpAgent };
    };

    it("carries the first request, and is kept for the next like any other", async () => {
      await using server = await countingServer({ secure });
      if (secure) trust();
      const early = openEarly([server.endpoint]);
      await server.reached(1);
      const options = agentOf(early);
      expect([await get(server.endpoint, options), await get(server.endpoint, options)]).toEqual(["0", "0"]);
      expect(server.opened).toHaveLength(1);
      options.agent.destroy();
    });

    it("tells that a request has left, also one that had to open its own", async () => {
      await using server = await countingServer({ secure });
      if (secure) trust();
      const early = openEarly([]);
      const options = agentOf(early);
      await get(server.endpoint, options);
      expect(await early.left).toBe(true);
      options.agent.destroy();
      early.close();
    });

    it("is handed out while it is still connecting", async () => {
      await using server = await countingServer({ secure });
      if (secure) trust();
      const options = agentOf(openEarly([server.endpoint]));
      if (secure) await new Promise(setImmediate);
      expect(await get(server.endpoint, options)).toBe("0");
      expect(server.opened).toHaveLength(1);
      options.agent.destroy();
    });

    it("serves one at a time: a second request at once opens its own", async () => {
      await using server = await countingServer({ secure });
      if (secure) trust();
      const early = openEarly([server.endpoint]);
      await server.reached(1);
      const options = agentOf(early);
      const both = await Promise.all([get(server.endpoint, options), get(server.endpoint, options)]);
      expect(both.toSorted()).toEqual(["0", "1"]);
      options.agent.destroy();
    });

    it("is replaced where the server has closed it meanwhile", async () => {
      await using server = await countingServer({ secure });
      if (secure) trust();
      const early = openEarly([server.endpoint]);
      await server.reached(1);
      const [first] = server.opened;
      first?.end();
      if (first !== undefined) await heard(first, "close");
      const options = agentOf(early);
      expect(await get(server.endpoint, options)).toBe("1");
      options.agent.destroy();
    });

    it("is not given to who wants another endpoint, and is closed in the end", async () => {
      await using server = await countingServer({ secure });
      await using other = await countingServer({ secure: false });
      if (secure) trust();
      const early = openEarly([server.endpoint]);
      await server.reached(1);
      const { httpAgent } = agentsTaking(early);
      expect(await get(other.endpoint, { agent: httpAgent })).toBe("0");
      expect(early.take({ ...server.endpoint, secure: !secure })).toBeUndefined();
      const [waiting] = server.opened;
      const gone = waiting === undefined ? Promise.resolve([]) : heard(waiting, "close");
      early.close();
      await gone;
      httpAgent.destroy();
    });
  },
);

it("tells it no sooner than those requests are written that are made at the same time", async () => {
  const early = openEarly([]);
  let told = false;
  void early.left.then(() => (told = true));
  early.take({ host: "127.0.0.1", port: 9, secure: false });
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(told).toBe(false);
  expect(await early.left).toBe(true);
  early.close();
});

it("where nothing was asked until the end, that is told", async () => {
  const early = openEarly([]);
  early.close();
  expect(await early.left).toBe(false);
});

it("a server that spoke before it was asked is not used", async () => {
  await using server = await countingServer({ secure: false });
  const early = openEarly([server.endpoint]);
  await server.reached(1);
  server.opened[0]?.write("HTTP/1.1 408 Request Timeout\r\n\r\n");
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const { httpAgent } = agentsTaking(early);
  expect(await get(server.endpoint, { agent: httpAgent })).toBe("1");
  httpAgent.destroy();
});

it("a certificate that is not trusted is told by the request, not by the guess", async () => {
  await using server = await countingServer({ secure: true });
  const early = openEarly([server.endpoint]);
  const { httpsAgent } = agentsTaking(early);
  await expect(get(server.endpoint, { agent: httpsAgent })).rejects.toMatchObject({
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  early.close();
});

it("a endpoint where nobody listens is told by the request, not by the guess", async () => {
  const server = await countingServer({ secure: false });
  await server[Symbol.asyncDispose]();
  const { httpAgent } = agentsTaking(openEarly([server.endpoint]));
  await new Promise(setImmediate);
  await expect(get(server.endpoint, { agent: httpAgent })).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

it("the SDK's clients use it, but never for the one call that is not repeated", async () => {
  await using server = await countingServer({ secure: false });
  const early = openEarly([server.endpoint, server.endpoint]);
  await server.reached(2);
  const clients = awsClients({ region: "eu-west-1", early });
  expect(await ask(await clients.ssmOnce(), server)).toBe("2");
  const [ssm, ecr] = [await ask(await clients.ssm(), server), await ask(await clients.ecr(), server)];
  // They share their connections: the second may also have got the first's, which is free again.
  expect(["0", "1"]).toContain(ssm);
  expect(["0", "1"]).toContain(ecr);
  early.close();
});

interface Asking {
  readonly config: { readonly requestHandler: { handle(request: object): Promise<unknown> } };
}

/** One request by the client's own way of sending. */
async function ask(client: object, { endpoint }: CountingServer): Promise<string> {
  const request = {
    protocol: "http:",
    hostname: endpoint.host,
    port: endpoint.port,
    path: "/",
    method: "GET",
    headers: {},
  };
  const reply = await (client as Asking).config.requestHandler.handle(request);
  return text((reply as { readonly response: { readonly body: NodeJS.ReadableStream } }).response.body);
}
