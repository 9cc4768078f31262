import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateRepositoryCommand, ECRClient, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { expect, it } from "vitest";
import type { DoctorCheckResult, DoctorResult } from "../../../../src/lib/actions/doctor/result.ts";
import { doctor } from "../../../../src/lib/actions/doctor/run.ts";
import { gatesAsWritten } from "../../../../src/lib/config/gates-words.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { parseDigest } from "../../../../src/lib/image/digest.ts";
import { putImage } from "../../sandbox/server/conformance/material.ts";
import { services, testWorld, type TestWorld } from "./world.ts";

const all = { environment: undefined };
const sha = "3f9c2ab01234".padEnd(40, "0");

function find(result: DoctorResult, check: string): DoctorCheckResult[] {
  return result.checks.filter((one) => one.check === check);
}

/** Publishes, tags for prod and deploys four images and a bundle, as the train does. */
async function deployToProd({ sandbox, ledger }: TestWorld): Promise<void> {
  const push = async (name: string): Promise<{ repository: string; digest: ReturnType<typeof parseDigest> }> => {
    const { digest } = await putImage(sandbox.ecr, `threads/${name}`, [sha, `prod-${sha}`]);
    return { repository: `threads/${name}`, digest: parseDigest(digest) };
  };
  const images = Object.fromEntries(await Promise.all(services.map(async (name) => [name, await push(name)] as const)));
  const intent = await ledger.begin("prod", 1, {
    kind: "deploy",
    revision: sha,
    tree: "b".repeat(40),
    bundle: await push("bundle"),
    images,
    hosts: ["i-00000000000000001"],
    by: { user: "ada", host: "laptop" },
    startedAt: new Date().toISOString(),
    deadline: new Date(Date.now() + 900_000).toISOString(),
  });
  const finishedAt = new Date().toISOString();
  await ledger.finish("prod", {
    schema: 1,
    number: 1,
    nonce: intent.nonce,
    result: "succeeded",
    hosts: [],
    finishedAt,
  });
}

async function expireAfter(world: TestWorld, repositoryName: string, days: number): Promise<void> {
  const selection = { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: days };
  const rules = [{ rulePriority: 1, description: "Builds go", selection, action: { type: "expire" } }];
  const lifecyclePolicyText = JSON.stringify({ rules });
  await world.sandbox.ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
}

it("finds nothing wrong where nothing is, and writes nothing", async () => {
  await using test = await testWorld();
  await test.createRepositories();
  test.addHosts();
  await deployToProd(test);
  const { gates } = (await test.ports().config()).environments["prod"]!;
  const pushed = { environment: "prod", gates: gatesAsWritten(gates), by: { user: "ada", host: "laptop" } };
  await test.ledger.pushPolicy({ ...pushed, at: "2026-11-22T10:00:00.000Z" });
  const [{ last }, calls] = [await test.sandbox.log(), test.ssm.calls.length];
  const result = await doctor(all, test.ports());
  expect(result.checks.filter(({ state }) => state !== "ok")).toEqual([]);
  expect(result.outcome).toBe("passed");
  expect(result.checks.map(({ title }) => title)).toEqual([
    "Node and threads",
    "threads.yml",
    "compose files of test",
    "compose files of smoke",
    "compose files of runtime",
    "git repository",
    "Docker",
    "killed runs",
    "AWS account",
    "repositories",
    "tag mutability",
    "scan on push",
    "lifecycle policies",
    "hosts of staging",
    "hosts of prod",
    "ledger of staging",
    "ledger of prod",
    "policy of prod",
    "Parameter Store",
  ]);
  expect(find(result, "lifecycle")[0]?.says).toBe(
    "none takes any of the 5 images that are deployed or rollback targets",
  );
  const asked = (await test.sandbox.log(last)).entries.map(({ operation }) => operation ?? "");
  const told = test.ssm.calls.slice(calls);
  expect([...asked, ...told].filter((name) => !/^(?:Get|Describe)/.test(name))).toEqual([]);
  expect(asked.filter((name) => name === "DescribeRepositories")).toHaveLength(6);
});

it("warns where Parameter Store fills up, and counts no further than that", async () => {
  await using test = await testWorld();
  const { store } = test.ssm.parameters;
  for (let number = 0; number < 8_100; number += 1) store.set(`/of/somebody/else/${number}`, "x");
  const result = await doctor(all, test.ports());
  expect(find(result, "parameters")[0]).toMatchObject({
    state: "warn",
    next: ["threads history -e staging --compact", "threads history -e prod --compact"],
  });
  expect(test.ssm.count("DescribeParameters")).toBe(160);
});

