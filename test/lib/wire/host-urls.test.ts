import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newState, writeState } from "../../../src/lib/sandbox/state.ts";
import { aConfig } from "../../fakes/config.ts";
import { hostUrls } from "../../../src/lib/wire/host-urls.ts";

let root: string;
/** What hosts run; that it cannot be read costs nothing. */
let compose: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "host-urls-test-"));
  compose = [join(root, "nowhere.yml")];
});
afterEach(() => rmSync(root, { recursive: true }));

const known = (endpoint: string | undefined): Promise<ReadonlyMap<string, string>> =>
  hostUrls({ root, runtime: { ...aConfig().runtime, compose } }, { env: { AWS_ENDPOINT_URL: endpoint } });

function sandbox(): void {
  const host = { id: "i-1", env: "prod", name: "prod-1", httpPort: 20010, registeredAt: "2026-11-27T12:00:00Z" };
  const state = newState({ root, region: "eu-west-1", account: "000000000000", port: 20000 });
  writeState({ ...state, hosts: [host] });
}

test("hosts of this checkout's sandbox answer where it has put them", async () => {
  sandbox();
  expect([...(await known("http://127.0.0.1:20000"))]).toEqual([["i-1", "http://127.0.0.1:20010"]]);
});

test("nothing is claimed of hosts whose port is shown to themselves only", async () => {
  sandbox();
  const file = join(root, "compose.yml");
  compose = [file];
  for (const [ports, isShown] of [
    ["127.0.0.1:80:8000", false],
    ["80:8000", true],
  ] as const) {
    writeFileSync(file, `services: { web: { image: w, ports: ["${ports}"] } }`);
    expect((await known("http://127.0.0.1:20000")).size).toBe(isShown ? 1 : 0);
  }
});

test("elsewhere nothing is claimed: on AWS, in another sandbox, and where its state cannot be read", async () => {
  sandbox();
  for (const endpoint of [undefined, "https://ssm.eu-west-1.amazonaws.com", "http://127.0.0.1:20001"])
    expect((await known(endpoint)).size).toBe(0);
  mkdirSync(join(root, ".threads", "sandbox"), { recursive: true });
  writeFileSync(join(root, ".threads", "sandbox", "sandbox.json"), "{");
  expect((await known("http://127.0.0.1:20000")).size).toBe(0);
});
