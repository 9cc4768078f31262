import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeployScript } from "../../src/lib/script/host-scripts.ts";
import { digestOf, needed, type Ran, revisions, said, StubHost } from "./host.ts";

// The environment file that a host makes itself, from what its `aws` gives it.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => {
  host.reset();
  rmSync(join(host.home, "threads.env"));
});
afterAll(() => host.close());

const { old, next } = revisions;
const from = { envFrom: "/app/prod/", envOthers: ["/app/prod/freeze", "/app/prod/lock"] } as const;
const pull = (number: number, revision: string, change: Partial<DeployScript> = {}): Promise<Ran> =>
  host.run(host.deployScript(number, revision, { ...from, pause: 0.2, ...change }));
const deploy = async (number: number, revision: string, change: Partial<DeployScript> = {}) =>
  said(await pull(number, revision, change));

/** What `aws` prints from now on: it has pages put together, and lets nothing but our query through. */
function store(values: Readonly<Record<string, readonly [version: number, value: string]>>): void {
  const rows = Object.entries(values).map(([name, row]) => JSON.stringify([`/app/prod/${name}`, ...row]));
  gives(`${rows.join("\n")}\n`);
}
function gives(text: string): void {
  host.set("aws-says", text);
  aws('cat "$state/aws-says"');
}
function aws(body: string): void {
  host.program("aws", `state=\${0%/*}/state\nprintf '%s\\n' "$*" >>"$state/aws-calls"\n${body}`);
}

const release = (revision: string): string =>
  join(host.root, "releases", digestOf(`bundle${revision[0]}`).slice("sha256:".length).slice(0, 12));
const fileOf = (revision: string): string => readFileSync(join(release(revision), "environment", "env"), "utf8");
const status = async () => said(await host.run(host.statusScript()));

/** No image of the release was pulled, nothing was begun, and nothing is left of what was fetched. */
function expectUntouched(revision: string): void {
  expect(host.read("calls")).not.toMatch(/^pull .*app\/web@| up -d| up --no-start| run --rm --no-deps/m);
  const folder = join(release(revision), "environments");
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
}

