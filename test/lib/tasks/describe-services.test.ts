import { expect, test } from "vitest";
import type { EcsCall } from "../../../src/lib/aws/ecs-calls.ts";
import { describeServices } from "../../../src/lib/tasks/services.ts";

const answering = (answer: object): EcsCall => (async () => answer) as unknown as EcsCall;
const asked = ["web", "celery"];
const failures = [{ arn: "arn:aws:ecs:eu-west-1:123456789012:service/shop/celery", reason: "MISSING" }];

test("a service that ECS says nothing of is not taken for one that is not there", async () => {
  const call = answering({ services: [{ serviceName: "web", status: "ACTIVE" }], failures: [] });
  await expect(describeServices({ cluster: "shop" }, asked, call)).rejects.toThrow(
    "ECS answered for 1 of 2 services, and said nothing of celery",
  );
});

test("one that ECS says is missing is not there", async () => {
  const call = answering({ services: [{ serviceName: "web", status: "ACTIVE" }], failures });
  expect((await describeServices({ cluster: "shop" }, asked, call)).map(({ name }) => name)).toEqual(["web"]);
});

test("one of which ECS says anything else is not taken for missing", async () => {
  const unsure = failures.map((one) => ({ ...one, reason: "UNSURE" }));
  const call = answering({ services: [{ serviceName: "web", status: "ACTIVE" }], failures: unsure });
  await expect(describeServices({ cluster: "shop" }, asked, call)).rejects.toThrow("said nothing of celery");
});
