import type { AddressInfo } from "node:net";
import { createServer, getCACertificates, type Server, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { verify, type VerifyPorts } from "../../../../src/lib/actions/verify/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderVerify } from "../../../../src/lib/output/render/verify.ts";
import { aConfig } from "../../../fakes/config.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { localhostCertificate } from "../../../fakes/localhost-certificate.ts";
import { asPrinted } from "../../../fakes/results.ts";

const usual = getCACertificates("default");
let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer(localhostCertificate).on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  const options = { environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined };
  await deploy(options, fleet.freshPorts());
  for (const host of fleet.hosts) host.onAsk = () => ({ body: "ok" });
});
afterEach(async () => {
  setDefaultCACertificates(usual);
  await fleet.close();
});

const warnings: string[] = [];

/** Production's address is one at this server, or what is given. */
function ports(url = `https://localhost:${port}`, environment = "prod", requests = ["/healthz"]): VerifyPorts {
  const own = fleet.config();
  const environments = { [environment]: { hosts: { tag: "x=y" }, url }, other: { url: "https://other.example" } };
  const file = aConfig({ checks: [...requests.map((path) => ({ path })), { tls: true }], environments });
  const prod = { ...own.environments["prod"]!, url: file.environments["prod"]?.url };
  const config = { ...own, checks: file.checks, environments: { ...own.environments, prod } };
  const { progress, ...others } = fleet.ports();
  warnings.length = 0;
  return { ...others, progress: { ...progress, warn: (text) => warnings.push(text) }, config, version: "1.0.0" };
}
const run = async (of: VerifyPorts) => asPrinted("verify", await verify({ environment: "prod", dryRun: false }, of));
const evidence = (): unknown[] =>
  [...fleet.ssm.parameters.store].flatMap(([name, text]) => (name.includes("/evidence/") ? [JSON.parse(text)] : []));

test("a good certificate is looked at once, whatever number of hosts stands behind it, and is on record beside their checks", async () => {
  setDefaultCACertificates([localhostCertificate.cert]);
  const result = await run(ports());
  const path = `tls (14 days) localhost:${port}`;
  expect(result).toMatchObject({ outcome: "passed", recorded: true, certificates: [{ path, status: 0, ok: true }] });
  expect(evidence()).toMatchObject([{ checks: [{ path: "/healthz" }, { path, status: 0, ok: true }] }]);
  expect(renderVerify(result, plainPaint, 120)).toContainEqual(
    expect.stringMatching(/ {2}tls \(14 days\) localhost:\d+ +✔ good until 2126-10-29, for /),
  );
});

test("it is on record also where nothing else is asked for, with the days that it was good for", async () => {
  setDefaultCACertificates([localhostCertificate.cert]);
  expect(await run(ports(undefined, "prod", []))).toMatchObject({ outcome: "passed", recorded: true });
  expect(evidence()).toMatchObject([{ checks: [{ path: `tls (14 days) localhost:${port}`, ok: true }] }]);
});

test("a bad one fails, and nothing is on record: the release is not blamed for it", async () => {
  const result = await run(ports());
  const detail = "the certificate is not trusted: it has signed itself (DEPTH_ZERO_SELF_SIGNED_CERT)";
  expect(result).toMatchObject({
    outcome: "failed",
    recorded: false,
    certificates: [{ status: 1, ok: false, detail }],
    next: ["threads status -e prod"],
    advice: [`have whatever ends TLS at localhost:${port} show a certificate that is good, and verify again`],
  });
  expect(evidence()).toEqual([]);
  expect(renderVerify(result, plainPaint, 200).join("\n")).toContain(`✖ ${detail}`);
});

test("one that nobody shows here is neither right nor wrong", async () => {
  const result = await run(ports("https://localhost:1"));
  expect(result).toMatchObject({ outcome: "unread", recorded: false, certificates: [{ status: -1, ok: false }] });
});

test("an environment without an address by https has none, which is said", async () => {
  expect(await run(ports("http://localhost:1"))).toMatchObject({ outcome: "passed", certificates: [] });
  expect(warnings).toEqual(["prod has no url that begins with https://: there is no certificate of it to look at"]);
});

test("a dry run tells whose would be looked at", async () => {
  const planned = await verify({ environment: "prod", dryRun: true }, ports());
  expect(planned).toMatchObject({ outcome: "planned", checks: ["/healthz", `tls (14 days) localhost:${port}`] });
});
