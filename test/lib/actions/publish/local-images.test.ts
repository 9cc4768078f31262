import { expect, it } from "vitest";
import { imagesHere, namesHere } from "../../../../src/lib/actions/publish/local-images.ts";
import { planPublish } from "../../../../src/lib/actions/publish/plan.ts";
import type { LocalImage } from "../../../../src/lib/docker/image.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import type { Head } from "../../../../src/lib/source/source.ts";
import { aConfig } from "../../../fakes/config.ts";

const { signal } = new AbortController();
const head = { revision: "f".repeat(40), tree: "e".repeat(40) } as Head;
const digest = `sha256:${"a".repeat(64)}`;
const redis: LocalImage = { id: digest, architecture: "amd64", repoTags: ["redis:7"], repoDigests: [], labels: {} };

const around = (reference: string, present: boolean) => {
  const pulled: string[] = [];
  const model = { elsewhere: { cache: reference }, notBuilt: [] };
  const names = namesHere(head.revision, model, aConfig());
  const ports = {
    docker: { inspect: () => Promise.resolve(new Map<string, LocalImage>()) },
    compose: {
      // As docker: it finds an image by any name for it, and tells the short one.
      images: ([asked = ""]: readonly string[]) =>
        Promise.resolve(asked === reference && (present || pulled.includes(reference)) ? [redis] : []),
      pull: (asked: string) => Promise.resolve(void pulled.push(asked)),
    },
    progress: silentProgress,
    signal,
  };
  const look = (dryRun = false) => imagesHere(model, { names, services: ["cache"], dryRun }, ports);
  return { names, look, pulled };
};

it.each(["redis:7", "redis", "docker.io/library/redis:7", `redis@${digest}`])(
  "an image from elsewhere is found by the name that its file has for it: %s",
  async (reference) => {
    const { look, pulled } = around(reference, true);
    expect(await look()).toEqual(new Map([[reference, redis]]));
    expect(pulled).toEqual([]);
  },
);

it("one that is missing is pulled, and then found by the same name", async () => {
  const { look, pulled } = around("docker.io/library/redis:7", false);
  expect(await look()).toEqual(new Map([["docker.io/library/redis:7", redis]]));
  expect(pulled).toEqual(["docker.io/library/redis:7"]);
});

it("a dry run pulls nothing, and plans the push all the same", async () => {
  const { names, look, pulled } = around("redis:7", false);
  const local = await look(true);
  const inRegistry = [{ service: "cache", repository: "app/cache", tag: head.revision, tagged: undefined }];
  expect(planPublish({ names, host: "h", head, inRegistry, local })).toMatchObject([
    { service: "cache", action: "push", from: "redis:7" },
  ]);
  expect(pulled).toEqual([]);
});
