import { BatchDeleteImageCommand, BatchGetImageCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { account, type OpenSandbox } from "../open-sandbox.ts";
import {
  buildImage,
  freshRepository,
  indexOf,
  put,
  putImage,
  sha256,
  type Subject,
  types,
  uploadLayer,
} from "./material.ts";

interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function token({ ecr }: OpenSandbox): Promise<string> {
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  return authorizationData?.[0]?.authorizationToken ?? "";
}

export function describeRegistryApi(subject: Subject): void {
  const ask = async (path: string, { headers, ...rest }: Ask = {}): Promise<Response> => {
    const authorization = `Basic ${await token(subject())}`;
    return fetch(`${subject().url}/v2/${path}`, { ...rest, headers: { authorization, ...headers } });
  };
  const putManifest = (path: string, body: string, type = types.docker): Promise<Response> =>
    ask(path, { method: "PUT", body, headers: { "content-type": type } });

  describe("the registry's door", () => {
    it("opens to a token of GetAuthorizationToken for twelve hours", async () => {
      const sandbox = subject();
      const { authorizationData } = await sandbox.ecr.send(new GetAuthorizationTokenCommand({}));
      const { authorizationToken = "", expiresAt, proxyEndpoint } = authorizationData?.[0] ?? {};
      expect(proxyEndpoint).toBe(sandbox.url);
      expect(Math.abs(Number(expiresAt) - Date.now() - 12 * 3600_000)).toBeLessThan(60_000);
      const status = async (): Promise<number> =>
        (await fetch(`${sandbox.url}/v2/`, { headers: { authorization: `Basic ${authorizationToken}` } })).status;
      expect(await status()).toBe(200);
      sandbox.clock.offset = 12 * 3600_000 + 1000;
      expect(await status()).toBe(403);
      sandbox.clock.offset = 0;
    });

    it("asks everybody else for Basic credentials", async () => {
      const { url } = subject();
      for (const authorization of ["", "Bearer x", `Basic ${btoa("AWS:guess")}`, `Basic ${btoa("someone:x")}`]) {
        const answer = await fetch(`${url}/v2/`, { headers: { authorization } });
        expect(answer.status).toBe(401);
        expect(answer.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
      }
    });
  });

  describe("manifests through the registry", () => {
    it("are the same images as through the API, with the same bytes", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const image = await buildImage(ecr, repositoryName);
      const pushed = await putManifest(`${repositoryName}/manifests/a`, image.body);
      expect([pushed.status, pushed.headers.get("docker-content-digest")]).toEqual([201, image.digest]);
      const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: "a" }] }));
      expect(images?.[0]?.imageManifest).toBe(image.body);
      await put(ecr, { repositoryName, imageManifest: image.body, imageTag: "b" });
      for (const reference of ["b", image.digest]) {
        const read = await ask(`${repositoryName}/manifests/${reference}`, { headers: { accept: types.docker } });
        expect([read.headers.get("content-type"), await read.text()]).toEqual([types.docker, image.body]);
      }
      const head = await ask(`${repositoryName}/manifests/b`, { method: "HEAD", headers: { accept: types.docker } });
      expect([head.status, head.headers.get("content-length")]).toEqual([200, String(image.body.length)]);
    });

    it("are never turned into schema 1 for a client that accepts anything", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const image = await putImage(ecr, repositoryName, ["a"]);
      const read = await ask(`${repositoryName}/manifests/a`, { headers: { accept: "*/*" } });
      expect(sha256(await read.text())).toBe(image.digest);
    });

    it("do not overwrite an immutable tag, and say so as ECR does", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr, { imageTagMutability: "IMMUTABLE" });
      const { body } = await putImage(ecr, repositoryName, ["a"]);
      const other = await buildImage(ecr, repositoryName);
      for (const each of [other.body, body]) {
        const answer = await putManifest(`${repositoryName}/manifests/a`, each);
        expect([answer.status, await answer.json()]).toEqual([
          400,
          {
            errors: [
              {
                code: "TAG_INVALID",
                message: `The image tag 'a' already exists in the '${repositoryName}' repository and cannot be overwritten because the repository is immutable.`,
              },
            ],
          },
        ]);
      }
    });

    it("leave an immutable tag at the first child, if a client puts the children under it before the index", async () => {
      // Docker with the containerd image store pushes an image with attestations like this (docker/buildx#663).
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr, { imageTagMutability: "IMMUTABLE" });
      const child = await buildImage(ecr, repositoryName, types.oci);
      const path = `${repositoryName}/manifests/a`;
      const statuses = [
        (await putManifest(path, child.body, types.oci)).status,
        (await putManifest(path, indexOf([child]), types.ociIndex)).status,
      ];
      expect(statuses).toEqual([201, 400]);
      const head = await ask(path, { method: "HEAD" });
      expect(head.headers.get("docker-content-digest")).toBe(child.digest);
    });

    it("do not create a repository", async () => {
      const answer = await putManifest("not/there/manifests/a", "{}");
      const message = `The repository with name 'not/there' does not exist in the registry with id '${account}'`;
      expect([answer.status, await answer.json()]).toEqual([404, { errors: [{ code: "NAME_UNKNOWN", message }] }]);
    });

    it("must fit their digest, their type and their blobs", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const image = await buildImage(ecr, repositoryName);
      const elsewhere = await freshRepository(ecr);
      const code = async (answer: Promise<Response>): Promise<unknown> =>
        ((await (await answer).json()) as { errors: { code: string }[] }).errors[0]?.code;
      const path = `${repositoryName}/manifests`;
      expect(await code(putManifest(`${path}/${sha256("x")}`, image.body))).toBe("DIGEST_INVALID");
      expect(await code(putManifest(`${path}/a`, image.body, types.oci))).toBe("MANIFEST_INVALID");
      expect(await code(putManifest(`${path}/a`, "{"))).toBe("MANIFEST_INVALID");
      expect(await code(putManifest(`${elsewhere}/manifests/a`, image.body))).toBe("MANIFEST_BLOB_UNKNOWN");
      expect(await code(ask(`${path}/a`))).toBe("MANIFEST_UNKNOWN");
    });

    it("are gone when the API has deleted the image, and cannot be deleted here", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest } = await putImage(ecr, repositoryName, ["a"]);
      expect((await ask(`${repositoryName}/manifests/${digest}`, { method: "DELETE" })).status).toBe(405);
      await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "a" }] }));
      expect((await ask(`${repositoryName}/manifests/${digest}`)).status).toBe(404);
    });
  });

  describe("tags and blobs through the registry", () => {
    it("list the tags by pages", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      await putImage(ecr, repositoryName, ["c", "a", "b"]);
      const first = await ask(`${repositoryName}/tags/list?n=2`);
      expect(await first.json()).toEqual({ name: repositoryName, tags: ["a", "b"] });
      const next = /<\/v2\/(.*)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
      expect(await (await ask(next)).json()).toEqual({ name: repositoryName, tags: ["c"] });
    });

    it("upload to a location on this server, and mount from another repository only when the account allows it", async () => {
      const { ecr, settings } = subject();
      const from = await freshRepository(ecr);
      const digest = await uploadLayer(ecr, from, Buffer.from(`mount ${from}`));
      const repositoryName = await freshRepository(ecr);
      const mount = (): Promise<Response> =>
        ask(`${repositoryName}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`, { method: "POST" });
      const upload = await mount();
      expect(upload.status).toBe(202);
      expect(upload.headers.get("location")).toMatch(new RegExp(`^/v2/${repositoryName}/blobs/uploads/`));
      await settings({ blobMounting: true });
      expect((await mount()).status).toBe(201);
      await settings({ blobMounting: false });
    });
  });

  describe("the index", () => {
    it("survives a restart: images, tags, tokens", async () => {
      const sandbox = subject();
      const repositoryName = await freshRepository(sandbox.ecr);
      const { digest } = await putImage(sandbox.ecr, repositoryName, ["a"]);
      const authorization = `Basic ${await token(sandbox)}`;
      await sandbox.restart();
      const read = await fetch(`${sandbox.url}/v2/${repositoryName}/manifests/a`, { headers: { authorization } });
      expect(sha256(await read.text())).toBe(digest);
    });
  });
}
