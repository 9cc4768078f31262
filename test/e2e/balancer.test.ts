import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

// Who asks, as the application is told: a real load balancer hands connections on to the real edge, with the PROXY protocol
// and without it. Client, balancer and edge have an address each.

const scripts = join(import.meta.dirname, "../../src/lib/script");
const image = "haproxy:3.0";
const name = `threads-balancer-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "threads-balancer-"));
const docker = (...args: string[]): string =>
  execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** Answers HTTP with what it is told of who asks, and on another port each line as it came. */
const application = String.raw`
use IO::Select; use IO::Socket::INET;
my ($http, $tcp) = map { IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $_, Listen => 9, ReuseAddr => 1) } 18002, 18004;
$SIG{CHLD} = "IGNORE";
while (my @ready = IO::Select->new($http, $tcp)->can_read) {
    for my $server (@ready) {
        my $client = $server->accept or next;
        next if fork;
        if ($server == $tcp) { while (<$client>) { print $client "got $_"; $client->flush } exit }
        my @told;
        while (<$client>) { last if /^\r?\n$/; push @told, $1 if /^x-forwarded-for: *(.*?)\r?\n/i }
        my $text = join "|", @told;
        print $client "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ", length $text, "\r\n\r\n$text";
        exit;
    }
}`;

/** Says something and prints its own address, then what it hears until the other side has ended, or one line. */
const client = String.raw`
use IO::Socket::INET;
my ($host, $port, $text, $lines) = @ARGV;
my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 10) or die "no connection: $!";
print $socket->sockhost, "\n"; print $socket $text; $socket->flush;
alarm 20;
while (<$socket>) { print; last if $lines }`;

/** A container with a file of its own in it. */
function started(own: string, file: string, text: string, ...args: readonly string[]): void {
  writeFileSync(join(folder, own), text);
  docker("create", "--name", `${name}-${own}`, "--user", "0:0", ...args);
  docker("cp", join(folder, own), `${name}-${own}:${file}`);
  docker("start", `${name}-${own}`);
}

/** What the hosts' own script writes for an edge. */
function edgeConfig(strategy: string): string {
  const at = mkdtempSync(join(folder, "release-"));
  writeFileSync(join(at, "strategy"), `${strategy}\n`);
  writeFileSync(join(at, "fronts"), "1 web 8080 http\n2 web 8081 tcp\n");
  const sources = ["slots.sh", "edge.sh"].map((file) => `. ${join(scripts, file)}`).join("; ");
  const program = `APP=app FRONTS_FROM=18000; ${sources}; known_addresses["$1"]=$':8080\n:8081'; edge_config "$1"`;
  return execFileSync("bash", ["-c", program, "edge", at], { encoding: "utf8" });
}

/** The application, and an edge beside it as on a host. */
function host(own: string, strategy: string): void {
  docker("run", "-d", "--name", `${name}-${own}`, "--network", name, "--entrypoint", "perl", image, "-e", application);
  const run = ["haproxy", "-W", "-db", "-f", "/edge.cfg"];
  const environment = ["-e", "BLUE=100", "-e", "GREEN=0", "-e", "SOCKET=/tmp/edge.sock"];
  const shared = ["--network", `container:${name}-${own}`, ...environment, "--entrypoint", run[0]!, image];
  started(`${own}-edge`, "/edge.cfg", edgeConfig(strategy), ...shared, ...run.slice(1));
}

const balancing = (to: string, how: string): string => `
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen web
  bind :8080
  server edge ${name}-${to}:8080 ${how}
listen lines
  bind :8081
  server edge ${name}-${to}:8081 ${how}
`;

interface Heard {
  /** The address of the client. */
  readonly from: string;
  readonly answer: string;
}
function say(to: string, port: number, text: string, lines = ""): Heard {
  const run = ["run", "--rm", "--network", name, "--entrypoint", "perl", image, "-e", client];
  const [from = "", ...rest] = docker(...run, `${name}-${to}`, String(port), text, lines).split("\n");
  return { from, answer: rest.join("\n") };
}
const addressOf = (own: string): string =>
  docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", `${name}-${own}`);
const ask = (to: string, ...headers: string[]): Heard =>
  say(to, 8080, ["GET / HTTP/1.1", "Host: shop", "Connection: close", ...headers, "", ""].join("\r\n"));
/** The addresses that the application was told, in their order. */
const told = ({ answer }: Heard): readonly string[] => (answer.split("\n").at(-1) ?? "").split("|");

beforeAll(async () => {
  docker("network", "create", name);
  host("plain", "slots stopped");
  host("told", "slots stopped proxy");
  const balancer = ["--network", name, "--entrypoint", "haproxy", image, "-W", "-db", "-f", "/balancer.cfg"];
  started("silent", "/balancer.cfg", balancing("plain", ""), ...balancer);
  started("speaking", "/balancer.cfg", balancing("told", "send-proxy-v2"), ...balancer);
  for (const to of ["silent", "speaking"])
    await vi.waitUntil(() => ask(to).answer.includes("200 OK"), { timeout: 120_000 });
});
afterAll(() => {
  const all = docker("ps", "-aq", "--filter", `name=^/?${name}-`).split("\n");
  docker("rm", "-fv", ...all.filter((id) => id !== ""));
  docker("network", "rm", name);
  rmSync(folder, { recursive: true });
});

describe("with the PROXY protocol", () => {
  test("the application is told the client's address, and not the balancer's", () => {
    const heard = ask("speaking");
    expect(told(heard)).toEqual([heard.from]);
  });

  test("what a client claims itself comes before what the edge knows", () => {
    const heard = ask("speaking", "X-Forwarded-For: 6.6.6.6");
    expect(told(heard)).toEqual(["6.6.6.6", heard.from]);
  });

  test("who comes without the balancer is not heard", () => {
    expect(ask("told").answer).not.toContain("200");
  });

  test("a port of another protocol gets what the client says, without the balancer's words", () => {
    expect(say("speaking", 8081, "hello\n", "1").answer).toBe("got hello");
  });
});

describe("without it", () => {
  test("the application is told who is connected to the edge", () => {
    expect(told(ask("silent"))).toEqual([addressOf("silent")]);
    const heard = ask("plain");
    expect(told(heard)).toEqual([heard.from]);
  });

  test("nobody makes the edge believe another address by speaking that protocol", () => {
    const { answer } = say("plain", 8080, "PROXY TCP4 6.6.6.6 7.7.7.7 5 80\r\nGET / HTTP/1.1\r\nHost: shop\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.[01] 400 /);
  });
});
