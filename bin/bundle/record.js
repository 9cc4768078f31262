// The last step of `npm run build`: what can be known before a run. The text of the root help, and V8's code cache.
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const cli = join(root, "bin", "run.js");
const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** One of each kind. Runs add up: each starts with the cache of the last. */
const commands = [["promote", "--help"], ["promtoe"], ["promote", "0".repeat(40)], ["history", "-e", "prod"]];

/** An AWS that denies everything: as far as a run gets without an account. */
const aws = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ __type: "AccessDeniedException", message: "nobody may do anything here" }));
  });
});

/** Never rejects: these commands are meant to be refused. @returns [exit code, stdout, stderr] */
const threads = (args, env) =>
  new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: root, env }, (error, ...streams) =>
      resolve([error?.code ?? 0, ...streams]),
    );
  });

async function record() {
  const env = { HOME: root, PATH: process.env["PATH"], SHELL: "/bin/sh" };
  const [, help] = await threads(["--help"], env);
  const agent = `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`;
  writeFileSync(join(root, "dist", "help.txt"), help.replace(agent, "<user-agent>"));
  await new Promise((resolve) => aws.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${aws.address().port}`;
  const place = { AWS_ENDPOINT_URL: `http://${host}`, ECR_REPO: `${host}/threads/`, AWS_REGION: "eu-west-1" };
  const credentials = { AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };
  for (const args of commands) {
    const [code, , stderr] = await threads(args, { ...env, ...place, ...credentials, THREADS_RECORD_CODE: "1" });
    if (code === 1) throw new Error(`threads ${args.join(" ")}: ${stderr}`);
  }
}

try {
  await record();
} catch (error) {
  // The manifest tells bin/setup that the build is complete.
  rmSync(join(root, "oclif.manifest.json"), { force: true });
  throw error;
} finally {
  aws.close();
}
