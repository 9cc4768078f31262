import { expect, it } from "vitest";
import { logHint, orderHint } from "../../../src/lib/compose/log-hint.ts";

const asked = (why: string): string =>
  `2026/11/27 10:00:00 [error] 7#7: *1 connect() failed (${why}) while connecting to upstream, client: 172.18.0.1, server: _, request: "GET / HTTP/1.1", upstream: "http://172.18.0.3:8000/", host: "x"`;

it.each([
  [
    'nginx: [emerg] host not found in upstream "web" in /etc/nginx/conf.d/default.conf:3',
    "nginx looks web up when it starts",
  ],
  ["nginx: [emerg] host not found in upstream web:8000", "nginx looks web up when it starts"],
  [asked("111: Connection refused"), "front gets no answer from 172.18.0.3:8000: nginx keeps the address"],
  [asked("113: Host is unreachable"), "front gets no answer from 172.18.0.3:8000: nginx keeps the address"],
  [asked("113: No route to host"), "front gets no answer from 172.18.0.3:8000: nginx keeps the address"],
  ["exec /start: exec format error", "the image of front is for another processor"],
])("%s", (line, hint) => {
  expect(logHint("front", ["starting", line, "stopping"])).toContain(hint);
});

it.each([[[]], [["ready for start up"]], [["upstream prematurely closed connection while reading response header"]]])(
  "says nothing of what it does not know: %j",
  (log) => {
    expect(logHint("front", log)).toBeUndefined();
  },
);

it.each([
  ["psycopg.OperationalError: connection failed: Connection refused", 1, true],
  ["Error: getaddrinfo EAI_AGAIN db", 3, true],
  ["FATAL:  the database system is starting up", 1, true],
  ["Connection refused", 0, false],
  ["SyntaxError", 4, false],
])("%s, after %i restarts, is a matter of order: %s", (line, restarts, isOrder) => {
  expect(orderHint("web", restarts, [line]) !== undefined).toBe(isOrder);
});
