import { expect, test } from "vitest";
import { answerAdvice, healthAdvice, startAdvice } from "../../../src/lib/hosts/health-advice.ts";

const at = "2026-11-27T10:00:00Z";
const told = (...health: readonly string[]): string[] => [
  `${at} -- web (app-web-1) is running, exit code 0; its log ends with:`,
  "web | sh: 1: wget: not found",
  `${at} -- its health check said:`,
  ...health.map((line) => `web | ${line}`),
  "then: back on 0123456789ab",
  "the whole log is on the host: /var/lib/threads/log/2.log",
];

test("a check that cannot run is told as such", () => {
  const hint = "curl is not in the image: the health check is broken, and not web";
  expect(healthAdvice(told("127 /bin/sh: 1: curl: not found"))).toEqual([hint]);
  expect(
    healthAdvice(told('-1 OCI runtime exec failed: exec: "curl": executable file not found in $PATH: unknown')),
  ).toEqual([hint]);
});

test("one over several lines, too", () => {
  const said = [
    "1 Connecting to localhost:8080 ([::1]:8080)",
    "wget: can't connect to remote host: Connection refused",
  ];
  expect(healthAdvice(told(...said))).toEqual([expect.stringContaining("let it ask 127.0.0.1")]);
});

test.each([
  ["its log says what a check would", told("1 status 500")],
  ["it has said nothing", [...told().slice(0, 2), "web | ./serve: line 3: curl: command not found"]],
  ["another one's words follow", [...told("1 status 500"), "nginx | sh: curl: not found"]],
  ["there is no log", []],
])("nothing is given away where %s", (_, tail) => {
  expect(healthAdvice(tail)).toEqual([]);
});

test.each([
  ["/healthz does not answer as abc (status 301 to https://127.0.0.1)", "runtime.forwarded_proto: https"],
  ["/healthz does not answer as abc (status 400)", "runtime.host"],
  ["/healthz does not answer as abc (status 502)", "resolver"],
])("what the health path answers gives the reason away: %s", (says, word) => {
  expect(answerAdvice(`not healthy within 20 s: ${says}`)).toEqual([expect.stringContaining(word)]);
});

test.each(["(status 301 to http://other)", "(status 500)", "(status 404)", "(no answer)", "status 400 of a log"])(
  "and %s nothing",
  (says) => {
    expect(answerAdvice(says)).toEqual([]);
  },
);

test.each([
  "web | exec /srv/run: exec format error",
  "web | [FATAL tini (7)] exec /srv/run failed: Exec format error",
  "web | exec /usr/local/bin/docker-entrypoint.sh: exec format error",
])("what cannot be run at all is told: %s", (line) => {
  expect(startAdvice(["x", line, "then: back on 0123456789ab"])).toEqual([
    expect.stringMatching(/^web cannot run on this host: its image is for another processor/),
  ]);
});

test.each([
  "web | the format error of yesterday",
  "web | exec format error handler ready",
  "exec /srv/run: exec format error",
])("and of other words nothing is made: %s", (line) => {
  expect(startAdvice([line])).toEqual([]);
});
