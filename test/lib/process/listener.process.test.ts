import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { listenerOn } from "../../../src/lib/process/listener.ts";

const isLinux = process.platform === "linux";

it.each(["127.0.0.1", "::"])("names the program that listens on %s, and nobody once it has ended", async (host) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const { pid, name } = listenerOn(port) ?? {};
  expect({ pid, name }).toEqual(isLinux ? { pid: process.pid, name: basename(realpathSync(process.execPath)) } : {});
  await new Promise((resolve) => server.close(resolve));
  expect(listenerOn(port)).toBeUndefined();
});

it("reads in the kernel's tables who that is, and of which container; what is only connected does not listen", () => {
  const proc = mkdtempSync(join(tmpdir(), "threads-proc-"));
  const row = (port: string, state: string, inode: number): string =>
    `   0: 00000000:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000 0 ${inode} 1 0 100 0 0 10 0`;
  const id = "0a".repeat(32);
  mkdirSync(join(proc, "net"));
  mkdirSync(join(proc, "42", "fd"), { recursive: true });
  writeFileSync(join(proc, "net", "tcp"), ["head", row("1F90", "0A", 77), row("1F91", "01", 78)].join("\n"));
  symlinkSync("socket:[77]", join(proc, "42", "fd", "3"));
  symlinkSync("socket:[78]", join(proc, "42", "fd", "4"));
  writeFileSync(join(proc, "42", "comm"), "nginx\n");
  writeFileSync(join(proc, "42", "cgroup"), `0::/docker/${id}\n1:x:/docker/${id}\n`);
  expect(listenerOn(8080, proc)).toEqual({ pid: 42, name: "nginx", containers: [id] });
  expect(listenerOn(8081, proc)).toBeUndefined();
  symlinkSync("/usr/sbin/openresty (deleted)", join(proc, "42", "exe"));
  expect(listenerOn(8080, proc)?.name).toBe("openresty");
  rmSync(proc, { recursive: true });
});
