import { beforeEach, expect, test } from "vitest";
import { wrapped } from "../../../../src/lib/output/wrap.ts";
import { renderEcsTasks } from "../../../../src/lib/output/render/ecs.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { failureOf } from "../../ecs/world.ts";
import { asked, begin, notes, publish, registry, render, revision } from "./world.ts";

beforeEach(begin);

test("a release is what its bundle and its images say, by digest, with settings by reference", async () => {
  const { images } = publish();
  const { tasks, bundle, revision: of } = await render();
  expect(of).toBe(revision);
  expect(registry.manifests.get(revision)?.digest).toBe(bundle);
  expect(asked).toEqual(["/threads/cloud/"]);
  const [web, migrate] = tasks;
  expect(web?.taskDefinition.containerDefinitions).toMatchObject([
    {
      name: "web",
      image: `registry.test/threads/web@${images["web"]?.digest}`,
      healthCheck: { command: ["CMD", "ok"], interval: 10, timeout: 3, retries: 3 },
      secrets: [{ name: "DJANGO_SECRET_KEY", valueFrom: "/threads/cloud/DJANGO_SECRET_KEY" }],
    },
    {
      name: "nginx",
      environment: [{ name: "WORKERS", value: "2" }],
      dependsOn: [{ containerName: "web", condition: "HEALTHY" }],
    },
  ]);
  expect(web?.taskDefinition.tags).toEqual([
    { key: "threads:release", value: revision },
    { key: "threads:bundle", value: bundle },
  ]);
  // The migration runs the image of the service whose it is.
  expect(migrate).toMatchObject({ name: "migrate", service: null });
  expect(migrate?.taskDefinition.containerDefinitions[0]?.image).toBe(
    `registry.test/threads/web@${images["web"]?.digest}`,
  );
});

test("text is JSON and nothing else; what is told stands beside it", async () => {
  publish();
  const result = await render({ service: "nginx" });
  const text = renderEcsTasks(result, plainPaint).join("\n");
  expect(Object.keys(JSON.parse(text) as object)).toEqual(["web"]);
  // On a terminal it is copied off the screen.
  expect(renderEcsTasks(result, plainPaint, 30).flatMap((line) => wrapped(line, 30))).toEqual(text.split("\n"));
  expect(notes).toEqual(expect.arrayContaining(result.notes as string[]));
  expect(result.notes).toContain(
    "web and nginx share one network: they find each other at 127.0.0.1, and not by their names as in compose",
  );
});

test("of one task what is told is about that", async () => {
  publish();
  const { notes: told, tasks } = await render({ service: "migrate" });
  expect({ told, tasks: tasks.map(({ name }) => name) }).toEqual({ told: [], tasks: ["migrate"] });
});

test("a task goes before a service of its name that is in another", async () => {
  publish();
  const services = { web: { containers: ["nginx"] }, app: { containers: ["web"] } };
  const { tasks } = await render({ service: "web" }, undefined, { services });
  expect(tasks.map(({ name }) => name)).toEqual(["web"]);
  expect(tasks[0]?.taskDefinition.containerDefinitions.map(({ name }) => name)).toEqual(["nginx"]);
});

test("nobody is asked for names of settings that threads.yml has", async () => {
  publish();
  const [web] = (await render({}, [], { settings: ["DJANGO_SECRET_KEY"] })).tasks;
  expect(asked).toEqual([]);
  expect(web?.taskDefinition.containerDefinitions[0]?.secrets?.map(({ name }) => name)).toEqual(["DJANGO_SECRET_KEY"]);
});

test("all that cannot be translated is told at once", async () => {
  publish({
    services: {
      web: { image: "${WEB_IMAGE}", security_opt: ["no-new-privileges:true"], stop_grace_period: "5m" },
      nginx: { image: "${NGINX_IMAGE}", privileged: true },
    },
  });
  const failure = await failureOf(render({}, []));
  expect(failure).toMatchObject({ code: "NOT_FOR_ECS", exitCode: 3 });
  expect(failure.message).toMatch(/^4f2c00000000 cannot run on the ECS of cloud, for 4 reasons: /);
  expect(failure.details.map((line) => line.slice(0, 40))).toEqual([
    "the release needs DJANGO_SECRET_KEY (x-r",
    "web has a stop_grace_period of 300 s, an",
    "web has security_opt no-new-privileges:t",
    "nginx has privileged, for which ECS has ",
  ]);
});

test("a bundle from before has no model that stands alone, and is refused", async () => {
  publish({ schema: 1 });
  expect(await failureOf(render())).toMatchObject({
    code: "NOT_A_BUNDLE",
    message: expect.stringContaining("an older threads has published it"),
  });
});

test("an image that the registry lost is named", async () => {
  const { images } = publish();
  registry.manifests.delete(images["nginx"]?.digest ?? "");
  expect(await failureOf(render())).toMatchObject({
    code: "IMAGE_GONE",
    message: expect.stringContaining("threads/nginx"),
  });
});

test("a task that there is not leads to those that there are", async () => {
  publish();
  expect(await failureOf(render({ service: "migrat" }))).toMatchObject({
    code: "UNKNOWN_SERVICE",
    next: [`threads ecs render -e cloud ${revision} --service migrate`],
  });
});

test("an environment on hosts is no ECS", async () => {
  expect(await failureOf(render({ environment: "staging" }))).toMatchObject({
    code: "ENVIRONMENT_WITHOUT_ECS",
    next: [`threads ecs render -e cloud ${revision}`],
  });
});
