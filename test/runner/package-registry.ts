import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A registry of npm that has one package in one version: this one, as npm packs it. */
export interface PackageRegistry {
  readonly url: string;
  readonly version: string;
  close(): Promise<void>;
}

/** @param root of this repository, built. @param folder for the archive */
export async function packageRegistry(root: string, folder: string): Promise<PackageRegistry> {
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [packed] = JSON.parse(execFileSync("npm", pack, { cwd: root, encoding: "utf8" })) as { filename: string }[];
  const archive = readFileSync(join(folder, packed?.filename ?? ""));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name: string; version: string };
  const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  let url = "";
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    const { name, version } = manifest;
    const one = { ...manifest, dist: { tarball: `${url}/package.tgz`, integrity } };
    const packument = { name, "dist-tags": { latest: version }, versions: { [version]: one } };
    if (path === "/package.tgz") response.end(archive);
    else if (path === `/${name}`) response.end(JSON.stringify(packument));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    version: manifest.version,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
