import { describe, expect, it } from "vitest";
import { dockerCompose } from "../../../src/lib/compose/docker-compose.ts";
import type { Resources } from "../../../src/lib/compose/raw-model.ts";
import { readEnvFiles } from "../../../src/lib/ecs/read-env-files.ts";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import { failureOf, only } from "./world.ts";

const path = "./files/app.env";
const compose = dockerCompose({ processes: systemProcesses, clock: systemClock, env: process.env });

function read(text: string, names: readonly string[] | undefined) {
  const from = names === undefined ? undefined : "/shop/prod/";
  const settings = { from, names: names && new Set(names), hostFile: "/etc/e" };
  const model = { services: { web: { env_file: [{ path }] } } } as Resources;
  const ports = {
    compose,
    settings,
    own: new Map([
      ["REVISION", "4f2c"],
      ["TREE", "77aa"],
    ]),
    signal: AbortSignal.timeout(60_000),
  };
  return { settings, values: readEnvFiles(model, (name) => (name === "model/files/app.env" ? text : ""), ports) };
}

/** What becomes of a committed file, read by compose itself. */
async function containerWith(text: string, names?: readonly string[]) {
  const { settings, values } = read(text, names);
  const facts = { settings, envFiles: await values };
  return only({ env_file: [{ path }] }, { facts, ...(names && { more: { env_from: "/shop/prod/" } }) });
}

describe("a committed file of variables", () => {
  it("is what compose makes of it, with what the release is", async () => {
    const text = "A=1\nB=${A}-${Q:-d}\nC='${NOT}$'\n# ${COMMENT}\nR=${REVISION}/$TREE\n";
    const { container, refused } = await containerWith(text, ["OTHER"]);
    expect(refused).toEqual([]);
    expect(container.environment).toEqual([
      { name: "A", value: "1" },
      { name: "B", value: "1-d" },
      { name: "C", value: "${NOT}$" },
      { name: "R", value: "4f2c/77aa" },
    ]);
  });

  it("takes a setting by reference, and none into other text: no value of one stands in a definition", async () => {
    const text = "KEY\nPASS=${PASSWORD:?say it}\nURL=db://${PASSWORD:-none}@db\nA=${A:-1}\n";
    const { container, refused } = await containerWith(text, ["KEY", "PASSWORD"]);
    expect(container.secrets).toEqual([
      { name: "KEY", valueFrom: "/shop/prod/KEY" },
      { name: "PASS", valueFrom: "/shop/prod/PASSWORD" },
    ]);
    expect(refused).toEqual([
      "web makes URL of PASSWORD and other text, and a secret goes to ECS as it is: put URL itself into /shop/prod/",
    ]);
  });

  it("is refused where nobody sets what it wants: a host could, and empty is not what was meant", async () => {
    const text = "URL=db://${PASSWORD}@db\nKEY\nTEXT='a\nWORD\nb'\n";
    expect((await containerWith(text, ["OTHER"])).refused).toEqual([
      "web takes KEY for its KEY, and /shop/prod/ does not have it: write a default, or put it there",
      "web takes PASSWORD for its URL, and /shop/prod/ does not have it: write a default, or put it there",
    ]);
    expect((await containerWith(text)).refused).toEqual([
      "web takes KEY for its KEY, and this environment has no env_from: write a default, or put it there",
      "web takes PASSWORD for its URL, and this environment has no env_from: write a default, or put it there",
    ]);
  });

  it("that compose cannot read is named, and nothing of it is shown", async () => {
    const error = await failureOf(read("A='secret\n", undefined).values);
    expect(error).toMatchObject({ code: "COMPOSE_FILE", message: expect.stringContaining("app.env") });
    expect(JSON.stringify(error)).not.toContain("secret");
  });
});
