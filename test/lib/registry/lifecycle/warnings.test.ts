import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { repoAt } from "../../../fakes/ecr-repo.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import type { LifecycleImage } from "../../../../src/lib/registry/lifecycle/simulate.ts";
import { type LifecyclePolicy, parseLifecyclePolicy } from "../../../../src/lib/registry/lifecycle/policy.ts";
import { safeRule } from "../../../../src/lib/registry/lifecycle/remedy.ts";
import type { LifecycleSource } from "../../../../src/lib/registry/lifecycle/source.ts";
import {
  judgeRepository,
  lifecycleWarnings,
  type LifecycleWarning,
} from "../../../../src/lib/registry/lifecycle/warnings.ts";

const day = 24 * 60 * 60 * 1000;
const now = Date.parse("2026-11-22T12:00:00Z");
const sha = "3f9c2ab01234".padEnd(40, "0");
const repository = "threads/web";
const digest = digestOf("web");

const expireShas: LifecyclePolicy = {
  rules: [
    {
      rulePriority: 1,
      description: "Don't keep what nobody names",
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 1 },
      action: { type: "expire" },
    },
    {
      rulePriority: 2,
      selection: {
        tagStatus: "tagged",
        tagPatternList: ["sha-*"],
        countType: "sinceImagePushed",
        countUnit: "days",
        countNumber: 14,
      },
      action: { type: "expire" },
    },
  ],
};

function image(tags: readonly string[], daysAgo: number, more: Partial<LifecycleImage> = {}): LifecycleImage {
  return { digest, tags, pushedAt: now - daysAgo * day, ...more };
}

function judge(
  policy: LifecyclePolicy,
  images: readonly LifecycleImage[],
  tagsToBe?: readonly string[],
  repo = repoAt("127.0.0.1:5000"),
): LifecycleWarning[] {
  const wanted = { repository, digest, because: "runs in prod", ...(tagsToBe === undefined ? {} : { tagsToBe }) };
  return judgeRepository({ repository, policy, images, protected: [wanted], repo }, now);
}

