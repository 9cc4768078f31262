import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chooseRelease } from "../../../../src/lib/actions/deploy/choose-release.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
let notes: string[];
beforeEach(async () => {
  fleet = await Fleet.open();
  fleet.publish("one");
  notes = [];
});
afterEach(() => fleet.close());

const choose = (release?: string, environment = "prod", unverified = false): Promise<PublishedRelease> => {
  const ports = fleet.ports();
  const progress = { ...ports.progress, note: (text: string) => notes.push(text) };
  const ruling = ports.ledger.ruling(environment);
  const wanted = { environment: ports.config.environments[environment]!, ruling, release, unverified };
  return chooseRelease(wanted, { ...ports, progress });
};
const short = (word: string) => sha(word).slice(0, 12);
const move = (from: string, to: string) =>
  fleet.manifests.set(`threads/bundle ${to}`, fleet.manifests.get(`threads/bundle ${from}`)!);

test("says which release it is, and why", async () => {
  expect((await choose()).release.revision).toBe(sha("one"));
  expect(notes).toEqual([`HEAD (prod) is ${short("one")}, which is published`]);
});

test("warns of what is not part of it", async () => {
  const ports = fleet.ports();
  const head = async () => ({ ...(await ports.source.head()), dirty: ["a.txt"] });
  const ruling = ports.ledger.ruling("prod");
  const wanted = { environment: ports.config.environments["prod"]!, ruling, release: undefined, unverified: false };
  await chooseRelease(wanted, { ...ports, source: { ...ports.source, head } });
  expect(fleet.warnings).toEqual([`1 uncommitted change is not part of ${short("one")} (a.txt)`]);
});

describe("where a promotion is wanted", () => {
  beforeEach(() => {
    fleet.publish("two", false, "merge");
    fleet.head = "merge";
    fleet.ancestors = [{ revision: sha("two"), tree: sha("tree merge"), parents: [] }];
  });

  test("the release of the same sources must be promoted, and it is that which is named", async () => {
    await expect(choose()).rejects.toMatchObject({
      code: "NOT_PROMOTED",
      exitCode: 3,
      message: expect.stringContaining(short("two")),
      next: [`threads promote ${sha("two")} -e prod`],
    });
    fleet.publish("two", true, "merge");
    expect((await choose()).release.revision).toBe(sha("two"));
    expect(notes.at(-1)).toContain(`${short("merge")}, which was not published itself; ${short("two")} was`);
  });

  test("elsewhere it need not be", async () => {
    expect((await choose(undefined, "staging")).release.revision).toBe(sha("two"));
  });

  test("a promoted tag that names another bundle is a conflict", async () => {
    move(sha("one"), `prod-${sha("two")}`);
    await expect(choose(sha("two"))).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
  });
});

describe("a tag is no authorisation:", () => {
  const revision = sha("two");
  const record = (name: string): string => `/threads/prod/promotions/${hex()}${name}`;
  const hex = (): string => fleet.bundle(revision).digest.slice("sha256:".length);
  const store = (): Map<string, string> => fleet.ssm.parameters.store;
  beforeEach(() => {
    fleet.publish("two", false);
    fleet.tag(fleet.bundle(revision), `prod-${revision}`);
  });
  const refused = {
    code: "NOT_PROMOTED",
    exitCode: 3,
    message: expect.stringContaining(`${short("two")} has the tag prod-${revision}`),
    next: [`threads promote ${revision} -e prod`],
  };
  const whole = { schema: 1, environment: "prod", revision, tags: [], overrides: [] };
  const record64 = (change: object): string => JSON.stringify({ ...whole, bundle: `sha256:${hex()}`, ...change });

  test("what was tagged by hand is refused", async () => {
    await expect(choose(revision)).rejects.toMatchObject(refused);
  });

  test.each([
    ["of another environment", () => record64({ environment: "staging" })],
    ["of another bundle", () => record64({ bundle: `sha256:${"0".repeat(64)}` })],
    ["of another revision", () => record64({ revision: sha("one") })],
    ["without a bundle", () => record64({ bundle: undefined })],
    ["without tags", () => record64({ tags: "prod" })],
    ["that is none", () => "promoted"],
    ["of no schema", () => "{}"],
  ])("and so it is with a record %s", async (_, text) => {
    store().set(record(""), text());
    await expect(choose(revision)).rejects.toMatchObject(refused);
    // Nor does that record stand in the way of the right one, wherever it found room.
    store().set(record("/2"), record64({}));
    expect((await choose(revision)).release.revision).toBe(revision);
  });

  test("a record that only another environment has does not help", async () => {
    fleet.recordPromotion("staging", { revision, bundle: fleet.bundle(revision).digest });
    await expect(choose(revision)).rejects.toMatchObject(refused);
  });

  test("nor does a record without the tag: half a promotion is none", async () => {
    fleet.manifests.delete(`threads/bundle prod-${revision}`);
    fleet.recordPromotion("prod", { revision, bundle: fleet.bundle(revision).digest });
    await expect(choose(revision)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining(`the promotion of ${short("two")} to prod`),
    });
  });

  test("the record is asked for beside the registry: one call, behind that for freeze and policy", async () => {
    await choose(sha("one"));
    expect(fleet.ssm.calls).toEqual(["GetParameters", "GetParameters"]);
  });
});