describe("a deployment", () => {
  test("asks once, by the query that makes a line of each, and leaves out what is the ledger's", async () => {
    store({ SECRET_KEY: [3, "hunter22"], freeze: [1, "{}"], lock: [7, "{}"], LOG_LEVEL: [12, "INFO"] });
    const summary = await deploy(1, old, { region: "eu-west-1" });
    const environment = { from: "/app/prod/", versions: { SECRET_KEY: "3", LOG_LEVEL: "12" } };
    expect(summary).toMatchObject({ ok: true, now: "new", warnings: [], environment });
    expect(host.read("aws-calls")).toBe(
      "ssm get-parameters-by-path --path /app/prod/ --with-decryption --query Parameters[].[to_string([Name,Version,Value])] --output text --region eu-west-1\n",
    );
    expect(fileOf(old)).toBe("SECRET_KEY='hunter22'\nLOG_LEVEL='INFO'\n");
    expect(await status()).toMatchObject({ environment });
  });

  test("keeps it to root: files of mode 0600 in folders of 0700, and no value anywhere else", async () => {
    store({ SECRET_KEY: [3, "hunter22"] });
    const ran = await pull(1, old);
    const folder = join(release(old), readlinkSync(join(release(old), "environment")));
    expect(readdirSync(folder).toSorted()).toEqual(["env", "from", "versions"]);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const told = [ran.stdout, ran.stderr, host.read("calls"), host.read("aws-calls")];
    told.push(readFileSync(join(host.root, "log", "1.log"), "utf8"), readFileSync(join(folder, "versions"), "utf8"));
    expect(told.join("\n")).not.toContain("hunter22");
  });

  test("gives it to compose, both ways in which that reads one", async () => {
    store({ SECRET_KEY: [3, "hunter22"] });
    await pull(1, old);
    const up = host
      .read("calls")
      .split("\n")
      .find((line) => line.includes(" up -d"));
    expect(up).toContain(` --env-file ${release(old)}/environment/env --env-file `);
    expect(host.read("env-file")).toBe(`${release(old)}/environment/env`);
  });

  test("of a secret takes the keys of its object, each in the version of the whole", async () => {
    gives(`${JSON.stringify(["1f-2e", '{"USER": "app",\n "PORT": 5432, "TLS": true}'])}\n`);
    const summary = await deploy(1, old, { envFrom: "secretsmanager:prod/app" });
    expect(summary).toMatchObject({
      ok: true,
      environment: { from: "secretsmanager:prod/app", versions: { USER: "1f-2e", PORT: "1f-2e", TLS: "1f-2e" } },
    });
    expect(fileOf(old)).toBe("USER='app'\nPORT='5432'\nTLS='true'\n");
    expect(host.read("aws-calls")).toBe(
      "secretsmanager get-secret-value --secret-id prod/app --query [to_string([VersionId,SecretString])] --output text\n",
    );
  });

  test("asks for a secret in the region that its ARN names", async () => {
    gives(`${JSON.stringify(["1", '{"A":"b"}'])}\n`);
    const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod-AbCdEf";
    await deploy(1, old, { envFrom: `secretsmanager:${arn}`, region: "eu-west-1" });
    expect(host.read("aws-calls")).toContain(`--secret-id ${arn} `);
    expect(host.read("aws-calls")).toContain("--region us-east-1\n");
  });

  test("takes a value with Windows line ends for what it is, and not for a file that has them", async () => {
    store({ KEY: [1, "a\r\nb"] });
    expect(await deploy(1, old)).toMatchObject({ ok: true, warnings: [] });
    expect(fileOf(old)).toBe('KEY="a\\r\nb"\n');
  });

  test("asks for keys that the release requires in what was made, and calls it by its name", async () => {
    store({ SECRET_KEY: [3, "x"] });
    const script = host.deployScript(1, old, from);
    host.withModel({ required: "SECRET_KEY\nPAYMENT_URL\n" });
    expect(said(await host.run(script))).toMatchObject({
      code: 10,
      message: "keys missing in /app/prod/: PAYMENT_URL",
    });
    expectUntouched(old);
  });

  test("hides its values in a report, and those of the release that was there before", async () => {
    store({ SECRET_KEY: [3, "hunter22"] });
    await pull(1, old);
    store({ SECRET_KEY: [4, "swordfish"] });
    host.set("fail-migrate", "the keys are hunter22 and swordfish\n");
    const ran = await pull(2, next);
    expect(ran.code).toBe(14);
    expect(ran.stderr).toContain("the keys are [redacted] and [redacted]");
  });

  test("that comes once more after a reboot has the same one, and does not ask again", async () => {
    store({ SECRET_KEY: [3, "hunter22"] });
    // In the middle of the images, which come after it.
    host.set("power-fails", "6 before");
    await pull(1, old);
    expect(host.read("aws-calls")).not.toBe("");
    store({ SECRET_KEY: [4, "swordfish"] });
    expect(await deploy(1, old)).toMatchObject({ ok: true, environment: { versions: { SECRET_KEY: "3" } } });
    expect(host.read("aws-calls").trim().split("\n")).toHaveLength(1);
  });
});

