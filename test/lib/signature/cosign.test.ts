import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CommandFailed, type Processes, type RunOptions } from "../../../src/lib/process/processes.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { Secret } from "../../../src/lib/secret/secret.ts";
import { cosignSignatures } from "../../../src/lib/signature/cosign.ts";

const web = { name: "web", repository: "threads/web", digest: digestOf("web") };
const bundle = { name: "bundle", repository: "threads/bundle", digest: digestOf("bundle") };
const things = [web, bundle];
const byKey = { key: "awskms:///alias/threads", log: true };
const github = "https://token.actions.githubusercontent.com";

interface Answer {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A program that answers as cosign did, by its subcommand and what it is about; its words and codes are those of 2.5.0. */
function program(answer: (words: string, args: readonly string[]) => Answer, env: Record<string, string> = {}) {
  const runs: { readonly args: readonly string[]; readonly options: RunOptions }[] = [];
  const configs: string[] = [];
  const processes: Processes = {
    run: (command, options = {}) => {
      runs.push({ args: command.args, options });
      const folder = options.env?.["DOCKER_CONFIG"];
      if (folder !== undefined) configs.push(readFileSync(join(folder, "config.json"), "utf8"));
      const { exitCode = 0, stdout = "", stderr = "" } = answer(command.args.slice(0, 2).join(" "), command.args);
      return Promise.resolve({ exitCode, stdout, stderr });
    },
  };
  const { signal } = new AbortController();
  const login = () => Promise.resolve({ username: "AWS", password: new Secret("token"), host: "registry.example" });
  const signatures = cosignSignatures({ processes, env, root: "/repository", host: "registry.example", login, signal });
  return { signatures, runs, configs, of: (verb: string) => runs.filter(({ args }) => args[0] === verb) };
}

const none = {
  exitCode: 10,
  stderr: "Error: no signatures found\nerror during command execution: no signatures found\n",
};
const other = {
  exitCode: 12,
  stderr: "Error: no matching signatures: none of the expected identities matched what was in the certificate\n",
};
/** Cosign 3, of a signature in the newer form. */
const newer = { exitCode: 1, stderr: "Error: no matching attestations: invalid signature\n" };
/** As execa.ts tells of a program that has no exit code. */
const without = (reason: string): Processes => ({
  run: (command) => Promise.reject(new CommandFailed({ command, exitCode: undefined, tail: [], reason })),
});
const missing = without("is not installed, or not on the PATH");

test("one call where everything is signed; the registry's token lies in a private folder and in no argument", async () => {
  const cosign = program(() => ({}));
  expect(await cosign.signatures.unsigned(things, byKey)).toEqual({ things: [] });
  expect(cosign.of("verify")).toHaveLength(1);
  expect(cosign.of("verify")[0]?.args.slice(-2)).toEqual([
    `registry.example/threads/web@${web.digest}`,
    `registry.example/threads/bundle@${bundle.digest}`,
  ]);
  expect(cosign.of("verify")[0]?.options).toMatchObject({ cwd: "/repository" });
  const auth = Buffer.from("AWS:token").toString("base64");
  expect(cosign.configs.map((text) => JSON.parse(text) as unknown)).toEqual([
    { auths: { "registry.example": { auth } } },
  ]);
  expect(JSON.stringify(cosign.runs.map(({ args }) => args))).not.toContain("token");
});

test.each([
  [none, "no signatures found"],
  [other, "no matching signatures: none of the expected identities matched what was in the certificate"],
  [newer, "no matching attestations: invalid signature"],
])("what lacks a signature is named, with cosign's reason: %j", async (answer, why) => {
  const cosign = program((_, args) => (args.some((word) => word.includes("/bundle@")) ? answer : {}));
  expect(await cosign.signatures.unsigned(things, byKey)).toEqual({ things: [{ ...bundle, why }] });
});

test.each([
  [1, "GET https://registry.example/v2/: 503"],
  // As 2.5.0 says that it may not read a signature that is there.
  [12, "no matching signatures: GET https://registry.example/v2/threads/web/blobs/sha256:2a27: DENIED: not authorized"],
])(
  "a registry that does not answer is no answer: nothing is taken for signed, or for unsigned: %i %s",
  async (exitCode, why) => {
    const cosign = program((words) => (words.startsWith("verify") ? { exitCode, stderr: `Error: ${why}\n` } : {}));
    expect(await cosign.signatures.unsigned(things, byKey)).toEqual({ unknown: why, advice: [] });
  },
);

test("without the program nobody can tell, and what helps is told; whoever signs is refused", async () => {
  const { signal } = new AbortController();
  const login = () => Promise.reject(new Error("nobody may sign in for nothing"));
  const signatures = cosignSignatures({ processes: missing, env: {}, root: "/", host: "", login, signal });
  expect(await signatures.unsigned(things, byKey)).toMatchObject({
    unknown: "the program cosign is not here: it signs, and says what signatures are worth",
    advice: [expect.stringContaining("apt install cosign")],
  });
  await expect(signatures.requireSigner({ key: "cosign.key", log: true })).rejects.toMatchObject({
    code: "COSIGN_MISSING",
  });
});

test.each(["was ended by SIGKILL", "could not be started (EACCES)"])(
  "one that %s is not missing: nobody can tell, and whoever signs is told what became of it",
  async (reason) => {
    const { signal } = new AbortController();
    const login = () => Promise.resolve({ username: "AWS", password: new Secret("token"), host: "registry.example" });
    const signatures = cosignSignatures({ processes: without(reason), env: {}, root: "/", host: "", login, signal });
    expect(await signatures.unsigned(things, byKey)).toEqual({ unknown: `cosign ${reason}`, advice: [] });
    const failed = { code: "SIGNING_FAILED", message: expect.stringContaining(`cosign ${reason}`) as string };
    await expect(signatures.requireSigner(byKey)).rejects.toMatchObject(failed);
    await expect(signatures.lacking(things, byKey)).rejects.toMatchObject(failed);
    await expect(signatures.sign(things, byKey)).rejects.toMatchObject(failed);
  },
);

test("without a key somebody must vouch for who signs", async () => {
  const how = { key: undefined, log: true };
  await expect(program(() => ({})).signatures.requireSigner(how)).rejects.toMatchObject({
    code: "NO_SIGNING_IDENTITY",
    next: [],
  });
  const inJob = program(() => ({}), { ACTIONS_ID_TOKEN_REQUEST_URL: "https://github.example" });
  await expect(inJob.signatures.requireSigner(how)).resolves.toBeUndefined();
  await expect(program(() => ({})).signatures.requireSigner({ key: "cosign.key", log: true })).resolves.toBeUndefined();
});

test("what this key has signed already is found by its other half", async () => {
  const cosign = program((words, args) => {
    if (words.startsWith("public-key"))
      return { stdout: "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n" };
    return args.some((word) => word.includes("/web@")) ? none : {};
  });
  expect(await cosign.signatures.lacking(things, { key: "cosign.key", log: false })).toEqual([web]);
  expect(cosign.of("public-key")[0]?.args).toEqual(["public-key", "--key=cosign.key"]);
  expect(cosign.of("verify")[0]).toMatchObject({
    args: expect.arrayContaining(["--key=env://THREADS_SIGNATURE_KEY", "--insecure-ignore-tlog=true"]),
    options: { env: { THREADS_SIGNATURE_KEY: expect.stringContaining("MFkw") } },
  });
});

test("what this job has signed already is found by the name in its token; elsewhere a signature of anybody is one", async () => {
  const how = { key: undefined, log: true };
  const job_workflow_ref = "acme/app/.github/workflows/publish.yml@refs/heads/dev";
  const claims = Buffer.from(JSON.stringify({ iss: github, job_workflow_ref })).toString("base64url");
  const job = program(() => ({}), { SIGSTORE_ID_TOKEN: `e30.${claims}.c2ln` });
  await job.signatures.lacking(things, how);
  expect(job.of("verify")[0]?.args.slice(1, 3)).toEqual([
    `--certificate-identity=https://github.com/${job_workflow_ref}`,
    `--certificate-oidc-issuer=${github}`,
  ]);
  const elsewhere = program(() => ({}));
  await elsewhere.signatures.lacking(things, how);
  expect(elsewhere.of("verify")[0]?.args).toContain("--certificate-identity-regexp=^.*$");
});

test("a job that gets no token signs nothing: what is signed already by its name, nobody could tell", async () => {
  const env = { ACTIONS_ID_TOKEN_REQUEST_URL: "http://127.0.0.1:9/", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "asks" };
  const cosign = program(() => ({}), env);
  await expect(cosign.signatures.lacking(things, { key: undefined, log: true })).rejects.toMatchObject({
    code: "SIGNING_FAILED",
  });
  expect(cosign.of("verify")).toEqual([]);
});

test("what cannot be told is not signed twice: on an immutable repository that would fail", async () => {
  const cosign = program((words) => (words.startsWith("verify") ? { exitCode: 1, stderr: "Error: no route\n" } : {}));
  await expect(cosign.signatures.lacking(things, { key: undefined, log: true })).rejects.toMatchObject({
    code: "SIGNING_FAILED",
    message: "cosign did not sign: what is signed already cannot be told: no route",
  });
});

test.each([
  ["--tlog-upload", []],
  ["--use-signing-config", ["--use-signing-config=false"]],
])("a cosign that knows %s is told so much of the log", async (help, more) => {
  const cosign = program((words) => (words === "sign --help" ? { stdout: `  ${help}  text\n` } : {}));
  await cosign.signatures.sign(things, { key: "cosign.key", log: false });
  expect(cosign.of("sign").at(-1)?.args.slice(1, -2)).toEqual([
    "--yes",
    "--key=cosign.key",
    "--tlog-upload=false",
    ...more,
  ]);
});

test("a signature that was not made is told in cosign's words", async () => {
  const cosign = program((words) =>
    words === "sign --yes" ? { exitCode: 1, stderr: "Error: signing [x]: decrypting the key\nmore\n" } : {},
  );
  await expect(cosign.signatures.sign(things, byKey)).rejects.toMatchObject({
    code: "SIGNING_FAILED",
    message: "cosign did not sign: signing [x]: decrypting the key",
    next: [],
    advice: ["the same command again signs what is missing", expect.stringContaining("COSIGN_PASSWORD")],
  });
});
