import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makePrivateFolder } from "../../../src/lib/docker/private-folder.ts";

const { uid } = userInfo();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "threads-folder-test-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A folder as a process leaves it that is killed while it pushes. */
async function leftByKilled(): Promise<string> {
  const module = new URL("../../../src/lib/docker/private-folder.ts", import.meta.url).href;
  const script = `import { makePrivateFolder } from ${JSON.stringify(module)};
    import { writeFileSync } from "node:fs";
    const folder = await makePrivateFolder(${JSON.stringify({ root, uid })});
    writeFileSync(folder + "/config.json", "a token");
    console.log(folder);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGKILL");
  await once(child, "exit");
  return said.toString().trim();
}

test("the folder is the user's alone, and names its owner", async () => {
  const folder = await makePrivateFolder({ root, uid });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(basename(folder)).toMatch(new RegExp(`^threads-docker-${String(process.pid)}-${hostname()}-\\w{6}$`));
});

test("what a killed process has left is taken away by the next", async () => {
  const left = await leftByKilled();
  expect(readdirSync(left)).toEqual(["config.json"]);
  const folder = await makePrivateFolder({ root, uid });
  expect(readdirSync(root)).toEqual([basename(folder)]);
});

test("a living process's folder stays, and one in use by this very process", async () => {
  const living = `threads-docker-${String(process.ppid)}-${hostname()}-abcdef`;
  mkdirSync(join(root, living));
  const own = await makePrivateFolder({ root, uid });
  await makePrivateFolder({ root, uid });
  expect(existsSync(join(root, living)) && existsSync(own)).toBe(true);
});

test("another user's, another machine's and what only looks alike stays", async () => {
  const left = await leftByKilled();
  await makePrivateFolder({ root, uid: uid + 1 });
  expect(existsSync(left)).toBe(true);
  const dead = basename(left).replace(/\w{6}$/, "");
  mkdirSync(join(root, `threads-docker-${/\d+/.exec(dead)?.[0] ?? ""}-elsewhere.example-abcdef`));
  mkdirSync(join(root, "threads-docker-abcdef"));
  writeFileSync(join(root, `${dead}file00`), "");
  symlinkSync(tmpdir(), join(root, `${dead}link00`));
  const before = readdirSync(root).filter((name) => name !== basename(left));
  await makePrivateFolder({ root, uid });
  expect(readdirSync(root)).toEqual(expect.arrayContaining(before));
  expect(existsSync(left)).toBe(false);
});

test("a place that cannot be listed is not swept: the failure is that of making the folder", async () => {
  await expect(makePrivateFolder({ root: join(root, "none"), uid })).rejects.toMatchObject({ syscall: "mkdtemp" });
});
