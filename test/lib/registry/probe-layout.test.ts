import { expect, test } from "vitest";
import type { Config } from "../../../src/lib/config/config.ts";
import { openRegistry } from "../../../src/lib/registry/open.ts";
import { anEnvironment } from "../../fakes/config.ts";
import { awsOf, type FakeEcr, fakeEcr } from "../../fakes/ecr.ts";
import { layouts } from "../../fakes/ecr-repo.ts";
import { jumpingClock, registryOn } from "./connect.ts";

const services = ["web", "celery", "celery-beat", "nginx"];
const opened = (ecr: FakeEcr, path: string, changes: Partial<Pick<Config, "environments" | "services">> = {}) =>
  openRegistry({
    config: {
      app: "threads",
      account: undefined,
      registry: { repository: `${ecr.host}/${path}`, bundle: "bundle" },
      services,
      runtime: { strategy: "recreate" },
      environments: {},
      ...changes,
    },
    aws: awsOf(ecr),
    clock: jumpingClock(),
  });
const asked = (ecr: FakeEcr) => ecr.calls.filter((call) => call === "DescribeRepositories").length;
const denied = { error: "AccessDeniedException", status: 400 };

test("a clear form costs no call at all", async () => {
  await using ecr = await fakeEcr({ repositories: ["threads", "threads/web"] });
  for (const path of [...Object.values(layouts), "threads/{service}", ""]) await opened(ecr, path);
  expect(ecr.calls).toEqual([]);
});

test("repositories below the name, and none of that name: one call says so", async () => {
  await using ecr = await fakeEcr();
  const { repo } = await opened(ecr, "threads");
  expect([repo.repositoryFor("web"), repo.tagFor("web", "v1")]).toEqual(["threads/web", "v1"]);
  expect(repo.inferred).toBe(true);
  expect(repo.explanation).toMatch(/repositories threads\/\{service\}; there is no repository threads itself$/);
  expect(asked(ecr)).toBe(1);
});

test("a repository of that name alone is the one for all: its tags name the service", async () => {
  await using ecr = await fakeEcr({ repositories: ["threads", "other/web"] });
  const { repo } = await opened(ecr, "threads");
  expect([repo.single, repo.repositoryFor("web"), repo.tagFor("web", "v1")]).toEqual([true, "threads", "v1-web"]);
  expect(repo.explanation).toMatch(
    /one repository threads, tags \{tag\}-\{service\}; there is a repository threads, and none of threads\/\{service\}$/,
  );
});

test("nothing there at all: read as documented, so that it is said what is missing", async () => {
  await using ecr = await fakeEcr({ repositories: [] });
  const { registry, repo } = await opened(ecr, "threads");
  await expect(registry.find(repo.repositoryFor("web"), "a")).rejects.toMatchObject({
    code: "REPOSITORY_NOT_FOUND",
    message: expect.stringContaining("threads/web"),
    details: [repo.explanation],
  });
});

test.each(["threads/bundle", "threads/web", "threads/celery-beat"])(
  "both threads and %s: refused, with the forms that leave no doubt",
  async (other) => {
    await using ecr = await fakeEcr({ repositories: ["threads", other] });
    await expect(opened(ecr, "threads")).rejects.toMatchObject({
      code: "ECR_REPO_AMBIGUOUS",
      exitCode: 2,
      message: "ECR_REPO names threads: there is a repository of that name, and there are threads/{service}",
      next: [`export ECR_REPO=${ecr.host}/threads/`, `export ECR_REPO='${ecr.host}/threads:{tag}-{service}'`],
    });
    expect(ecr.calls.filter((call) => /Put|Upload/.test(call))).toEqual([]);
  },
);

test.each([1, 6])("who may not ask (%i times) is taken at the documented reading, which says so", async (times) => {
  await using ecr = await fakeEcr({ repositories: ["threads"] });
  if (times > 1) {
    // The name itself may be asked for, and nothing below it.
    ecr.after("DescribeRepositories", () => ecr.fail({ operation: "DescribeRepositories", times, how: denied }));
  } else ecr.fail({ operation: "DescribeRepositories", times, how: denied });
  const { repo } = await opened(ecr, "threads");
  expect(repo.single).toBe(false);
  expect(repo.explanation).toContain(
    `may not be asked (ecr:DescribeRepositories); one for all would be ${ecr.host}/threads:{tag}-{service}`,
  );
});

test("the wrong account is told before the layout, and asked for once", async () => {
  await using ecr = await fakeEcr({ account: "123456789012", repositories: ["threads"] });
  await expect(opened(ecr, "threads")).rejects.toMatchObject({ code: "WRONG_ACCOUNT" });
  await using right = await fakeEcr();
  const { checkAccount } = await opened(right, "threads");
  await checkAccount();
  expect(right.calls.filter((call) => call === "GetCallerIdentity")).toHaveLength(1);
});

test("a layout in which two services could mean the same tag is refused", async () => {
  await using ecr = await fakeEcr();
  const collide = { code: "ECR_REPO_TAGS_COLLIDE", exitCode: 2 };
  const ambiguous = { services: ["beat", "celery-beat"] };
  await expect(opened(ecr, "threads:{tag}-{service}", ambiguous)).rejects.toMatchObject(collide);
  await expect(
    opened(ecr, "threads:{service}-{tag}", { environments: { beat: anEnvironment("beat") } }),
  ).rejects.toMatchObject(collide);
  await expect(opened(ecr, "threads:{service}-{tag}", { services: ["web", "web-tree"] })).rejects.toMatchObject(
    collide,
  );
  await expect(opened(ecr, "threads:{tag}-{service}", { services: ["web", "x-bundle"] })).rejects.toMatchObject(
    collide,
  );
  await expect(opened(ecr, "threads:{service}-{tag}")).resolves.toMatchObject({ repo: { single: true } });
});

test("a repository that is missing: how ECR_REPO was understood is said", async () => {
  await using ecr = await fakeEcr({ repositories: [] });
  await expect(registryOn(ecr).find("threads/web", "a")).rejects.toMatchObject({
    code: "REPOSITORY_NOT_FOUND",
    details: [`ECR_REPO: registry ${ecr.host} (sandbox on this machine), repositories threads/{service}`],
  });
});
