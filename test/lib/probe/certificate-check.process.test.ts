import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, getCACertificates, type Server, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { judgeCertificate } from "../../../src/lib/probe/certificate-check.ts";
import type { CheckResult } from "../../../src/lib/probe/check.ts";
import { runChecks } from "../../../src/lib/probe/checks.ts";
import { aCheck } from "../../fakes/config.ts";

const day = 24 * 3600 * 1000;
let folder: string;
const usual = getCACertificates("default");
const servers: Server[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "certificates-"));
});
afterEach(() => {
  setDefaultCACertificates(usual);
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** One that signs itself. @param days until it ends @param name whose it is, as openssl writes alternative names */
function certificate(days: number, name = "DNS:localhost"): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const whose = ["-subj", "/CN=threads test", "-addext", `subjectAltName=${name}`];
  const out = ["-keyout", key, "-out", cert, "-days", String(days)];
  execFileSync("openssl", ["req", "-x509", ...curve, ...whose, ...out], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

async function serve(own: ReturnType<typeof certificate>): Promise<number> {
  const server = createServer(own);
  servers.push(server);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const nothing = (): Promise<never> => Promise.reject(new Error("nothing else is asked"));

async function look(
  whose: string,
  keys: { days?: number; within?: number } = {},
  timeoutMs = 60_000,
): Promise<CheckResult> {
  const options = { base: "http://localhost", revision: "", timeoutMs, checks: [aCheckOf(whose, keys)] };
  const { signal } = new AbortController();
  const [result] = await runChecks(options, { get: nothing, exec: nothing, clock: systemClock, signal });
  if (result === undefined) throw new Error("there was no result");
  return result;
}

const aCheckOf = (tls: string, keys: object): ReturnType<typeof aCheck> => aCheck({ tls, ...keys });

it("takes a certificate that is trusted, of that name and has days left, and says how many", async () => {
  const own = certificate(30);
  setDefaultCACertificates([own.cert]);
  const port = await serve(own);
  expect(await look(`localhost:${port}`, { days: 29 })).toMatchObject({
    path: `tls (29 days) localhost:${port}`,
    status: 0,
    ok: true,
    detail: expect.stringMatching(/^good until \d{4}-\d\d-\d\d, for (?:29|30) days$/) as string,
  });
  expect(await look(`localhost:${port}`, { days: 31 })).toMatchObject({
    status: 1,
    ok: false,
    detail: expect.stringMatching(/^the certificate ends on \S+, in (?:29|30) days: 31 are wanted$/) as string,
  });
});

it("takes none of another name, and none that nobody here knows", async () => {
  const other = certificate(30, "DNS:www.example.com,DNS:example.com");
  setDefaultCACertificates([other.cert]);
  expect(await look(`localhost:${await serve(other)}`)).toMatchObject({
    status: 1,
    detail: "the certificate is of another name: www.example.com, example.com",
  });
  setDefaultCACertificates(usual);
  expect(await look(`localhost:${await serve(certificate(30))}`)).toMatchObject({
    status: 1,
    detail: "the certificate is not trusted: it has signed itself (DEPTH_ZERO_SELF_SIGNED_CERT)",
  });
});

it("knows an address from a name", async () => {
  const own = certificate(30, "IP:127.0.0.1");
  setDefaultCACertificates([own.cert]);
  expect(await look(`127.0.0.1:${await serve(own)}`)).toMatchObject({ ok: true });
});

it("tells who shows none from who shows a bad one", async () => {
  const [own, none] = [certificate(30), createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))];
  await new Promise<void>((resolve) => none.listen(0, "127.0.0.1", resolve));
  const { port } = none.address() as AddressInfo;
  expect(await look(`localhost:${port}`)).toMatchObject({
    status: -1,
    ok: false,
    detail: expect.stringMatching(/^shows no certificate: /) as string,
  });
  const silent = createTcpServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const at = (silent.address() as AddressInfo).port;
  expect(await look(`localhost:${at}`, {}, 200)).toMatchObject({
    detail: expect.stringMatching(/^shows no certificate: no answer within 0\.\d+ s$/) as string,
  });
  // It may be renewed at this very moment.
  setDefaultCACertificates([own.cert]);
  none.close();
  silent.close();
  const renewed = look(`localhost:${port}`, { within: 30 }, 30_000);
  const server = createServer(own);
  servers.push(server);
  server.listen(port, "127.0.0.1");
  expect(await renewed).toMatchObject({ ok: true });
});

const now = Date.parse("2026-11-28T12:00:00Z");
const shown = (change: object): Parameters<typeof judgeCertificate>[0] => ({
  endsAt: now + 20 * day,
  fault: undefined,
  names: [],
  ...change,
});

it.each([
  [{}, 20, true, "good until 2026-12-18, for 20 days"],
  [{}, 21, false, "the certificate ends on 2026-12-18, in 20 days: 21 are wanted"],
  [{ endsAt: now + day }, 14, false, "the certificate ends on 2026-11-29, in 1 day: 14 are wanted"],
  [{ endsAt: now, fault: "CERT_HAS_EXPIRED" }, 0, false, "the certificate ended on 2026-11-28"],
  [
    { fault: "CERT_HAS_EXPIRED" },
    0,
    false,
    "the certificate is not trusted: one that it rests on has ended (CERT_HAS_EXPIRED)",
  ],
  [
    { fault: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
    0,
    false,
    "the certificate is not trusted: the server leaves out what is between it and an authority that is known here (UNABLE_TO_VERIFY_LEAF_SIGNATURE)",
  ],
  [{ fault: "CERT_REVOKED" }, 0, false, "the certificate is not trusted (CERT_REVOKED)"],
])("%j, where %i days are wanted: %s, %s", (change, days, ok, detail) => {
  expect(judgeCertificate(shown(change), days, now)).toEqual({ status: ok ? 0 : 1, ok, detail });
});
