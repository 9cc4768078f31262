import { expect, it } from "vitest";
import { publishedPorts } from "../../../src/lib/compose/published-ports.ts";
import type { RawPort } from "../../../src/lib/compose/raw-model.ts";

const of = (port: string | RawPort) => {
  const problems: string[] = [];
  const [found] = publishedPorts("web", { ports: [port] }, problems);
  return found === undefined ? problems : [found.published, found.target];
};

it.each<[string | RawPort, (string | number)[]]>([
  ["80:8080", ["80", 8080]],
  ["80:8080/tcp", ["80", 8080]],
  ["${HTTP_PORT:-80}:8080", ["${HTTP_PORT:-80}", 8080]],
  ["${HTTP_PORT:-${PORT:-80}}:${INNER:-8080}", ["${HTTP_PORT:-${PORT:-80}}", 8080]],
  ["${HTTP_PORT:?say-it}:8080", ["${HTTP_PORT:?say-it}", 8080]],
  ["${HTTP_PORT:+1-1}:8080", ["${HTTP_PORT:+1-1}", 8080]],
  ["$PORT:8080", ["$PORT", 8080]],
  ["127.0.0.1:80:8080", ["127.0.0.1:80", 8080]],
  ["${ADDRESS:-0.0.0.0}:80:8080", ["${ADDRESS:-0.0.0.0}:80", 8080]],
  ["[::1]:80:8080", ["[::1]:80", 8080]],
  [{ target: 8080, published: "80" }, ["80", 8080]],
  [{ target: 8080, published: 80, host_ip: "127.0.0.1" }, ["127.0.0.1:80", 8080]],
  [{ target: 8080, published: "80", host_ip: "::1" }, ["[::1]:80", 8080]],
  [{ target: "${INNER:-8080}", published: "80", host_ip: "${A:-127.0.0.1}" }, ["${A:-127.0.0.1}:80", 8080]],
])("%j is in front of a port", (port, expected) => {
  expect(of(port)).toEqual(expected);
});

it.each<string | RawPort>([
  "8080",
  "8080/udp",
  "127.0.0.1::8080",
  "0:8080",
  { target: 8080 },
  { target: 8080, published: "" },
])("of %j docker chooses the number, so nobody relies on it", (port) => {
  expect(of(port)).toEqual([]);
});

const otherwise = ", or name web in runtime.shared, or use strategy: recreate";

it.each<[string | RawPort, string]>([
  ["53:53/udp", "web publishes 53:53/udp: the edge takes no udp"],
  [{ target: 53, published: "53", protocol: "udp" }, "web publishes 53:53/udp: the edge takes no udp"],
  ["80-81:80-81", "web publishes 80-81:80-81: write each port of the range on a line of its own"],
  ["${P:-80-81}:80", "web publishes ${P:-80-81}:80: write each port of the range on a line of its own"],
  ["80:${INNER}", "web publishes 80:${INNER}: write the port inside the container out"],
  ["${PORTS}", "web publishes ${PORTS}: write the port inside the container out"],
])("%j cannot stand behind an edge", (port, problem) => {
  expect(of(port)).toEqual([`${problem}${otherwise}`]);
});