it("names what lies in the ledger and is not a record", async () => {
  await using test = await testWorld();
  await test.createRepositories();
  await deployToProd(test);
  const { store } = test.ssm.parameters;
  const name = "/threads/prod/deployments/000002";
  store.set(name, "x");
  store.set(
    "/threads/prod/deployments/000003",
    (store.get("/threads/prod/deployments/000001") ?? "").replace('"number":1', '"number":3'),
  );
  expect(find(await doctor({ environment: "prod" }, test.ports()), "ledger")).toMatchObject([
    { title: "ledger of prod", state: "ok" },
    { title: "ledger of prod", state: "warn", details: [name], next: [`aws ssm get-parameter --name ${name}`] },
  ]);
});

it("fails where a lifecycle rule takes within days what prod runs, and names a policy that does not", async () => {
  await using test = await testWorld();
  await test.createRepositories();
  await deployToProd(test);
  await expireAfter(test, "threads/web", 3);
  // A reply's date has whole seconds: SSM's clock must not seem to be before ECR's, which has the push.
  test.ssm.now = () => Date.now() + 1_000;
  const [check] = find(await doctor(all, test.ports()), "lifecycle");
  expect(check).toMatchObject({
    state: "fail",
    says: "1 of 5 images that are deployed or rollback targets does not stay",
    details: ["prod-3f9c2ab01234 (runs in prod) expires in 3 days: rule 1 of threads/web (any image)"],
  });
  expect(check?.next).toEqual([
    expect.stringMatching(/^aws ecr put-lifecycle-policy --repository-name threads\/web .*"prod-\*"/),
  ]);
});

it("warns where there is time to change the rule", async () => {
  await using test = await testWorld();
  await test.createRepositories();
  await deployToProd(test);
  await expireAfter(test, "threads/web", 60);
  const result = await doctor({ environment: "prod" }, test.ports());
  expect(find(result, "lifecycle")[0]?.state).toBe("warn");
});

it("looks at one environment where it is asked for one, and refuses one that is not there", async () => {
  await using test = await testWorld();
  await test.createRepositories();
  test.addHosts();
  await deployToProd(test);
  await expireAfter(test, "threads/web", 3);
  const result = await doctor({ environment: "staging" }, test.ports());
  expect([find(result, "hosts").map(({ title }) => title), find(result, "lifecycle")[0]?.state]).toEqual([
    ["hosts of staging"],
    "ok",
  ]);
  await expect(doctor({ environment: "prd" }, test.ports())).rejects.toMatchObject({
    code: "UNKNOWN_ENVIRONMENT",
    outcome: "usage",
  });
});

it("names repositories that are missing, settings that are loose and hosts that are not there, each with its fix", async () => {
  await using test = await testWorld();
  const result = await doctor(all, test.ports());
  expect(result.outcome).toBe("failed");
  const [repositories] = find(result, "repositories");
  expect(repositories).toMatchObject({
    state: "fail",
    says: expect.stringContaining("threads/celery-beat") as unknown,
  });
  expect(repositories?.next).toContain(
    "aws ecr create-repository --repository-name threads/bundle --image-tag-mutability IMMUTABLE",
  );
  expect(find(result, "hosts").map(({ state, says }) => [state, says])).toEqual([
    ["fail", "no host with tag threads-env=staging is registered with SSM"],
    ["fail", "no host with tag threads-env=prod is registered with SSM"],
  ]);
  await test.createRepositories({ imageTagMutability: "MUTABLE" });
  expect(find(await doctor(all, test.ports()), "mutability")[0]).toMatchObject({ state: "warn" });
});

it("wants a repository for the edge where hosts have one", async () => {
  await using test = await testWorld();
  await test.createRepositories({ imageTagMutability: "IMMUTABLE" }, ["edge"]);
  const next = "aws ecr create-repository --repository-name threads/edge --image-tag-mutability IMMUTABLE";
  expect(find(await doctor(all, test.ports()), "repositories")[0]).toMatchObject({
    state: "fail",
    next: ["threads sandbox up", next],
  });
  const file = readFileSync(join(test.repository.root, "threads.yml"), "utf8");
  test.repository.write("threads.yml", file.replace("  # strategy: recreate", "  strategy: recreate"));
  expect(find(await doctor(all, test.ports()), "repositories")[0]?.state).toBe("ok");
});

