import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { DoctorFinding } from "../../../../src/lib/actions/doctor/check.ts";
import { composeCheck } from "../../../../src/lib/actions/doctor/checks/compose.ts";
import type { CheckPorts } from "../../../../src/lib/actions/doctor/ports.ts";
import { loadConfig } from "../../../../src/lib/config/load.ts";
import type { CommandLine, Processes } from "../../../../src/lib/process/processes.ts";
import { type Reply, scriptedDocker } from "../../docker/scripted-docker.ts";
import { openDoctor } from "../../../../src/lib/wire/doctor.ts";

const threadsYaml = `app: shop
services: [web, worker]
test: { compose: test.yml, service: sut }
smoke:
  compose: compose.yml
  entry: { service: web, port: 80 }
  checks: [{ path: / }]
runtime: { compose: [compose.yml, prod.yml], migrate: migrate }
environments: { prod: { hosts: { tag: env=prod } } }
`;
const good: Readonly<Record<string, string>> = {
  "threads.yml": threadsYaml,
  "compose.yml": "services:\n  web: { build: ., ports: ['8080:80'] }\n  worker: { build: . }\n",
  "prod.yml": "services:\n  web: { restart: always }\n  migrate: { build: . }\n",
  "test.yml": "services:\n  sut: { build: . }\n",
};

/** No docker on this machine. */
const none: Processes = { run: () => Promise.reject(new Error("docker: is not installed")) };

