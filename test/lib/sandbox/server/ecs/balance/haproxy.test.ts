import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  commandsFor,
  haproxy,
  type Server,
  serversIn,
} from "../../../../../../src/lib/sandbox/server/ecs/balance/haproxy.ts";

/** As HAProxy 3.0 prints it: t1 takes requests, t2 drains, t3 is free. */
const printed = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port
3 tg-28491 1 t1 192.168.144.2 2 4 1 1 15 1 0 0 8 0 0 0 - 32770 - 0 0 - - 0
3 tg-28491 2 t2 192.168.144.2 2 12 1 1 49 1 0 0 8 0 0 0 - 32769 - 0 0 - - 0
3 tg-28491 3 t3 127.0.0.1 0 5 1 1 119 1 0 0 8 0 0 0 - 1 - 0 0 - - 0
`;
const servers: readonly Server[] = [
  { name: "t1", address: "192.168.144.2:32770", state: "ready" },
  { name: "t2", address: "192.168.144.2:32769", state: "drain" },
  { name: "t3", address: "127.0.0.1:1", state: "maint" },
];

describe("what the load balancer is told", () => {
  test("begins with what it says of itself", () => {
    expect(serversIn(printed)).toEqual(servers);
  });

  test("is nothing where all is as it should be", () => {
    const places = [
      { address: "192.168.144.2:32770", takes: true },
      { address: "192.168.144.2:32769", takes: false },
    ];
    expect(commandsFor("b", servers, places)).toEqual([]);
  });

  test("puts who is new before who leaves, and takes out who is gone last", () => {
    const places = [
      { address: "192.168.144.2:32770", takes: false },
      { address: "10.0.0.9:40000", takes: true },
    ];
    expect(commandsFor("b", servers, places)).toEqual([
      "set server b/t3 addr 10.0.0.9 port 40000",
      "set server b/t3 state ready",
      "set server b/t1 state drain",
      "set server b/t2 state maint",
    ]);
  });

  test("has room for so many, and says where there is none", () => {
    const many = ["10.0.0.1:1", "10.0.0.2:1"].map((address) => ({ address, takes: true }));
    expect(() => commandsFor("b", servers, many)).toThrow("no room for one more target of b");
  });
});

const group = {
  arn: "arn",
  backend: "tg-28491",
  path: "/healthz",
  intervalSeconds: 5,
  timeoutSeconds: 1,
  healthyCount: 2,
  unhealthyCount: 2,
  delaySeconds: 10,
};

test("it is told one command after the other, and a refusal of it is an error", async () => {
  const asked: string[] = [];
  const api = createServer({ allowHalfOpen: true }, (socket) => {
    let command = "";
    socket.on("data", (chunk) => (command += String(chunk)));
    socket.on("end", () => {
      asked.push(command.trim());
      socket.end(command.startsWith("show") ? printed : command.includes("t3 addr") ? "IP changed\n" : "\n");
    });
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void api.close());
  const balancer = haproxy({ host: "127.0.0.1", port: (api.address() as AddressInfo).port });
  await balancer.send(group, [{ address: "10.0.0.9:40000", takes: true }]);
  expect(asked).toEqual([
    "show servers state tg-28491",
    "set server tg-28491/t3 addr 10.0.0.9 port 40000",
    "set server tg-28491/t3 state ready",
    "set server tg-28491/t1 state maint",
    "set server tg-28491/t2 state maint",
  ]);
});

test("a check wants the status 200 of the path, within its time", async () => {
  const target = createHttp((request, response) => {
    if (request.url === "/slow") return;
    response.statusCode = { "/healthz": 200, "/moved": 301 }[request.url ?? ""] ?? 500;
    response.end("well");
  });
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    target.closeAllConnections();
    target.close();
  });
  const balancer = haproxy({ host: "127.0.0.1", port: 1 });
  const address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  const paths = ["/healthz", "/moved", "/broken", "/slow"];
  const all = await Promise.all(
    paths.map((path) => balancer.check({ ...group, path, timeoutSeconds: path === "/slow" ? 0.3 : 60 }, address)),
  );
  expect(all).toEqual([true, false, false, false]);
  expect(await balancer.check(group, "127.0.0.1:1")).toBe(false);
});
