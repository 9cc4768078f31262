import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { releaseModel } from "../../../../src/lib/actions/publish/release-model.ts";
import { assembleBundle } from "../../../../src/lib/release/bundle.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { example } from "../../../fakes/config.ts";
import { failureOf } from "../../ecs/world.ts";
import { services, testWorld } from "./world.ts";

const folder = "backend/deploy/for-one-host/in/a-folder/that-lies-deeper/than-a-name-in-an-archive-has-room-for";

const release = {
  schema: 2,
  app: "threads",
  revision: "1".repeat(40),
  tree: "2".repeat(40),
  committedAt: "2026-11-27T00:00:00.000Z",
  images: { web: { repository: "threads/web", digest: digestOf("web") } },
} as const;

test("files that are mounted travel as they are: their bytes, whether they run, wherever they lie", async () => {
  await using world = await testWorld();
  const { root } = world.repository;
  const key = Buffer.from([0x30, 0x82, 0x00, 0xff, 0xfe, 0x0d]);
  for (const [path, contents] of [
    [`${folder}/key.p12`, key],
    ["backend/start.sh", "#!/bin/sh\n"],
    ["backend/startle", "not mounted"],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
  chmodSync(join(root, "backend/start.sh"), 0o755);
  const volumes = ["./start.sh", folder.replace("backend", ".")].map((source) => ({
    type: "bind",
    source,
    target: "/x",
  }));
  const stack = Object.fromEntries(services.map((service) => [service, { image: "i", volumes }]));
  world.repository.write(
    "backend/docker-compose-prod.yml",
    stringify({ services: { ...stack, migrate: { image: "i", profiles: ["migrate"] } } }),
  );
  const { files } = await releaseModel(world.repository.commit("Mount"), world.ports);
  const { layer } = assembleBundle({ release, files, architecture: "amd64" });
  const tar = (...args: string[]): Buffer => execFileSync("tar", args, { input: layer });
  const listed = tar("--list", "--verbose").toString().split("\n");
  const carried = listed.map((line) => line.split(/ +/)).filter(([, , , , , name]) => name?.startsWith("model/files/"));
  expect(carried.map(([mode, , , , , name]) => [mode, name])).toEqual([
    ["-rw-r--r--", `model/files/${folder}/key.p12`],
    ["-rwxr-xr-x", "model/files/backend/start.sh"],
  ]);
  expect(tar("--extract", "--to-stdout", `model/files/${folder}/key.p12`)).toEqual(key);
});

test("what an environment on ECS could never run is not published, all of it told at once", async () => {
  await using world = await testWorld();
  const cloud = `environments:
  cloud:
    ecs:
      cluster: threads
      subnets: [subnet-0a]
      security_groups: [sg-0a]
      execution_role: arn:aws:iam::123456789012:role/threads-execution
`;
  const publish = (service: object): Promise<unknown> => {
    const stack = Object.fromEntries(services.map((name) => [name, { image: "i" }]));
    const migrate = { image: "i", profiles: ["migrate"] };
    const text = stringify({ services: { ...stack, web: { image: "i", ...service }, migrate } });
    world.repository.write("backend/docker-compose-prod.yml", text);
    return releaseModel(world.repository.commit("Change"), world.ports);
  };
  const service = { stop_grace_period: "5m", privileged: true };
  // Hosts run it, and nobody else is asked.
  await publish(service);
  world.repository.write("threads.yml", example.replace("environments:\n", cloud));
  expect(await failureOf(publish(service))).toMatchObject({
    code: "NOT_FOR_ECS",
    message: expect.stringMatching(/^[0-9a-f]{12} cannot run on the ECS of cloud, for 2 reasons: web has /),
    details: [expect.stringContaining("privileged"), expect.stringContaining("stop_grace_period of 300 s")],
  });
  await publish({ stop_grace_period: "2m" });
});