async function look(
  change: Readonly<Record<string, string | undefined>> = {},
  processes = none,
): Promise<readonly DoctorFinding[]> {
  const root = mkdtempSync(join(tmpdir(), "threads-compose-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ ...good, ...change })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const config = async () => loadConfig({ start: root, file: undefined, env: {} });
  const world = { config, processes, env: {}, signal: new AbortController().signal };
  return composeCheck.look(openDoctor(world as Parameters<typeof openDoctor>[0]) as CheckPorts);
}

const faultsOf = (findings: readonly DoctorFinding[]) =>
  Object.fromEntries(findings.filter(({ state }) => state === "fail").map(({ of, details }) => [of, details]));

describe("compose files, offline", () => {
  it("that fit threads.yml are named with what they run", async () => {
    const findings = await look();
    expect(findings.map(({ of, state, says }) => `${of} ${state}: ${says}`)).toEqual([
      "test ok: test.yml: sut",
      "smoke ok: compose.yml: web and worker",
      "runtime ok: compose.yml + prod.yml: web, worker and migrate",
    ]);
  });

  it("that lack a service say which line of threads.yml names it, and what was meant", async () => {
    const text = threadsYaml.replace("service: sut", "service: stu").replace("migrate: migrate", "migrate: migrte");
    expect(faultsOf(await look({ "threads.yml": text.replace("worker]", "worker, mailer]") }))).toEqual({
      test: ["threads.yml:3 test.service names stu, which is no service there: did you mean sut?"],
      smoke: ["threads.yml:2 services names mailer, which is no service there: it has web and worker"],
      runtime: [
        "threads.yml:2 services names mailer, which is no service there: it has web, worker and migrate",
        "threads.yml:8 runtime.migrate names migrte, which is no service there: did you mean migrate?",
      ],
    });
  });

  it("that are not there, or broken, say so", async () => {
    expect(faultsOf(await look({ "test.yml": undefined }))).toEqual({ test: ["test.yml does not exist"] });
    expect(faultsOf(await look({ "prod.yml": "services:\n  web: [\n" }))).toEqual({
      runtime: [expect.stringMatching(/^prod\.yml:3 /)],
    });
  });

  it("that need files which the repository does not have name them, with the service and its line", async () => {
    const compose = `services:
  web:
    build: .
    ports: ["80:80"]
    env_file: [.env, { path: local.env, required: false }, "\${ENV_FILE:-.env}", /etc/shop.env]
    volumes: ["./conf:/etc/conf", "data:/data", "/var/run:/run", { type: bind, source: ./here, target: /x }]
  worker: { build: . }
`;
    const faults = faultsOf(
      await look({
        "sub/compose.yml": compose,
        "sub/here/x": "",
        "threads.yml": threadsYaml.replace("compose: compose.yml", "compose: sub/compose.yml"),
      }),
    );
    expect(faults).toEqual({
      smoke: ["sub/compose.yml:2 web needs sub/conf, which is not there"],
    });
  });

  it("whose entry opens other ports say which", async () => {
    const text = threadsYaml.replace("port: 80 ", "port: 8000 ");
    expect(faultsOf(await look({ "threads.yml": text }))).toEqual({
      smoke: ["compose.yml:2 web opens port 80, but smoke.entry names 8000"],
    });
  });

  it("that lean on what somebody else makes warn, and say where it must be", async () => {
    const prod = `${good["prod.yml"]}volumes: { media: { external: true } }\nnetworks: { edge: { external: true, name: front } }\n`;
    expect((await look({ "prod.yml": prod })).at(-1)).toMatchObject({
      state: "warn",
      says: "compose.yml + prod.yml needs volume media and network front on every host: compose makes none of it",
    });
  });
});

describe("where docker is at hand", () => {
  /** Of git, that there is no repository; of docker, an answer. */
  const answering = (answer: (command: CommandLine) => Reply, git = ""): Processes => {
    const docker = scriptedDocker((args) => answer({ file: "docker", args }));
    const none: Reply = { exitCode: 128, stderr: "fatal: not a git repository" };
    const repository = scriptedDocker(() => (git === "" ? none : git));
    return { run: (command, options) => (command.file === "git" ? repository : docker).run(command, options) };
  };

  it("compose itself resolves them, variables left open and every profile in", async () => {
    const asked: string[] = [];
    const model = { services: { web: { ports: [{ target: 80 }] }, worker: {}, sut: {}, migrate: {}, included: {} } };
    const findings = await look(
      {},
      answering(({ args }) => {
        asked.push(args.join(" "));
        return JSON.stringify(model);
      }),
    );
    expect(asked.at(-1)).toMatch(
      /^compose .* -f \S+\/compose\.yml -f \S+\/prod\.yml --env-file \/dev\/null --profile \* config --no-interpolate --no-path-resolution --format json$/,
    );
    expect(findings.at(-1)?.says).toContain("included");
  });

  it("all is named that publish would refuse, with its line", async () => {
    const bind = (source: string) => ({ type: "bind", source, target: "/x" });
    const model = {
      services: {
        web: {
          build: { context: "." },
          ports: [{ target: 80 }],
          volumes: [bind("./conf"), bind("./new"), bind("../up")],
        },
        worker: { build: { context: "w" } },
        sut: {},
        migrate: { build: { context: "." } },
        helper: { build: { context: "h" } },
      },
      secrets: { key: { file: "./key" } },
    };
    const text = threadsYaml.replace("services: [web, worker]", "services: [web, wroker]");
    const change = { "threads.yml": text, "conf/a": "", "new/b": "", key: "" };
    const tree = "100644 blob 1f 3\tconf/a\0";
    const faults = faultsOf(
      await look(
        change,
        answering(() => JSON.stringify(model), tree),
      ),
    );
    expect(faults["runtime"]).toEqual([
      "threads.yml:2 services names wroker, which is no service there: did you mean worker?",
      "compose.yml:3 worker builds an image of its own: list worker in services of threads.yml",
      "compose.yml helper builds an image of its own: list helper in services of threads.yml",
      "prod.yml:2 web mounts ./new, which is not committed: commit it, or use a named volume or an absolute path of the host",
      "prod.yml:2 web mounts ../up, which lies outside of the folder of threads.yml: move it into it, or use a named volume or an absolute path of the host",
      "secret key comes from ./key: secrets do not travel, give an absolute path of the host or `environment:`",
    ]);
    // Without a commit nothing can be committed: the check of git says so.
    expect(
      faultsOf(
        await look(
          change,
          answering(() => JSON.stringify(model)),
        ),
      )["runtime"],
    ).toHaveLength(5);
  });

  it("what compose refuses is shown in its words, without its warnings", async () => {
    const stderr =
      'time="x" level=warning msg="version is obsolete"\nservices.web Additional property buidl is not allowed\n';
    expect(
      faultsOf(
        await look(
          {},
          answering(() => ({ exitCode: 15, stderr })),
        ),
      )["smoke"],
    ).toEqual(["services.web Additional property buidl is not allowed"]);
  });

  it.each([
    ["an old docker", { exitCode: 1, stderr: "docker: 'compose' is not a docker command." }],
    ["a docker that prints something else", "2.26.1"],
  ])("%s is passed over", async (_, answer) => {
    expect(
      (
        await look(
          {},
          answering(() => answer),
        )
      ).map(({ state }) => state),
    ).toEqual(["ok", "ok", "ok"]);
  });
});
