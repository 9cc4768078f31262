import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { dockerCompose } from "../../../src/lib/compose/docker-compose.ts";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import { container, told, translated } from "./world.ts";

const files = {
  "compose.yml": `services:
  web:
    extends: { file: base.yml, service: base }
    image: none
    environment: { A: x, N: 1 }
    labels: { n: 3 }
`,
  "base.yml": "services: { base: { environment: { C: 'c=d', D: }, labels: { z: y, nothing: } } }\n",
  "more.yml": "services: { web: { environment: [A=y], labels: [bare] } }\n",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-mappings-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([[["compose.yml"]], [["compose.yml", "more.yml"]]])(
  "variables and labels are the same in whatever form compose prints %j",
  async (names) => {
    const compose = dockerCompose({ processes: systemProcesses, clock: systemClock, env: process.env });
    const paths = names.map((name) => join(folder, name));
    const { services } = await compose.openModel(paths, AbortSignal.timeout(60_000));
    const found = translated({ services });
    expect(told(found).refused).toEqual([]);
    const { environment = [], dockerLabels = {} } = container(found, "web");
    const more = names.length > 1;
    expect(new Map(environment.map(({ name, value }) => [name, value]))).toEqual(
      new Map([
        ["A", more ? "y" : "x"],
        ["C", "c=d"],
        ["N", "1"],
      ]),
    );
    expect(dockerLabels).toEqual({ n: "3", z: "y", nothing: "", ...(more && { bare: "" }) });
  },
);
