import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { spawnCli } from "../../e2e/spawned-cli.ts";

interface Dripping {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly asked: readonly string[];
  /** Once somebody has asked. */
  readonly isAsked: Promise<void>;
}

/** A collector whose answer never ends, and a project that names it. */
async function drippingCollector(): Promise<Dripping> {
  const folder = mkdtempSync(join(tmpdir(), "threads-told-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "threads.yml"), "app: shop\n");
  const asked: string[] = [];
  const { promise: isAsked, resolve } = Promise.withResolvers<void>();
  const collector = createServer(({ url = "" }, response) => {
    asked.push(url);
    resolve();
    response.writeHead(200);
    const drips = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(drips));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    collector.closeAllConnections();
    collector.close();
  });
  await once(collector, "listening");
  const url = `http://127.0.0.1:${String((collector.address() as AddressInfo).port)}`;
  return { folder, asked, isAsked, env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } };
}

test("who is told of a run, and does not come to an end, holds no command and changes nothing of it", async () => {
  const { folder, asked, env: named } = await drippingCollector();
  // So long that it has asked by then, on however busy a machine.
  const env = { ...named, OTEL_EXPORTER_OTLP_TIMEOUT: "15000" };
  const cli = spawnCli(folder, ["test", "--json"], { env });
  expect(await cli.ended).toBe(2);
  expect(JSON.parse(cli.stdout())).toMatchObject({ code: "CONFIG_INVALID" });
  expect(asked).toEqual(["/v1/traces"]);
  expect(cli.stderr()).toContain("no trace of this run was left: nobody took it within 15 s");
});

const projects = {
  ours: readFileSync(new URL("../../../threads.yml", import.meta.url), "utf8"),
  invalid: "app: shop\n",
};

test.each([
  ["SIGINT", "ours", 0],
  ["SIGTERM", "ours", 0],
  ["SIGHUP", "ours", 0],
  ["SIGINT", "invalid", 2],
] as const)(
  "%s while somebody is told of a run of %s project ends it at once, as it had ended: %i",
  async (signal, project, code) => {
    const { folder, env: named, isAsked } = await drippingCollector();
    writeFileSync(join(folder, "threads.yml"), projects[project]);
    // No container of this machine is looked at.
    writeFileSync(join(folder, "docker"), "#!/bin/sh\n", { mode: 0o755 });
    const state = join(folder, "state");
    const env = {
      ...named,
      OTEL_EXPORTER_OTLP_TIMEOUT: "600000",
      PATH: `${folder}:${process.env["PATH"] ?? ""}`,
      THREADS_RUNS: state,
    };
    const cli = spawnCli(folder, ["smoke", "down", "--json"], { env });
    const early = cli.ended.then((ended) => Promise.reject(new Error(`ended with ${ended}: ${cli.stderr()}`)));
    await Promise.race([isAsked, early]);
    early.catch(() => undefined);
    cli.child.kill(signal);
    expect(await cli.ended).toBe(code);
    expect(cli.stderr()).not.toContain("no trace of this run");
    const records = globSync(join(state, "**/result.json")).map((file): unknown =>
      JSON.parse(readFileSync(file, "utf8")),
    );
    // Where threads.yml cannot be read, nobody knows whose run it is.
    expect(records).toMatchObject(code === 0 ? [{ exitCode: code }] : []);
  },
);
