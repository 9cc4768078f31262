import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { spawnCli } from "../../e2e/spawned-cli.ts";

test("who is told of a run, and does not come to an end, holds no command and changes nothing of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "threads-told-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "threads.yml"), "app: shop\n");
  const asked: string[] = [];
  const collector = createServer(({ url = "" }, response) => {
    asked.push(url);
    response.writeHead(200);
    const drips = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(drips));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    collector.closeAllConnections();
    collector.close();
  });
  await once(collector, "listening");
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String((collector.address() as AddressInfo).port)}`,
    // So long that it has asked by then, on however busy a machine.
    OTEL_EXPORTER_OTLP_TIMEOUT: "15000",
  };
  const cli = spawnCli(folder, ["test", "--json"], { env });
  expect(await cli.ended).toBe(2);
  expect(JSON.parse(cli.stdout())).toMatchObject({ code: "CONFIG_INVALID" });
  expect(asked).toEqual(["/v1/traces"]);
  expect(cli.stderr()).toContain("no trace of this run was left: nobody took it within 15 s");
});
