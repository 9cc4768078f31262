import { BatchDeleteImageCommand, InitiateLayerUploadCommand, PutImageCommand } from "@aws-sdk/client-ecr";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { modelYaml, parseModelYaml } from "../../../src/lib/compose/yaml.ts";
import type { Config, EnvironmentConfig } from "../../../src/lib/config/config.ts";
import type { WrittenGates } from "../../../src/lib/config/gates-words.ts";
import { createParameter } from "../../../src/lib/ledger/store.ts";
import type { PublishedRelease } from "../../../src/lib/release/release.ts";
import { textIn } from "../provenance/world.ts";
import { type AttackWorld, attackWorld, type Forgery } from "./world.ts";

// What somebody who has taken one of the roles that `threads policy iam` prints tries, or several of them, and what is missing then.
// Who may write which record is IAM's to say (roles.test.ts): that a record is there proves nothing by itself.

let here: AttackWorld;
beforeAll(async () => {
  here = await attackWorld();
});
afterAll(() => here[Symbol.asyncDispose]());

const privileged: Forgery = {
  files: (files) => {
    const model = parseModelYaml(textIn(files, "compose.yml")) as { services: { web: object } };
    const web = { ...model.services.web, privileged: true };
    return { ...files, "compose.yml": modelYaml({ ...model, services: { ...model.services, web } }) };
  },
};
const isForged = "compose.yml: services.web.privileged is true, and git's files do not have it";
const write = async (job: "promoter" | "deployer", name: string, record: object): Promise<unknown> =>
  createParameter(name, JSON.stringify({ schema: 1, ...record }), {
    aws: await here.as(job, "prod"),
    clock: here.ports.clock,
  });
const by = { user: "eve", host: "desk" };
const at = "2026-11-22T10:00:00.000Z";
const forgedPromotion = ({ release, digest }: PublishedRelease, change: object = {}): Promise<unknown> =>
  write("promoter", `/threads/prod/promotions/${digest.slice("sha256:".length)}`, {
    environment: "prod",
    revision: release.revision,
    bundle: digest,
    tags: [`prod-${release.revision}`],
    gates: {},
    overrides: [],
    sources: "compared",
    by,
    at,
    version: "1.0.0",
    ...change,
  });
const forgedDeployment = ({ release, digest, repository }: PublishedRelease, number: number): Promise<unknown> =>
  write("deployer", `/threads/prod/deployments/${String(number).padStart(6, "0")}`, {
    number,
    kind: "deploy",
    revision: release.revision,
    tree: release.tree,
    bundle: { repository, digest },
    images: release.images,
    hosts: ["i-00000000000000001"],
    by,
    startedAt: at,
    deadline: at,
    nonce: "forged",
  });

test("(an honest release goes all the way)", async () => {
  const { release } = await here.publish("honest");
  expect(await here.promote(release.revision)).toMatchObject({ outcome: "promoted" });
  expect((await here.deploy("prod", release.revision)).release).toEqual(release);
  expect((await here.deploy("staging", release.revision)).release).toEqual(release);
});

