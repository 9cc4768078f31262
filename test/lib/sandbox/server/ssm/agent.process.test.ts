import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CancelCommandCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, startHarness, type SsmHarness, web1 } from "./harness.ts";

/** Each row of what was observed on the real agent (3.3), on local processes. */
describe("AWS-RunShellScript", () => {
  let ssm: SsmHarness;
  const run = async (commands: readonly string[], parameters: Record<string, string[]> = {}) =>
    ssm.finished(await ssm.send(commands, { Parameters: { commands: [...commands], ...parameters } }));

  beforeAll(async () => {
    ssm = await startHarness();
  });
  afterAll(() => ssm.close());

  it("joins the commands with newlines into a script that stays on disk, readable by root only", async () => {
    const id = await ssm.send(["echo one", "echo 'two  words' \"ü\"", "cat <<END", "three", "END"]);
    expect((await ssm.finished(id)).StandardOutputContent).toBe("one\ntwo  words ü\nthree\n");
    const directory = ssm.hosts.orderDirectory(web1, id);
    expect(readFileSync(join(directory, "_script.sh"), "utf8")).toBe(
      "echo one\necho 'two  words' \"ü\"\ncat <<END\nthree\nEND\n",
    );
    expect(statSync(join(directory, "_script.sh")).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "stdout")).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "stderr")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, "stdout"), "utf8")).toBe("one\ntwo  words ü\nthree\n");
  });

  it("runs sh without a shebang and honours a shebang in the first line", async () => {
    const plain = await run(["if [[ a == a ]]; then echo bash; fi; exit 0"]);
    expect(plain.StandardErrorContent).toMatch(/not found/);
    const bash = await run(["#!/bin/bash", "set -o pipefail", "[[ a == a ]] && echo ${BASH_VERSION:+bash}"]);
    expect(bash).toMatchObject({ StandardOutputContent: "bash\n", Status: "Success" });
  });

  it("does not stop at a failing line: the last exit code is the verdict", async () => {
    expect(await run(["false", "echo ok"])).toMatchObject({ Status: "Success", ResponseCode: 0 });
    const failed = await run(["echo before >&2", "exit 3"]);
    expect(failed).toMatchObject({ Status: "Failed", StatusDetails: "Failed", ResponseCode: 3 });
    expect(failed.StandardErrorContent).toBe("before\nfailed to run commands: exit status 3");
    expect((await run(["nosuchcommand"])).ResponseCode).toBe(127);
  });

  it("works in / unless an absolute directory is given, and fails misleadingly when that is missing", async () => {
    expect((await run(["pwd"])).StandardOutputContent).toBe("/\n");
    expect((await run(["pwd"], { workingDirectory: ["tmp"] })).StandardOutputContent).toBe("/\n");
    expect((await run(["pwd"], { workingDirectory: ["/usr"] })).StandardOutputContent).toBe("/usr\n");
    const missing = await run(["pwd"], { workingDirectory: ["/no/such/place"] });
    expect(missing).toMatchObject({ Status: "Failed", ResponseCode: 1, StandardOutputContent: "" });
    expect(missing.StandardErrorContent).toContain("fork/exec /usr/bin/sh: no such file or directory");
  });

  it("gives a clean environment, no standard input and umask 0022", async () => {
    const id = await ssm.send(["env | sort | grep -v '^_='", "umask", "read -r line; echo read=$?", "id -u"]);
    const lines = (await ssm.finished(id)).StandardOutputContent?.trimEnd().split("\n") ?? [];
    expect(lines).toContain("HOME=/root");
    expect(lines).toContain("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    expect(lines).toContain(`AWS_SSM_INSTANCE_ID=${web1}`);
    expect(lines).toContain("AWS_SSM_REGION_NAME=eu-west-1");
    expect(lines).toContain(`SSM_COMMAND_ID=${id}`);
    expect(lines.filter((line) => /^(LANG|LC_|USER|NODE_|VITEST)/.test(line))).toEqual([]);
    expect(lines.slice(-3)).toEqual(["0022", "read=1", "0"]);
  });

  it("keeps carriage returns and the templates of other tools", async () => {
    expect((await run(["echo a\r"])).StandardOutputContent).toBe("a\r\n");
    const templates = "{{.State.Health}} {{json .X}} {{ commands }} {{ssm-secure:x}}";
    expect((await run([`echo '${templates}'`])).StandardOutputContent).toBe(`${templates}\n`);
  });

  it("resolves {{ssm:name}} and fails the whole document when it cannot", async () => {
    const put = (Name: string, Type: "String" | "SecureString") =>
      ssm.client.send(new PutParameterCommand({ Name, Value: "from-the-store", Type }));
    await put("/site/motto", "String");
    await put("/site/secret", "SecureString");
    expect((await run(["echo {{ssm:/site/motto}} {{ ssm:/site/motto:1 }}"])).StandardOutputContent).toBe(
      "from-the-store from-the-store\n",
    );
    for (const name of ["/site/none", "/site/secret"]) {
      const failed = await run(["echo started", `echo {{ssm:${name}}}`]);
      expect(failed).toMatchObject({ Status: "Failed", StandardOutputContent: "" });
      expect(failed.StandardErrorContent).toContain("Input contains invalid parameters");
    }
  });

  it("kills the process group on execution time-out: no trap runs, setsid children survive", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "threads-ssm-survivor-")), "survived");
    const script = [
      "#!/bin/bash",
      "trap 'echo trapped' TERM EXIT",
      `setsid sh -c 'sleep 6; echo survived > ${file}' >/dev/null 2>&1 </dev/null &`,
      "echo begun",
      "sleep 60",
    ];
    const killed = await run(script, { executionTimeout: ["5"] });
    expect(killed).toMatchObject({ Status: "TimedOut", StatusDetails: "ExecutionTimedOut", ResponseCode: 137 });
    expect(killed.StandardOutputContent).toBe("begun\n");
    await eventually(async () => existsSync(file) || undefined);
    rmSync(dirname(file), { recursive: true });
  });

  it("reports 137 of the script itself as a time-out", async () => {
    expect(await run(["exit 137"])).toMatchObject({ Status: "TimedOut", ResponseCode: 137 });
  });

  it("takes 168 for success without stderr and 169 for failure", async () => {
    const skipped = await run(["echo out; echo err >&2; exit 168"]);
    expect(skipped).toMatchObject({ Status: "Success", ResponseCode: 168, StandardErrorContent: "" });
    expect(skipped.StandardOutputContent).toMatch(/^out\nStep exited with code 168/);
    expect(await run(["exit 169"])).toMatchObject({ Status: "Failed", ResponseCode: 169 });
  });

  it("reboots on 194 and runs the same script from the top, outputs appended", async () => {
    const before = ssm.hosts.restarts.length;
    const id = await ssm.send([
      "n=$(dirname $0)/n",
      "echo run >>$n",
      "echo $(wc -l <$n)",
      "[ $(wc -l <$n) = 2 ] || exit 194",
    ]);
    expect(await ssm.finished(id)).toMatchObject({ Status: "Success", StandardOutputContent: "1\n2\n" });
    expect(ssm.hosts.restarts.slice(before)).toEqual([web1]);
  });

  it("does not end while a background child holds its output", async () => {
    const folder = mkdtempSync(join(tmpdir(), "threads-agent-"));
    const child = `{ while [ ! -e ${folder}/go ]; do sleep 0.05; done; echo of the child; } &`;
    const held = await ssm.send([child, "echo done", `touch ${folder}/ended`]);
    await eventually(async () => existsSync(join(folder, "ended")) || undefined);
    expect((await ssm.invocation(held)).Status).toBe("InProgress");
    writeFileSync(join(folder, "go"), "");
    expect(await ssm.finished(held)).toMatchObject({ StandardOutputContent: "done\nof the child\n" });
    rmSync(folder, { recursive: true });
    const id = await ssm.send(["sleep 30 >/dev/null 2>&1 &", "echo done"]);
    expect((await ssm.finished(id)).Status).toBe("Success");
  });

  it("keeps the head of long output and loses the tail", async () => {
    const long = await run([
      "echo first; yes 0123456789 | head -c 40000; echo last",
      "yes e | head -c 30000 >&2; exit 1",
    ]);
    expect(long.StandardOutputContent).toHaveLength(24_000);
    expect(long.StandardOutputContent).toMatch(/^first\n[^]*--output truncated--$/);
    expect(long.StandardErrorContent).toHaveLength(8_000);
    expect(long.StandardErrorContent).not.toContain("failed to run commands");
  });

  it("shows nothing before the step has ended", async () => {
    const id = await ssm.send(["echo early", "while [ ! -e $(dirname $0)/go ]; do sleep 0.05; done"]);
    const during = await eventually(async () => {
      const found = await ssm.invocation(id);
      return found.Status === "Pending" ? undefined : found;
    });
    expect(during).toMatchObject({
      Status: "InProgress",
      StandardOutputContent: "",
      ResponseCode: -1,
      ExecutionEndDateTime: "",
    });
    await run([`touch ${ssm.hosts.orderDirectory(web1, id)}/go`]);
    expect((await ssm.finished(id)).StandardOutputContent).toBe("early\n");
  });

  it("cancels with SIGKILL to the group, on the host", async () => {
    const id = await ssm.send(["trap 'echo trapped' TERM EXIT", "echo $$ >$(dirname $0)/pid", "sleep 60; echo late"]);
    const file = join(ssm.hosts.orderDirectory(web1, id), "pid");
    const pid = await eventually(async () => Number(readFileSync(file, "utf8")) || undefined);
    await ssm.client.send(new CancelCommandCommand({ CommandId: id }));
    expect(await ssm.finished(id)).toMatchObject({
      Status: "Cancelled",
      StatusDetails: "Cancelled",
      ResponseCode: 137,
      StandardOutputContent: "",
    });
    // Killed, it stays in /proc until its parent has heard of it.
    expect(await eventually(async () => !existsSync(`/proc/${pid}`) || undefined)).toBe(true);
  });

  it("runs five commands at a time on one host, in parallel, and lets the sixth wait", async () => {
    const wait = "d=$(dirname $0); touch $d/begun; while [ ! -e $d/go ]; do sleep 0.05; done";
    const ids = await Promise.all(Array.from({ length: 6 }, () => ssm.send([wait])));
    const directories = ids.map((id) => ssm.hosts.orderDirectory(web1, id));
    const begun = () => directories.filter((directory) => existsSync(join(directory, "begun")));
    await eventually(async () => begun().length >= 5 || undefined);
    const statuses = await Promise.all(ids.map(async (id) => (await ssm.invocation(id)).Status));
    expect(statuses.filter((status) => status === "Pending")).toHaveLength(1);
    expect(begun()).toHaveLength(5);
    for (const directory of begun()) writeFileSync(join(directory, "go"), "");
    await eventually(async () => begun().length === 6 || undefined);
    for (const directory of directories) writeFileSync(join(directory, "go"), "");
    for (const id of ids) expect((await ssm.finished(id)).Status).toBe("Success");
  });
});