describe("is refused before anything is touched", () => {
  const denied = (action: string): string =>
    `An error occurred (AccessDeniedException) when calling the X operation: User: arn:aws:sts::1:assumed-role/web/i-1 is not authorized to perform: ${action} on resource: arn:aws:ssm:eu-west-1:1:parameter/app/prod/ because no identity-based policy allows it`;
  const secret = { envFrom: "secretsmanager:prod/app" };
  test.each([
    [
      "the role may not read",
      denied("ssm:GetParametersByPath"),
      "the role of this host lacks ssm:GetParametersByPath on it",
    ],
    [
      "nor decrypt",
      "(AccessDeniedException) … The ciphertext refers to a customer master key that does not exist",
      "lacks kms:Decrypt",
    ],
    ["by a word of its own", denied("kms:Decrypt"), "the role of this host lacks kms:Decrypt on it"],
    [
      "without a word why",
      "An error occurred (AccessDeniedException) when calling",
      "lacks ssm:GetParametersByPath on it",
    ],
    [
      "there is no role",
      "Unable to locate credentials. You can configure …",
      "has no role: give it an instance profile that allows ssm:GetParametersByPath",
    ],
    ["AWS throttles", "An error occurred (ThrottlingException) …: Rate exceeded", "takes no more requests for now"],
    [
      "something else",
      "\nCould not connect to the endpoint URL\n",
      "aws ended with 254: Could not connect to the endpoint URL",
    ],
  ])("%s", async (_, says, why) => {
    aws(
      `echo '${JSON.stringify(["/app/prod/A", 1, "hunter22"])}'; echo "${says.replaceAll('"', '\\"')}" >&2; exit 254`,
    );
    const ran = await pull(1, old);
    const summary = said(ran);
    expect(summary).toMatchObject({ code: 10, now: "old", step: "environment", environment: null });
    expect(summary["message"]).toContain(`the environment cannot be made from /app/prod/: `);
    expect(summary["message"]).toContain(why);
    expect(ran.stdout + ran.stderr).not.toContain("hunter22");
    expectUntouched(old);
  });

  test.each([
    ["may not be read", "(AccessDeniedException) when calling", "lacks secretsmanager:GetSecretValue on it"],
    ["is not there", "(ResourceNotFoundException) … can't find the specified secret", "there is no such secret"],
  ])("a secret %s", async (_, says, why) => {
    aws(`echo "${says}" >&2; exit 254`);
    expect((await deploy(1, old, secret))["message"]).toBe(
      `the environment cannot be made from secretsmanager:prod/app: ${why.replace(/^lacks/, "the role of this host lacks")}`,
    );
    expectUntouched(old);
  });

  test.each([
    ["nothing", "", "there is no parameter directly below it"],
    ["nothing, as the CLI writes it", "None\n", "there is no parameter directly below it"],
    ["what is the ledger's alone", '["/app/prod/freeze",1,"{}"]\n', "there is no parameter directly below it"],
    [
      "a name that is none",
      '["/app/prod/db-pass",1,"hunter22"]\n',
      "db-pass is no name of a variable: letters, digits and _",
    ],
    ["a NUL", '["/app/prod/A",1,"hunter22\\u0000"]\n', "A has a NUL in its value, which no variable can have"],
    ["no version", '["/app/prod/A",null,"hunter22"]\n', "what aws has printed cannot be read"],
    ["something else", "hunter22\n", "what aws has printed cannot be read"],
  ])("where there is %s", async (_, text, why) => {
    gives(text);
    const ran = await pull(1, old);
    expect(said(ran)).toMatchObject({
      code: 10,
      message: `the environment cannot be made from /app/prod/: ${why}`,
    });
    expect(ran.stdout + ran.stderr).not.toContain("hunter22");
    expectUntouched(old);
  });

  test.each([
    ["no text", null, "the secret is no text"],
    ["no object", "hunter22", "the secret is no JSON object of names and values"],
    ["half of one", '{"A":"hunter22"', "the secret is no JSON object of names and values"],
    ["an empty one", "{}", "the secret is empty"],
    ["a list in it", '{"A":["hunter22"]}', "A is no text, number, true or false"],
    ["nothing in it", '{"A":null}', "A is no text, number, true or false"],
  ])("a secret that is %s", async (_, text, why) => {
    gives(`${JSON.stringify(["v1", text])}\n`);
    const ran = await pull(1, old, secret);
    expect(said(ran)["message"]).toBe(`the environment cannot be made from secretsmanager:prod/app: ${why}`);
    expect(ran.stdout + ran.stderr).not.toContain("hunter22");
    expectUntouched(old);
  });

  test("a host without aws: it is named, with what to install", async () => {
    const script = host.deployScript(1, old, from);
    expect(said(await host.run(host.closed(script, needed(script))))["message"]).toBe(
      "this host has no aws, by which the environment is made from /app/prod/: install the AWS CLI, version 2",
    );
    expect(host.read("calls")).not.toMatch(/^pull /m);
  });

  test("a disk that takes no file", async () => {
    store({ A: [1, "x"] });
    host.program("awk", 'for word in "$@"; do [[ $word != file=* ]] || exit 2; done; exec /usr/bin/awk "$@"');
    expect((await deploy(1, old))["message"]).toMatch(/\.new\.1 cannot be written \(\d+ KiB are free/);
    expectUntouched(old);
  });
});

describe("the way back", () => {
  const versions = async () => (await status())["environment"] as { versions: Record<string, string> } | null;
  const gone = (): void => aws("echo 'AWS is not there' >&2; exit 255");

  /** Deployment 1 of the old release, deployment 2 of the next, each with a key of its own. */
  async function two(): Promise<void> {
    store({ KEY: [1, "first-key"] });
    await pull(1, old);
    store({ KEY: [2, "second-key"], MORE: [1, "x"] });
    await pull(2, next);
    gone();
  }

  test.each([false, true])("has the environment as it was, and asks nobody; in slots: %s", async (inSlots) => {
    host.inSlots = inSlots;
    await two();
    expect(await versions()).toMatchObject({ versions: { KEY: "2", MORE: "1" } });
    const summary = await deploy(3, old, { asItWas: true });
    expect(summary).toMatchObject({ ok: true, now: "new", warnings: [], environment: { versions: { KEY: "1" } } });
    expect(fileOf(old)).toBe("KEY='first-key'\n");
    expect(fileOf(next)).toContain("second-key");
  });

  test("needs no aws", async () => {
    await two();
    rmSync(join(host.home, "bin", "aws"));
    expect(await deploy(3, old, { asItWas: true })).toMatchObject({ ok: true, warnings: [] });
  });

  test("leads to the host's own file where the release had that", async () => {
    writeFileSync(join(host.home, "threads.env"), "KEY=own\n");
    await pull(1, old, { envFrom: undefined });
    expect(await versions()).toBeNull();
    store({ KEY: [2, "second-key"] });
    await pull(2, next);
    gone();
    expect(await deploy(3, old, { asItWas: true })).toMatchObject({ ok: true, environment: null });
    const up = host
      .read("calls")
      .split("\n")
      .findLast((line) => line.includes(" up -d"));
    expect(up).toContain(` --env-file ${join(host.home, "threads.env")} `);
  });

  test("asks where the release has none of its own here", async () => {
    store({ KEY: [2, "second-key"] });
    expect(await deploy(1, old, { asItWas: true })).toMatchObject({
      ok: true,
      environment: { versions: { KEY: "2" } },
    });
  });

  test("by a deployment of what has served here is not refused, but told", async () => {
    await two();
    const summary = await deploy(3, old);
    expect(summary).toMatchObject({ ok: true, environment: { versions: { KEY: "1" } } });
    expect(summary["warnings"]).toEqual([
      "the environment cannot be made from /app/prod/: aws ended with 255: AWS is not there; the release gets the one that it has had here",
    ]);
  });

  test.each([false, true])(
    "of a release that did not come up: the one before has its own; in slots: %s",
    async (inSlots) => {
      host.inSlots = inSlots;
      store({ KEY: [1, "first-key"] });
      await pull(1, old);
      store({ KEY: [2, "second-key"] });
      host.set("unhealthy", `web ${next}\n`);
      expect(await deploy(2, next)).toMatchObject({
        code: 15,
        now: "old",
        environment: { versions: { KEY: "1" } },
        environmentTried: { from: "/app/prod/", versions: { KEY: "2" } },
        environmentChanged: null,
      });
      host.unset("unhealthy");
      expect(await deploy(3, next)).toMatchObject({ ok: true, environmentTried: null });
    },
  );

  test("of the same release with another environment: its containers are made with the one before again", async () => {
    host.inSlots = true;
    store({ KEY: [1, "first-key"] });
    await pull(1, old);
    store({ KEY: [2, "second-key"] });
    host.set("fail-migrate", "");
    expect(await deploy(2, old)).toMatchObject({ code: 14, now: "old", environment: { versions: { KEY: "1" } } });
    expect(host.read("calls").split("migrate").at(-1)).toMatch(/ -p app-blue .* up --no-start /);
    expect(host.up("blue")).toHaveLength(4);
    host.unset("fail-migrate");
    expect(await deploy(3, old)).toMatchObject({ ok: true, environment: { versions: { KEY: "2" } } });
    host.set("calls", "");
    expect(said(await host.run(host.restoreScript(3, from)))).toMatchObject({ ok: true });
    expect(await versions()).toMatchObject({ versions: { KEY: "1" } });
    expect(fileOf(old)).toBe("KEY='first-key'\n");
    expect(host.read("calls")).toMatch(/ -p app-blue .* up --no-start /);
    expect(host.up("blue")).toHaveLength(4);
  });

  test("goes once nothing leads there: other environments of a release are removed, and no other", async () => {
    await two();
    store({ KEY: [3, "third-key"] });
    await pull(3, next);
    expect(readdirSync(join(release(next), "environments")).toSorted()).toEqual(["2", "3"]);
    await pull(4, next);
    expect(readdirSync(join(release(next), "environments")).toSorted()).toEqual(["3", "4"]);
    expect(readdirSync(join(release(old), "environments"))).toEqual(["1"]);
  });
});