describe("with push rights only,", () => {
  test("an own build with all tags of a promotion lacks the ledger's record", async () => {
    const mine = await here.publish("tags of a promotion");
    await here.tag(mine, `prod-${mine.release.revision}`);
    await expect(here.deploy("prod", mine.release.revision)).rejects.toMatchObject({
      code: "NOT_PROMOTED",
      message: expect.stringMatching(/the ledger knows of no promotion to prod: a tag is no authorisation$/),
    });
  });

  test("a bundle with a privileged compose file is not what git has, where nothing needs to be promoted either", async () => {
    const { release } = await here.publish("privileged in staging", privileged);
    await expect(here.deploy("staging", release.revision)).rejects.toMatchObject({
      code: "BUNDLE_DIFFERS",
      details: [isForged],
    });
  });

  test("a bundle that pins an image from elsewhere is no release", async () => {
    const { release } = await here.publish("pins elsewhere", {
      release: (own) => ({ ...own, images: { ...own.images, web: { ...own.images["web"]!, repository: "evil/web" } } }),
    });
    await expect(here.deploy("staging", release.revision)).rejects.toMatchObject({
      code: "FOREIGN_PINS",
      details: [expect.stringMatching(/^web: evil\/web@sha256:\w+, and not threads\/web$/)],
    });
  });

  test("a bundle under another commit's tag, or of a tree that is not the commit's, is none of it", async () => {
    const honest = await here.publish("honest, to be followed");
    const other = await here.publish("other tree", { release: (own) => ({ ...own, tree: honest.release.tree }) });
    await expect(here.deploy("staging", other.release.revision)).rejects.toMatchObject({
      code: "BUNDLE_DIFFERS",
      details: [expect.stringContaining(`is ${honest.release.tree}, and `)],
    });
  });

  test("a tag that is moved after the promotion takes nothing along", async () => {
    const good = await here.publish("to be moved");
    const { revision } = good.release;
    await here.promote(revision);
    const bad = await here.publish("moved to");
    const { registry } = here.ports;
    // The adapter itself moves no tag: ECR does it for whoever asks.
    const ecr = await (await here.as("publisher")).ecr();
    const forged = await ecr.send(
      new PutImageCommand({
        repositoryName: good.repository,
        imageTag: `prod-${revision}`,
        imageManifest: (await registry.read(bad.repository, bad.digest))?.body,
      }),
    );
    expect(forged.image?.imageId?.imageDigest).toBe(bad.digest);
    await expect(here.deploy("prod", revision)).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
  });
});

describe("with push and promote rights,", () => {
  test("a forged bundle is not promoted: the gate that nobody overrides says what differs", async () => {
    const { release } = await here.publish("privileged and promoted", privileged);
    await expect(here.promote(release.revision)).rejects.toMatchObject({
      code: "GATES_SHUT",
      exitCode: 3,
      message: expect.stringContaining(isForged),
    });
    expect(here.world.smoked.map(({ revision }) => revision)).not.toContain(release.revision);
  });
});

describe("with the rights to promote or to deploy, and none to push,", () => {
  const denied = (action: string) => ({
    name: "AccessDeniedException",
    message: expect.stringContaining(`is not authorized to perform: ${action}`) as string,
  });

  test("nobody brings in an image", async () => {
    for (const job of ["promoter", "deployer"] as const) {
      const ecr = await (await here.as(job, "prod")).ecr();
      await expect(ecr.send(new InitiateLayerUploadCommand({ repositoryName: "threads/web" }))).rejects.toMatchObject(
        denied("ecr:InitiateLayerUpload"),
      );
    }
  });

  test("nobody who deploys gives a tag", async () => {
    const { digest, repository, release } = await here.publish("to be tagged");
    const ecr = await (await here.as("deployer", "prod")).ecr();
    const imageManifest = (await here.ports.registry.read(repository, digest))?.body;
    const imageTag = `prod-${release.revision}`;
    await expect(
      ecr.send(new PutImageCommand({ repositoryName: repository, imageTag, imageManifest })),
    ).rejects.toMatchObject(denied("ecr:PutImage"));
  });

  test("nobody has an image deleted, and so a tag made free", async () => {
    const { repository, release } = await here.publish("to be freed");
    for (const [job, environment] of [
      ["publisher", undefined],
      ["promoter", "prod"],
      ["deployer", "prod"],
    ] as const) {
      const ecr = await (await here.as(job, environment)).ecr();
      const imageIds = [{ imageTag: release.revision }];
      await expect(
        ecr.send(new BatchDeleteImageCommand({ repositoryName: repository, imageIds })),
      ).rejects.toMatchObject(denied("ecr:BatchDeleteImage"));
    }
  });
});

