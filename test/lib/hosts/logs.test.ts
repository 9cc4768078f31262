import { expect, test } from "vitest";
import { hostedEnvironment } from "../../../src/lib/fleet/hosts.ts";
import { hostLogs } from "../../../src/lib/hosts/logs.ts";
import type { LogGroup } from "../../../src/lib/remote/log-group.ts";
import type { Remote } from "../../../src/lib/remote/remote.ts";
import { aConfig } from "../../fakes/config.ts";

/** What the log group is asked for, in its order. */
const asked: unknown[] = [];
const group: LogGroup = {
  commands: async (label) => {
    asked.push(label);
    return [{ id: "c-1", label, hosts: ["i-1"], hasEnded: true }];
  },
  printed: async (...wanted) => {
    asked.push(wanted);
    return [{ host: "i-1", at: 5, id: "p-1", text: "it came up\n" }];
  },
};
const logsOf = (hosts: object, logGroup: () => Promise<LogGroup>) => {
  const config = aConfig({ app: "shop", environments: { prod: { hosts: { tag: "env=prod", ...hosts } } } });
  const environment = hostedEnvironment(config, "prod", (name) => name);
  return hostLogs(environment, { config, remote: {} as Remote, logGroup });
};

test("what hosts have read out of a deployment is found by its label, and read in the log group of its environment", async () => {
  const { kept } = logsOf({ log_group: "/shop/prod" }, () => Promise.resolve(group));
  expect(kept?.name).toBe("/shop/prod");
  expect(await kept?.parts(4)).toMatchObject([{ id: "c-1", hosts: ["i-1"], hasEnded: true }]);
  expect(await kept?.pieces("c-1", 3)).toEqual([{ host: "i-1", at: 5, id: "p-1", text: "it came up\n" }]);
  expect(asked).toEqual(["shop prod log #4 ", ["/shop/prod", "c-1", 3]]);
});

test("where no log group is named nothing is kept, and none is opened", () => {
  expect(logsOf({}, () => Promise.reject(new Error("opened"))).kept).toBeUndefined();
});