test("an image that is gone is named, with the rules that may have taken it", async () => {
  const key = [...fleet.manifests.keys()].find((name) => name.startsWith("threads/nginx"));
  fleet.manifests.delete(key ?? "");
  await expect(choose()).rejects.toMatchObject({
    code: "IMAGE_GONE",
    next: ["aws ecr get-lifecycle-policy --repository-name threads/nginx", "threads history -e prod"],
  });
});

test("so is an edge, which hosts pull like the images", async () => {
  fleet.publish("two", true, "two", true);
  fleet.head = "two";
  expect((await choose()).release.edge?.repository).toBe("threads/edge");
  fleet.manifests.delete([...fleet.manifests.keys()].find((name) => name.startsWith("threads/edge")) ?? "");
  await expect(choose()).rejects.toMatchObject({
    code: "IMAGE_GONE",
    next: ["aws ecr get-lifecycle-policy --repository-name threads/edge", "threads history -e prod"],
  });
});

test("what was never published is refused with the way to it, and with this command for the nearest", async () => {
  fleet.head = "new";
  fleet.ancestors = [{ revision: sha("one"), tree: "", parents: [] }];
  await expect(choose()).rejects.toMatchObject({
    code: "NOT_PUBLISHED",
    next: ["git switch dev && git merge prod", `threads deploy -e prod ${sha("one")}`],
  });
});

test("an environment that runs nothing yet names no release", async () => {
  await expect(choose("staging")).rejects.toMatchObject({ code: "NOTHING_DEPLOYED", exitCode: 3 });
});

describe("a bundle that is not what git has", () => {
  beforeEach(() => {
    fleet.provenance = { state: "different", differences: ["compose.yml: services.web.privileged is true", "other"] };
  });

  test.each(["prod", "staging"])("goes nowhere, whatever the ledger says: %s", async (environment) => {
    for (const unverified of [false, true])
      await expect(choose(sha("one"), environment, unverified)).rejects.toMatchObject({
        code: "BUNDLE_DIFFERS",
        exitCode: 3,
        message: `the bundle is not what git has at ${short("one")}: compose.yml: services.web.privileged is true (and 1 more)`,
        details: ["compose.yml: services.web.privileged is true", "other"],
        next: [
          expect.stringMatching(/^aws ecr describe-images --repository-name threads\/bundle .*imageDigest=sha256:/),
        ],
      });
  });
});

describe("a machine that cannot compare the bundle with git", () => {
  beforeEach(() => {
    const why = new ThreadsError("UNKNOWN_REVISION", { message: "git does not know it" });
    fleet.provenance = { state: "unknown", why };
  });

  const unknown = {
    code: "SOURCES_UNKNOWN",
    exitCode: 3,
    message: expect.stringMatching(/ here: git does not know it$/),
  };
  const fetches = [`git fetch origin ${sha("one")}`, "git fetch --all --tags"];

  test("deploys what was compared when it was promoted, and says so", async () => {
    await choose(sha("one"));
    expect(notes.at(-1)).toBe(
      `the bundle of ${short("one")} was compared with git when it was promoted; here it cannot be: git does not know it`,
    );
  });

  test("does not deploy what an older threads promoted without comparing, and takes no flag for it", async () => {
    fleet.recordPromotion("prod", { revision: sha("one"), bundle: fleet.bundle(sha("one")).digest }, {});
    for (const unverified of [false, true])
      await expect(choose(sha("one"), "prod", unverified)).rejects.toMatchObject({
        ...unknown,
        next: [...fetches, `threads promote ${sha("one")} -e prod`],
      });
  });

  test("deploys to where there are no gates only if somebody says so, and warns", async () => {
    await expect(choose(sha("one"), "staging")).rejects.toMatchObject({
      ...unknown,
      next: [...fetches, `threads deploy -e staging ${sha("one")} --unverified`],
    });
    await choose(sha("one"), "staging", true);
    expect(fleet.warnings).toEqual([
      `nobody has compared the bundle of ${short("one")} with git: git does not know it`,
    ]);
  });
});
