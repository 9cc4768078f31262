import type { Service, TaskDefinition } from "@aws-sdk/client-ecs";
import { beforeEach, expect, test } from "vitest";
import { diffEcs } from "../../../../src/lib/actions/ecs/diff.ts";
import type { Task } from "../../../../src/lib/ecs/translate.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderEcsResult } from "../../../../src/lib/output/render/ecs.ts";
import { requireResult } from "../../../fakes/results.ts";
import { failureOf } from "../../ecs/world.ts";
import { begin, ports, publish, render, revision } from "./world.ts";

beforeEach(begin);

const arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/threads-cloud-web:12";

/** Services of which each runs what the release has, changed. */
async function diff(change: (definition: TaskDefinition) => void = () => undefined, there = true) {
  const [web] = (await render()).tasks as readonly [Task];
  const definition = structuredClone(web.taskDefinition) as unknown as TaskDefinition;
  change(definition);
  const asked: string[][] = [];
  const ecs = {
    services: async (cluster: string, names: readonly string[]) => {
      asked.push([cluster, ...names]);
      const service: Service = { serviceName: names[0], taskDefinition: arn };
      return new Map(there ? [[names[0] ?? "", service]] : []);
    },
    definition: async () => definition,
  };
  const result = await diffEcs({ environment: "cloud", release: revision, service: undefined }, { ...ports(), ecs });
  requireResult(["ecs", "render", "--diff", "--json"], JSON.stringify(result));
  return { result, asked, text: renderEcsResult(result, plainPaint) };
}

test("what the services run is compared with the release, task by task", async () => {
  publish();
  const { result, asked, text } = await diff((copy) => {
    Object.assign(copy.containerDefinitions?.[1] ?? {}, { image: "registry.test/threads/nginx@sha256:old" });
  });
  expect(asked).toEqual([["shop", "threads-cloud-web"]]);
  expect(result).toMatchObject({ outcome: "different", cluster: "shop", revision });
  expect(result.tasks.map(({ task, is, runs }) => [task, is, runs])).toEqual([
    ["web", "different", arn],
    ["migrate", "one-off", null],
  ]);
  expect(text.slice(0, 3)).toEqual([
    "± web runs threads-cloud-web:12 and not what the release has:",
    "  image of nginx",
    "    - registry.test/threads/nginx@sha256:old",
  ]);
  expect(text.at(-1)).toBe("migrate is run once a deployment, and no service runs it");
});

test("what runs as the release has it differs in nothing, and is told when it was deregistered", async () => {
  publish();
  const { result, text } = await diff((copy) => void Object.assign(copy, { status: "INACTIVE" }));
  expect(result).toMatchObject({ outcome: "same", tasks: [{ is: "same", isInactive: true, differences: [] }, {}] });
  expect(text[0]).toBe("✔ web runs threads-cloud-web:12, which was deregistered, as the release has it");
});

test("a service that is not there yet is called so, and no difference", async () => {
  publish();
  const { result, text } = await diff(undefined, false);
  expect(result).toMatchObject({ outcome: "absent", tasks: [{ is: "absent", runs: null, differences: [] }, {}] });
  expect(text[0]).toBe("○ web: there is no service threads-cloud-web in the cluster yet");
});

test("what cannot be read is no service that is not there", async () => {
  publish();
  const services = () =>
    Promise.reject(new ThreadsError("CLUSTER_NOT_FOUND", { message: "there is none", next: ["x"] }));
  const asked = diffEcs(
    { environment: "cloud", release: revision, service: undefined },
    {
      ...ports(),
      ecs: { services, definition: () => Promise.reject(new Error("not asked")) },
    },
  );
  expect(await failureOf(asked)).toMatchObject({ code: "CLUSTER_NOT_FOUND" });
});
