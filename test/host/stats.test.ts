import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { renderScript } from "../../src/lib/script/render.ts";
import { parseStatsReport, type StatsReport } from "../../src/lib/script/stats-report.ts";
import { type StatsScript, statsScript } from "../../src/lib/script/stats-script.ts";
import { StubHost } from "./host.ts";

// stats.sh under a real bash: what containers take, by what docker says round by round.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

const mib = 1024 * 1024;
const ids = (): readonly string[] => readdirSync(join(host.state, "containers"));
const idOf = (service: string): string => ids()[host.running().indexOf(service)] ?? "";

/** What docker says, a round each; then it is silent. */
async function sampled(
  rounds: readonly (readonly string[])[],
  change: Partial<StatsScript> = {},
): Promise<StatsReport> {
  rounds.forEach((lines, round) => host.set(`stats-${round + 1}`, lines.map((line) => `${line}\n`).join("")));
  const most = change.most ?? rounds.length;
  const script = statsScript({ app: "app", nonce: "a1", durationMs: 600_000, pause: 0, ...change, most });
  const ran = await host.run(renderScript(script));
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
  const report = parseStatsReport(ran.stdout, "a1");
  if (report === undefined) throw new Error(`no report: ${ran.stdout}`);
  return report;
}

test("mean and peak of what each service took, its containers together, and a thinned series", async () => {
  const [web, celery] = [idOf("web"), idOf("celery")];
  const report = await sampled([
    [`${web} 50.00% 100MiB / 1.9GiB`, `${celery} 1.50% 1.5GiB / 1.9GiB`],
    [`${web} 150.00% 200MiB / 1.9GiB`, `${celery} 2.50% 512KiB / 1.9GiB`],
  ]);
  expect(report).toMatchObject({ end: "sampled", message: "", samples: 2, missed: 0 });
  expect(report.services).toEqual([
    {
      service: "web",
      samples: 2,
      cpuPercent: { mean: 100, peak: 150 },
      memoryBytes: { mean: 150 * mib, peak: 200 * mib },
      points: [{ second: 0, cpuPercent: 100, memoryBytes: 200 * mib }],
    },
    {
      service: "celery",
      samples: 2,
      cpuPercent: { mean: 2, peak: 2.5 },
      memoryBytes: { mean: (1536 * mib + mib / 2) / 2, peak: 1536 * mib },
      points: [{ second: 0, cpuPercent: 2, memoryBytes: 1536 * mib }],
    },
  ]);
});

test("what is not the application's is left out, and what docker does not know is no zero", async () => {
  const [web, celery] = [idOf("web"), idOf("celery")];
  const { services, missed } = await sampled([
    [`${web} 5.00% 10MiB / 1.9GiB`, `${celery} -- -- / --`, "somebody-else 90.00% 1GiB / 1.9GiB"],
    [`${web} 0.00% 0B / 0B`, `${celery} 0.00% 0B / 0B`],
  ]);
  expect(missed).toBe(1);
  expect(services).toMatchObject([{ service: "web", samples: 1, cpuPercent: { mean: 5, peak: 5 } }]);
});

test("samples that docker did not answer are counted, and do not count", async () => {
  const web = idOf("web");
  const report = await sampled([[`${web} 5.00% 10MiB / 1.9GiB`]], { most: 3 });
  expect(report).toMatchObject({ end: "sampled", samples: 3, missed: 2, services: [{ service: "web", samples: 1 }] });
});

test("a docker that answers none, or does not say whose containers they are, has told nothing", async () => {
  const silent = { end: "no-docker", message: "docker does not tell what containers take", services: [] };
  expect(await sampled([], { most: 2 })).toMatchObject({ ...silent, samples: 2, missed: 2 });
  host.set("fail-inspect", "");
  expect(await sampled([[], [], [`${idOf("web")} 5.00% 10MiB / 1.9GiB`]], { most: 1 })).toMatchObject(silent);
});

test("it ends with the time it was given, whatever is left", async () => {
  const line = `${idOf("web")} 5.00% 10MiB / 1.9GiB`;
  expect(await sampled([[line], [line]], { durationMs: 0, most: 2 })).toMatchObject({ samples: 1 });
});

test("a host without a program that is needed says so; an answer to another question is none", async () => {
  const script = renderScript(statsScript({ app: "app", nonce: "a1", durationMs: 0 }));
  const { stdout } = await host.run(script.replace("missing=''", "missing='awk (package gawk)'"));
  expect(parseStatsReport(stdout, "a1")).toMatchObject({
    end: "lacking",
    message: "this host lacks awk (package gawk)",
  });
  expect(parseStatsReport(stdout, "b2")).toBeUndefined();
});