it("looks at one repository for all services once, and judges the tags that it has there", async () => {
  await using test = await testWorld({ ecrRepo: "threads:{service}-{tag}" });
  const create = (settings: object) =>
    test.sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName: "threads", ...settings }));
  expect(find(await doctor(all, test.ports()), "repositories")[0]).toMatchObject({
    state: "fail",
    says: "threads does not exist",
  });
  await create({
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "celery-prod-*" }],
  });
  const before = (await test.sandbox.log()).last;
  const result = await doctor(all, test.ports());
  expect(find(result, "account")[0]?.details).toEqual([
    expect.stringMatching(/one repository threads, tags \{service\}-\{tag\}$/),
  ]);
  expect(find(result, "repositories")[0]).toMatchObject({ state: "ok", says: "threads is there, for all services" });
  expect(find(result, "mutability")[0]).toMatchObject({ state: "warn", says: expect.stringContaining(" in threads") });
  const { entries } = await test.sandbox.log(before);
  expect(entries.filter(({ operation }) => operation === "DescribeRepositories")).toHaveLength(1);
});

it("without credentials tells so once, and still looks at everything else", async () => {
  await using test = await testWorld();
  const nobody = Object.assign(new Error("Could not load credentials from any providers"), {
    name: "CredentialsProviderError",
  });
  const settings = { region: "eu-west-1", endpoint: test.sandbox.url, credentials: () => Promise.reject(nobody) };
  const aws = {
    ...(await test.aws()),
    ecr: () => Promise.resolve(new ECRClient(settings)),
    sts: () => Promise.resolve(new STSClient(settings)),
    ssm: () => Promise.resolve(new SSMClient(settings)),
  };
  const result = await doctor(all, test.ports({ aws: () => Promise.resolve(aws) }));
  expect(result.checks.filter(({ state }) => state === "fail").map(({ check }) => check)).toEqual(["account"]);
  expect(find(result, "account")[0]?.next).toContain("aws sso login");
  expect(find(result, "lifecycle")[0]).toMatchObject({
    state: "warn",
    says: "not looked at, for the same reason as AWS account",
  });
  expect(find(result, "docker")[0]?.state).toBe("ok");
});

it("credentials of another account are the account's failure alone", async () => {
  await using test = await testWorld();
  await test.createRepositories();
  const config = await test.ports().config();
  const elsewhere = {
    ...config,
    registry: { ...config.registry, repository: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads" },
  };
  const result = await doctor(all, test.ports({ config: () => Promise.resolve(elsewhere) }));
  expect(find(result, "account")[0]).toMatchObject({
    state: "fail",
    says: expect.stringContaining("123456789012") as unknown,
  });
});

it("a permission that the role does not have is worth a look, not a failure", async () => {
  await using test = await testWorld();
  await test.createRepositories();
  test.ssm.fail("DescribeInstanceInformation", { type: "AccessDeniedException" }, { type: "AccessDeniedException" });
  const result = await doctor(all, test.ports());
  expect(find(result, "hosts")).toMatchObject([
    { state: "warn", says: expect.stringContaining("AWS denies access") as unknown },
  ]);
});

it("without threads.yml or docker still says what can be said", async () => {
  await using test = await testWorld({
    docker: () => ({ exitCode: 1, stderr: "Cannot connect to the Docker daemon" }),
  });
  const missing = new ThreadsError("NO_CONFIG", { message: "there is no threads.yml", next: ["cd"] });
  const result = await doctor({ environment: "prod" }, test.ports({ config: () => Promise.reject(missing) }));
  const states = Object.fromEntries(result.checks.map(({ check, state }) => [check, state]));
  expect(states).toMatchObject({
    runtime: "ok",
    config: "fail",
    git: "warn",
    docker: "fail",
    account: "warn",
    hosts: "warn",
  });
});

it("an interrupt is no finding", async () => {
  await using test = await testWorld();
  const interrupted = new ThreadsError("INTERRUPTED", { message: "interrupted" });
  await expect(doctor(all, test.ports({ processes: { run: () => Promise.reject(interrupted) } }))).rejects.toBe(
    interrupted,
  );
});
