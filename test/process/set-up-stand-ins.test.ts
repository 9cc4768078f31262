import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const setUp = readFileSync(new URL("../../bin/setup", import.meta.url), "utf8");
const functionOf = (name: string): string =>
  new RegExp(String.raw`^${name}\(\) \{(?:[^\n]* \}$|[^]*?^\}$)`, "m").exec(setUp)?.[0] ?? "";
const own = "localhost/threads-stand-in";

interface Machine {
  /** Whether a registry answers. */
  readonly answers?: boolean;
  /** Images that are there, by their names. */
  readonly there?: readonly string[];
  /** Of those, the ones that were made here. */
  readonly standIns?: readonly string[];
  readonly uid?: number;
  /** Docker is installed, and does not answer. */
  readonly isDown?: boolean;
}

/** Runs a part of bin/setup as it stands there, on a machine whose docker tells what it is told: also what nobody reads (3). */
function run(call: string, { answers = false, there = [], standIns = [], uid = 0, isDown = false }: Machine) {
  const script = [
    "set -euo pipefail",
    "exec 3>&1",
    "BASE=debian:trixie-slim STAND_INS=(postgres:17 redis:7 haproxy:3.0) LABEL=org.threads.stand-in",
    "agreed='' only_check='' rows=() root=/checkout",
    `id() { echo ${uid}; }`,
    "docker() {",
    `  ${isDown ? "return 1" : ":"}`,
    '  case "$1 $2" in',
    "  'version --format') echo 29.0.0 ;;",
    `  'image inspect') case " ${there.join(" ")} " in *" \${!#} "*) ;; *) return 1 ;; esac`,
    `    case " ${standIns.join(" ")} " in *" \${!#} "*) echo "\${!#}" ;; *) echo ;; esac ;;`,
    '  *) echo "docker $*" >&3 ;;',
    "  esac",
    "}",
    `pull() { echo "pulls $1"; return ${answers ? 0 : 1}; }`,
    'step() { shift; "$@"; }',
    "lacks() { return 0; }",
    "recipe() { echo 42; }",
    'make_base() { echo "makes $BASE"; }',
    ...["say", "has", "refuse", "agree", "own", "may_lend", "build_stand_in", "do_images", "take_back"].map(functionOf),
    call,
  ].join("\n");
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
  return { status, did: stdout.trim().split("\n"), says: stderr };
}

describe("where no registry answers", () => {
  it("a person is asked before anything has a name that is Docker Hub's", () => {
    const { status, did, says } = run("do_images", { uid: 1000 });
    expect({ status, did }).toEqual({ status: 3, did: ["pulls debian:trixie-slim"] });
    expect(says).toContain(
      "no registry answers: will make stand-ins here, which docker on this machine then takes for",
    );
    expect(says).toContain(
      "debian:trixie-slim postgres:17 redis:7 haproxy:3.0, wherever else those are used, until bin/setup --take-back",
    );
    // Node packages, packages and the engine may be there by now.
    expect(says).toMatch(/\nsetup: no stand-in was made, since there is nobody to ask\n {2}next: bin\/setup --yes\n$/);
    const later = run("do_images", { uid: 1000, there: ["postgres:17", "redis:7"] });
    expect(later.did).not.toContain("docker tag localhost/threads-stand-in/haproxy:3.0 haproxy:3.0");
  });

  it("whoever gave --yes is not asked", () => {
    expect(run("agreed=yes; do_images", { uid: 1000 }).status).toBe(0);
  });

  it("a machine that is being made gets them, asked once, each with a name of its own first", () => {
    const { status, did, says } = run("do_images", {});
    expect(status).toBe(0);
    expect(says.match(/no registry answers/g)).toHaveLength(1);
    const made = ["postgres", "redis", "haproxy"].map((name) =>
      did.findIndex((line) => line.endsWith(`/bin/stand-ins/${name}`)),
    );
    expect(made.map((at) => did.slice(at, at + 2))).toEqual(
      ["postgres:17", "redis:7", "haproxy:3.0"].map((image) => [
        `docker build --label org.threads.stand-in.recipe=42 -t ${own}/${image} /checkout/bin/stand-ins/${image.split(":")[0]}`,
        `docker tag ${own}/${image} ${image}`,
      ]),
    );
  });

  it("one of an older recipe is made again, and nobody is asked a second time", () => {
    const there = ["postgres:17", "redis:7", "haproxy:3.0"];
    const { status, did } = run("BASE=debian:trixie-slim; pull() { return 0; }; do_images", {
      uid: 1000,
      there,
      standIns: there,
    });
    expect(status).toBe(0);
    expect(did.filter((line) => line.startsWith("docker tag"))).toHaveLength(3);
  });
});

it("where one answers the real images are taken as they are, and nobody is asked", () => {
  const { status, did, says } = run("do_images", { uid: 1000, answers: true });
  expect({ status, says }).toEqual({ status: 0, says: "" });
  expect(did).toEqual(["debian:trixie-slim", "postgres:17", "redis:7", "haproxy:3.0"].map((image) => `pulls ${image}`));
});

describe("--take-back", () => {
  it("takes the names from stand-ins alone, which keep their own", () => {
    const there = ["debian:trixie-slim", "postgres:17", "redis:7"];
    const { status, did, says } = run("take_back", { uid: 1000, there, standIns: ["debian:trixie-slim", "redis:7"] });
    expect({ status, says }).toEqual({ status: 0, says: "setup: took back: debian:trixie-slim redis:7\n" });
    expect(did).toEqual([
      `docker tag debian:trixie-slim ${own}/debian:trixie-slim`,
      "docker image rm --no-prune debian:trixie-slim",
      `docker tag redis:7 ${own}/redis:7`,
      "docker image rm --no-prune redis:7",
    ]);
  });

  it("only looks with --check", () => {
    const there = ["debian:trixie-slim", "redis:7"];
    expect(run("only_check=yes; take_back", { there, standIns: there })).toEqual({
      status: 0,
      did: [""],
      says: "setup: would take back: debian:trixie-slim redis:7\n",
    });
  });

  it("cannot tell where docker is down, and does not say that there is none", () => {
    expect(run("take_back", { there: ["redis:7"], standIns: ["redis:7"], isDown: true })).toEqual({
      status: 3,
      did: [""],
      says:
        "setup: docker is down: it cannot be told whether a stand-in has a name that is not its own\n" +
        "  next: start docker, then bin/setup --take-back\n",
    });
  });

  it("does nothing where there are none, and nothing else besides", () => {
    expect(run("take_back", { there: ["postgres:17"] })).toEqual({
      status: 0,
      did: [""],
      says: "setup: no stand-in has a name that is not its own\n",
    });
    expect(setUp).toMatch(/--take-back\) only_names=yes/);
    expect(setUp).toMatch(/if \[ -n "\$only_names" \]; then take_back; exit 0; fi\n {2}look/);
  });
});