describe("a protected image", () => {
  it("that a rule will take is named with its day, its rule and a policy that saves it", () => {
    const [warning, ...others] = judge(expireShas, [image([`sha-${sha}`, `prod-${sha}`], 11)]);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ kind: "expire", urgent: true, rule: 2, at: "2026-11-25T12:00:00.000Z" });
    expect(warning?.text).toBe("prod-3f9c2ab01234 (runs in prod) expires in 3 days: rule 2 of threads/web (sha-*)");
    // As a shell reads it: the policy may hold quotes of its own.
    const shell = `aws() { printf %s "$6"; }; ${warning?.next[0] ?? ""}`;
    const text = execFileSync("sh", ["-c", shell], { encoding: "utf8" });
    const remedied = parseLifecyclePolicy(text, repository);
    expect(remedied.rules.map(({ selection }) => selection.tagPatternList)).toEqual([["prod-*"], undefined, ["sha-*"]]);
    expect(judge(remedied, [image([`sha-${sha}`, `prod-${sha}`], 11)])).toEqual([]);
  });

  it("whose day has come has 24 hours", () => {
    expect(judge(expireShas, [image(["sha-1"], 20)])[0]?.text).toBe(
      "sha-1 (runs in prod) expires within 24 hours: rule 2 of threads/web (sha-*)",
    );
  });

  it("without a promoted tag is saved by the rule itself only", () => {
    expect(judge(expireShas, [image(["sha-1"], 1)])[0]).toMatchObject({
      urgent: false,
      advice: [expect.stringContaining("raise countNumber (now 14) of rule 2")],
    });
  });

  it("is judged as if it had the tag that it is about to be given", () => {
    const safe: LifecyclePolicy = {
      rules: [
        {
          rulePriority: 1,
          selection: {
            tagStatus: "tagged",
            tagPatternList: ["prod-*"],
            countType: "imageCountMoreThan",
            countNumber: 9999,
          },
          action: { type: "expire" },
        },
        ...expireShas.rules.slice(1),
      ],
    };
    expect(judge(safe, [image(["sha-1"], 13)])).toHaveLength(1);
    expect(judge(safe, [image(["sha-1"], 13)], [`prod-${sha}`])).toEqual([]);
  });

  it("that is promoted though older is the first that a small count of prod-* takes", () => {
    const small: LifecyclePolicy = {
      rules: [
        {
          rulePriority: 1,
          selection: {
            tagStatus: "tagged",
            tagPatternList: ["prod-*"],
            countType: "imageCountMoreThan",
            countNumber: 1,
          },
          action: { type: "expire" },
        },
      ],
    };
    const newer = { ...image(["prod-1"], 1), digest: digestOf("newer") };
    const images = [image(["sha-1"], 9), newer];
    expect(judge(small, images)).toEqual([]);
    const [warning] = judge(small, images, [`prod-${sha}`]);
    expect(warning?.text).toMatch(/^prod-3f9c2ab01234 .*expires within 24 hours/);
    expect(warning?.next[0]).toContain('"countNumber":9999');
  });

  it("counts pushes where a count decides, and is quiet where there is room for many", () => {
    const count = (countNumber: number): LifecyclePolicy => ({
      rules: [
        {
          rulePriority: 1,
          selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber },
          action: { type: "expire" },
        },
      ],
    });
    expect(judge(count(1), [image(["a"], 1)])[0]).toMatchObject({
      pushesLeft: 0,
      urgent: false,
      text: expect.stringContaining("after one more push") as unknown,
    });
    expect(judge(count(5), [image(["a"], 1)])[0]?.text).toContain(
      "after 5 more pushes: rule 1 of threads/web (any image)",
    );
    expect(judge(count(9999), [image(["a"], 1)])).toEqual([]);
  });

  it("may go to the archive for not being pulled, which hosts that are well do not do", () => {
    const archive: LifecyclePolicy = {
      rules: [
        {
          rulePriority: 1,
          selection: { tagStatus: "any", countType: "sinceImagePulled", countUnit: "days", countNumber: 30 },
          action: { type: "transition", targetStorageClass: "archive" },
        },
      ],
    };
    expect(judge(archive, [image(["a"], 90, { lastPulledAt: now - 29 * day })])[0]).toMatchObject({
      kind: "archive",
      text: "a (runs in prod) goes to the archive in a day unless it is pulled: rule 1 of threads/web (any image)",
    });
  });

  it("may be gone or archived already", () => {
    expect(judge(expireShas, [])[0]).toMatchObject({ kind: "gone", urgent: true });
    const [warning] = judge(expireShas, [image(["sha-1"], 1, { archivedAt: now })]);
    expect(warning).toMatchObject({ kind: "archived", urgent: true });
    expect(warning?.text).toContain("up to 20 minutes");
  });
});

describe("in one repository for all services", () => {
  const keepProd: LifecyclePolicy = { rules: [safeRule("prod-*", 1), ...expireShas.rules.slice(1)] };
  const expireAll: LifecyclePolicy = {
    rules: [
      safeRule("prod-*", 1),
      {
        rulePriority: 2,
        selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
        action: { type: "expire" },
      },
    ],
  };
  const at = (form: string) => repoAt("127.0.0.1:5000", `app:${form}`);

  it("a rule for prod-* keeps what begins so, whatever service it is of", () => {
    const tags = [`${sha}-web`, `prod-${sha}-web`];
    expect(judge(keepProd, [image(tags, 20)], [], at("{tag}-{service}"))).toEqual([]);
    expect(judge(expireAll, [image([`${sha}-web`], 20)], [`prod-${sha}-web`], at("{tag}-{service}"))).toEqual([]);
  });

  it("but does not see a tag that begins with the service: said, with a rule that does", () => {
    const repo = at("{service}-{tag}");
    const [warning] = judge(expireAll, [image([`celery-beat-${sha}`, `celery-beat-prod-${sha}`], 20)], [], repo);
    expect(warning?.text).toBe(
      "celery-beat-prod-3f9c2ab01234 (runs in prod) expires within 24 hours: rule 2 of threads/web (any image); " +
        "rule 1 (prod-*) does not keep it, since such tags are *-prod-* here",
    );
    const [, text = ""] = /'(.+)'$/.exec(warning?.next[0] ?? "") ?? [];
    const mended = parseLifecyclePolicy(text, repository);
    expect(mended.rules[0]?.selection.tagPatternList).toEqual(["*-prod-*"]);
    expect(judge(mended, [image([`celery-beat-${sha}`, `celery-beat-prod-${sha}`], 20)], [], repo)).toEqual([]);
  });

  it("a build's own tag is no promotion, though a service stands before the sha", () => {
    const [warning] = judge(expireAll, [image([`web-${sha}`], 20)], [], at("{service}-{tag}"));
    expect(warning?.advice).toEqual([expect.stringContaining("or promote the release")]);
  });
});

