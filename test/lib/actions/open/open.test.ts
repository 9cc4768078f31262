import { describe, expect, test } from "vitest";
import { open, type OpenPorts } from "../../../../src/lib/actions/open/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderOpen } from "../../../../src/lib/output/render/open.ts";
import { aConfig } from "../../../fakes/config.ts";

const url = "https://www.example.com";
const config = aConfig({
  environments: { dev: {}, staging: { hosts: { tag: "e=s" } }, prod: { url, hosts: { tag: "e=p" } } },
});
const places = [
  { id: "i-1", name: "staging-1", environment: "staging", url: "http://127.0.0.1:1" },
  { id: "i-2", name: "prod-1", environment: "prod", url: "http://127.0.0.1:2" },
  { id: "i-3", name: "prod-2", environment: "prod", url: "http://127.0.0.1:3" },
];

function run(what: { environment: string; host?: string }, change: Partial<OpenPorts> = {}) {
  return open({ host: undefined, ...what }, { config, places: undefined, services: [], browse: undefined, ...change });
}

/** A browser that remembers. */
function browser(starts = true) {
  const seen: string[] = [];
  return { seen, browse: async (address: string) => seen.push(address) > 0 && starts };
}

describe("an environment's address", () => {
  test("is the one of threads.yml", async () => {
    const result = await run({ environment: "prod" });
    expect(result).toEqual({
      outcome: "printed",
      environment: "prod",
      urls: [{ url, host: null }],
      next: [],
      advice: [],
    });
    expect(renderOpen(result, plainPaint)).toEqual([url]);
  });

  test("is that of its services on ECS, which the sandbox's load balancer stands in front of", async () => {
    const services = ["dev", "prod"].map((environment) => ({ environment, url: `http://${environment}` }));
    const { urls } = await run({ environment: "dev" }, { places, services });
    expect(urls).toEqual([{ url: "http://dev", host: null }]);
  });

  test("is opened where somebody is there to see it", async () => {
    const { seen, browse } = browser();
    const result = await run({ environment: "prod" }, { browse });
    expect([result.outcome, seen]).toEqual(["opened", [url]]);
    expect(renderOpen(result, plainPaint)).toEqual([`${url} opened`]);
  });

  test("is printed where no browser could be started", async () => {
    const { browse } = browser(false);
    expect(await run({ environment: "prod" }, { browse })).toMatchObject({
      outcome: "printed",
      urls: [{ url }],
      advice: ["no browser could be started on this machine"],
    });
  });

  test("is that of the sandbox's hosts in a sandbox, never the one of the real world", async () => {
    const { seen, browse } = browser();
    const result = await run({ environment: "prod" }, { places, browse });
    expect(result.urls.map(({ host }) => host)).toEqual(["prod-1", "prod-2"]);
    expect(seen).toEqual(["http://127.0.0.1:2"]);
    expect(renderOpen(result, plainPaint)).toEqual(["http://127.0.0.1:2 prod-1 opened", "http://127.0.0.1:3 prod-2"]);
    await expect(run({ environment: "prod" }, { places: [], browse })).rejects.toMatchObject({ code: "NO_URL" });
  });

  test("is that of one host, by its name or id", async () => {
    for (const host of ["prod-2", "i-3"])
      expect((await run({ environment: "prod", host }, { places })).urls).toEqual([
        { url: places[2]!.url, host: "prod-2" },
      ]);
  });
});

describe("refused", () => {
  test("an environment of which no address is known, with the key to set", async () => {
    await expect(run({ environment: "staging" })).rejects.toMatchObject({
      code: "NO_URL",
      exitCode: 3,
      advice: ["write below environments.staging: url: https://…"],
    });
  });

  test("hosts of the sandbox that answer to themselves only, with how to see them", async () => {
    const bound = places.map((place) => ({ ...place, url: null }));
    for (const what of [{ environment: "prod" }, { environment: "prod", host: "prod-1" }])
      await expect(run(what, { places: bound })).rejects.toMatchObject({
        code: "NO_URL",
        message: expect.stringContaining("prod answers to programs on its hosts only"),
        advice: ["publish the port without an address to see it from this machine"],
      });
  });

  test("a host outside the sandbox, and one that the sandbox does not have", async () => {
    await expect(run({ environment: "prod", host: "i-9" })).rejects.toMatchObject({
      code: "NO_URL",
      next: ["threads open -e prod"],
    });
    await expect(run({ environment: "prod", host: "prod-3" }, { places })).rejects.toMatchObject({
      code: "UNKNOWN_HOST",
      exitCode: 2,
      next: ["threads open -e prod --host prod-1"],
    });
  });

  test("an environment that there is not", async () => {
    await expect(run({ environment: "prdo" })).rejects.toMatchObject({
      code: "UNKNOWN_ENVIRONMENT",
      next: ["threads open -e prod", "threads open -e dev", "threads open -e staging"],
    });
  });
});

test.each(["example.com", "ftp://example.com", "-x", "javascript:alert(1)", "https://"])(
  "threads.yml has no %j for an address",
  (wrong) => {
    expect(() => aConfig({ environments: { prod: { url: wrong } } })).toThrow(/begins with http/);
  },
);