describe("whoever may write the ledger, and push,", () => {
  test("forges a promotion, and the bundle is compared with git all the same", async () => {
    const mine = await here.publish("privileged with a record", privileged);
    await here.tag(mine, `prod-${mine.release.revision}`);
    await forgedPromotion(mine);
    await expect(here.deploy("prod", mine.release.revision)).rejects.toMatchObject({
      code: "BUNDLE_DIFFERS",
      details: [isForged],
    });
  });

  test.each([
    ["of another release", { bundle: `sha256:${"0".repeat(64)}` }],
    ["to another environment", { environment: "staging" }],
    ["of nothing", { revision: undefined }],
  ])("or copies a promotion %s, which says nothing of this one", async (what, change) => {
    const mine = await here.publish(`a record ${what}`);
    await here.tag(mine, `prod-${mine.release.revision}`);
    await forgedPromotion(mine, change);
    await expect(here.deploy("prod", mine.release.revision)).rejects.toMatchObject({ code: "NOT_PROMOTED" });
  });

  test("or forges evidence without a check, and the release is tested", async () => {
    const { release, digest } = await here.publish("evidence of nothing");
    const images = Object.fromEntries(Object.entries(release.images).map(([name, pin]) => [name, pin.digest]));
    const name = `/threads/evidence/${release.revision}/${digest.slice("sha256:".length)}/smoke`;
    await write("promoter", name, {
      kind: "smoke",
      revision: release.revision,
      images,
      checks: [],
      moreChecks: 0,
      by,
      at,
      version: "1",
    });
    expect(await here.promote(release.revision)).toMatchObject({ smoke: { evidence: "run" } });
  });

  test("or forges a deployment to prod: by that name nothing is found that was not promoted", async () => {
    const mine = await here.publish("privileged with a deployment", privileged);
    await forgedDeployment(mine, 1);
    await write("deployer", "/threads/prod/deployments/000001/outcome", {
      number: 1,
      nonce: "forged",
      result: "succeeded",
      hosts: [{ id: "i-00000000000000001", state: "new" }],
      finishedAt: at,
    });
    await expect(here.deploy("prod", "prod")).rejects.toMatchObject({ code: "NOT_PROMOTED" });
    await expect(here.deploy("staging", mine.release.revision)).rejects.toMatchObject({
      code: "BUNDLE_DIFFERS",
      details: [isForged],
    });
    // Whoever deploys to staging alone does not read what runs in prod.
    await expect(here.deploy("staging", "prod")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  });
});

describe("with a workflow that is dispatched from a branch,", () => {
  /** What the branch says of prod. */
  const branch = (change: Partial<EnvironmentConfig>): Config => {
    const { config } = here.ports;
    const { prod } = config.environments;
    if (prod === undefined) throw new Error("there is no prod");
    return { ...config, environments: { ...config.environments, prod: { ...prod, ...change } } };
  };
  const ungated = (): Config => branch({ requiresPromotion: false });
  const loose = (): Config => branch({ gates: { smoke: true, soakMs: 0 } });
  const push = (gates: WrittenGates | null): Promise<unknown> =>
    here.ports.ledger.pushPolicy({
      environment: "prod",
      gates,
      principal: "user/ada",
      by: { user: "ada", host: "a" },
      at,
    });
  afterEach(() => push(null));

  test("(without a policy, a branch that has no gates lets anything published through)", async () => {
    const { release } = await here.publish("nobody asked");
    expect((await here.deploy("prod", release.revision, ungated())).release).toEqual(release);
  });

  test("one without gates deploys nothing that was not promoted, by the policy that is pushed", async () => {
    await push({ smoke: true, approvals: { count: 2 } });
    const { release } = await here.publish("nobody asked, and a policy");
    await expect(here.deploy("prod", release.revision, ungated())).rejects.toMatchObject({
      code: "NOT_PROMOTED",
      exitCode: 3,
      message: expect.stringMatching(/by the policy that user\/ada pushed on .* prod takes promoted releases only/),
    });
  });

  test("one with fewer gates promotes by those of the policy", async () => {
    await push({ smoke: true, approvals: { count: 2 } });
    const { release } = await here.publish("promoted by a branch");
    for (const config of [ungated(), loose()])
      expect(await here.promote(release.revision, config)).toMatchObject({
        outcome: "waiting",
        promoted: false,
        gates: expect.arrayContaining([
          expect.objectContaining({
            gate: "approvals",
            state: "missing",
            policy: expect.stringMatching(/^2 approvals by the policy that user\/ada pushed on /),
          }),
        ]),
      });
  });

  describe("where the policy keeps the checks that threads.yml had,", () => {
    const wanted = ["/", "/readyz"].map((path) => ({ path, status: 200 }));
    const lacks = expect.stringContaining(
      "shows /readyz, which the policy asks for, and which this threads.yml does not have",
    ) as string;

    test("one with fewer checks promotes nothing by a smoke test of its own, and runs none for it", async () => {
      const { release } = await here.publish("fewer checks");
      await push({ smoke: true, smoke_checks: wanted });
      await expect(here.promote(release.revision)).rejects.toMatchObject({
        code: "GATES_SHUT",
        exitCode: 3,
        message: lacks,
        next: expect.arrayContaining(["threads policy show -e prod"]) as string[],
      });
      expect(here.world.smoked.map(({ revision }) => revision)).not.toContain(release.revision);
    });

    test("nor by one that passed before, which showed less", async () => {
      const { release, digest } = await here.publish("fewer checks before");
      const images = Object.fromEntries(Object.entries(release.images).map(([name, pin]) => [name, pin.digest]));
      const seen = (paths: readonly string[]) => ({
        kind: "smoke",
        revision: release.revision,
        images,
        checks: paths.map((path) => ({ path, status: 200, ok: true, ms: 1 })),
        moreChecks: 0,
        by,
        at,
        version: "1",
      });
      const name = `/threads/evidence/${release.revision}/${digest.slice("sha256:".length)}/smoke`;
      await write("promoter", name, seen(["/"]));
      await push({ smoke: true, smoke_checks: wanted });
      await expect(here.promote(release.revision)).rejects.toMatchObject({ code: "GATES_SHUT", message: lacks });
      // One that has shown all of them counts, whoever promotes.
      await write("promoter", `${name}/more`, seen(["/", "/readyz"]));
      expect(await here.promote(release.revision)).toMatchObject({
        outcome: "promoted",
        smoke: { evidence: "recorded" },
      });
    });
  });

  test("an own threads that promotes past the policy leaves a record that deploy does not take", async () => {
    const mine = await here.publish("promoted past the policy");
    await here.promote(mine.release.revision, loose());
    await push({ smoke: true, approvals: { count: 2 } });
    for (const config of [here.ports.config, ungated()])
      await expect(here.deploy("prod", mine.release.revision, config)).rejects.toMatchObject({
        code: "NOT_PROMOTED",
        message: expect.stringMatching(
          /without all gates of the policy that user\/ada pushed on .*: approvals and smoke$/,
        ),
      });
  });

  test("whoever writes over the policy with something else opens nothing", async () => {
    const { release } = await here.publish("a broken policy");
    const put = { Name: "/threads/prod/policy", Value: "none", Type: "String", Overwrite: true } as const;
    const ssm = await (await here.as("policymaker", "prod")).ssm();
    await ssm.send(new PutParameterCommand(put));
    await expect(here.deploy("prod", release.revision, ungated())).rejects.toMatchObject({ code: "POLICY_UNREADABLE" });
    await expect(here.promote(release.revision, ungated())).rejects.toMatchObject({ code: "POLICY_UNREADABLE" });
  });
});

test("an option is no release", async () => {
  for (const name of ["--dry-run", "--force", "--supersede=5", "-h"])
    await expect(here.deploy("prod", name)).rejects.toMatchObject({ code: "UNKNOWN_REVISION", exitCode: 2 });
});