it("a digest that is needed twice is warned of once, with both reasons", async () => {
  const wanted = (because: string): { repository: string; digest: typeof digest; because: string } => ({
    repository,
    digest,
    because,
  });
  const source: LifecycleSource = {
    policy: () => Promise.resolve(expireShas),
    images: () => Promise.resolve([image(["sha-1"], 20)]),
  };
  const order = {
    protected: [wanted("runs in prod"), wanted("runs in staging"), wanted("runs in prod")],
    now,
    repo: repoAt("127.0.0.1:5000"),
  };
  const warnings = await lifecycleWarnings(order, source);
  expect(warnings.map(({ because }) => because)).toEqual([["runs in prod", "runs in staging"]]);
});

it("without a policy the images are not even listed, unless somebody wants to know what is gone", async () => {
  let lists = 0;
  const source: LifecycleSource = {
    policy: () => Promise.resolve(undefined),
    images: () => {
      lists += 1;
      return Promise.resolve([]);
    },
  };
  const order = { protected: [{ repository, digest, because: "runs in prod" }], now, repo: repoAt("127.0.0.1:5000") };
  expect([await lifecycleWarnings(order, source), lists]).toEqual([[], 0]);
  expect(await lifecycleWarnings({ ...order, thorough: true }, source)).toMatchObject([{ kind: "gone" }]);
});

it("a rule of a kind that threads does not know is not taken for harmless", () => {
  const unknown = {
    rules: [
      {
        rulePriority: 1,
        selection: { tagStatus: "any", countType: "sinceFullMoon", countNumber: 1 },
        action: { type: "expire" },
      },
    ],
  };
  for (const text of [JSON.stringify(unknown), "{}", "no JSON"])
    expect(() => parseLifecyclePolicy(text, repository)).toThrow(ThreadsError);
});

describe("the signature of a protected image", () => {
  const signed = {
    digest: digestOf("its signature"),
    tags: [`${digest.replace(":", "-")}.sig`],
    pushedAt: now - 80 * day,
  };
  const other = {
    digest: digestOf("another"),
    tags: [`${digestOf("other").replace(":", "-")}.sig`],
    pushedAt: signed.pushedAt,
  };
  const expireAll: LifecyclePolicy = {
    rules: [
      { ...safeRule("prod-*", 1) },
      {
        rulePriority: 2,
        selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 90 },
        action: { type: "expire" },
      },
    ],
  };

  it("is an image of its own to a rule: what keeps the one does not keep the other, and what nobody needs is no matter", () => {
    const found = judge(expireAll, [image([`prod-${sha}`], 80), signed, other]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ digest: signed.digest, kind: "expire", because: ["signature", "runs in prod"] });
    expect(found[0]?.text).toMatch(
      /\(signature, runs in prod\) expires in 10 days: rule 2 of threads\/web \(any image\)$/,
    );
    expect(found[0]?.next[0]).toContain('"tagPatternList":["sha256-*.sig"]');
  });

  it("stays with a rule for its tags in front", () => {
    const rules = [
      safeRule("sha256-*.sig", 1),
      ...expireAll.rules.map((rule) => ({ ...rule, rulePriority: rule.rulePriority + 1 })),
    ];
    expect(judge({ rules }, [image([`prod-${sha}`], 80), signed])).toEqual([]);
  });
});
