import { randomBytes } from "node:crypto";
import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { account } from "../open-sandbox.ts";
import { freshRepository, nameOfError, sha256, type Subject, uploadLayer } from "./material.ts";

const mebibyte = 1024 * 1024;

export function describeLayers(subject: Subject): void {
  const begin = async (repositoryName: string): Promise<string> =>
    (await subject().ecr.send(new InitiateLayerUploadCommand({ repositoryName }))).uploadId ?? "";
  const part = (repositoryName: string, uploadId: string, { first, bytes }: { first: number; bytes: Uint8Array }) =>
    subject().ecr.send(
      new UploadLayerPartCommand({
        repositoryName,
        uploadId,
        partFirstByte: first,
        partLastByte: first + bytes.length - 1,
        layerPartBlob: bytes,
      }),
    );
  const complete = (repositoryName: string, uploadId: string, digest: string) =>
    subject().ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));

  describe("layer uploads", () => {
    it("take parts that follow on each other and give the blob back whole", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const bytes = randomBytes(6 * mebibyte);
      const uploadId = await begin(repositoryName);
      const half = 5 * mebibyte;
      await part(repositoryName, uploadId, { first: 0, bytes: bytes.subarray(0, half) });
      const { lastByteReceived } = await part(repositoryName, uploadId, { first: half, bytes: bytes.subarray(half) });
      expect(lastByteReceived).toBe(bytes.length - 1);
      const layerDigest = sha256(bytes);
      await complete(repositoryName, uploadId, layerDigest);
      const { downloadUrl = "" } = await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }));
      expect(sha256(Buffer.from(await (await fetch(downloadUrl)).arrayBuffer()))).toBe(layerDigest);
    });

    it("say where to go on after a gap or an overlap", async () => {
      const repositoryName = await freshRepository(subject().ecr);
      const uploadId = await begin(repositoryName);
      await part(repositoryName, uploadId, { first: 0, bytes: Buffer.alloc(5 * mebibyte) });
      for (const first of [0, 5 * mebibyte + 1])
        await expect(part(repositoryName, uploadId, { first, bytes: Buffer.from("x") })).rejects.toMatchObject({
          name: "InvalidLayerPartException",
          registryId: account,
          repositoryName,
          uploadId,
          lastValidByteReceived: 5 * mebibyte - 1,
        });
      await part(repositoryName, uploadId, { first: 5 * mebibyte, bytes: Buffer.from("x") });
    });

    it("refuse parts over 20 MiB, and under 5 MiB unless it is the last", async () => {
      const repositoryName = await freshRepository(subject().ecr);
      const uploadId = await begin(repositoryName);
      const large = part(repositoryName, uploadId, { first: 0, bytes: Buffer.alloc(20 * mebibyte + 1) });
      expect(await nameOfError(large)).toBe("InvalidParameterException");
      await part(repositoryName, uploadId, { first: 0, bytes: Buffer.from("small") });
      const next = part(repositoryName, uploadId, { first: 5, bytes: Buffer.from("more") });
      expect(await nameOfError(next)).toBe("LayerPartTooSmallException");
    });

    it("end only with the digest of what came, once, and not empty", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const bytes = randomBytes(32);
      const uploadId = await begin(repositoryName);
      const end = (digest: string): Promise<string> => nameOfError(complete(repositoryName, uploadId, digest));
      expect(await end(sha256(bytes))).toBe("EmptyUploadException");
      await part(repositoryName, uploadId, { first: 0, bytes });
      expect(await end(sha256("other"))).toBe("InvalidLayerException");
      expect(await end(sha256(bytes))).toBe("no error");
      expect(await end(sha256(bytes))).toBe("UploadNotFoundException");
      expect(await nameOfError(uploadLayer(ecr, repositoryName, bytes))).toBe("LayerAlreadyExistsException");
    });

    it("belong to one repository", async () => {
      const { ecr } = subject();
      const uploadId = await begin(await freshRepository(ecr));
      const elsewhere = part(await freshRepository(ecr), uploadId, { first: 0, bytes: Buffer.from("x") });
      expect(await nameOfError(elsewhere)).toBe("UploadNotFoundException");
    });
  });

  describe("layers", () => {
    it("are available in the repository that holds them only", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const bytes = randomBytes(10);
      const digest = await uploadLayer(ecr, repositoryName, bytes);
      const check = async (name: string) =>
        ecr.send(new BatchCheckLayerAvailabilityCommand({ repositoryName: name, layerDigests: [digest, "nonsense"] }));
      const { layers, failures } = await check(repositoryName);
      expect(layers).toMatchObject([{ layerDigest: digest, layerAvailability: "AVAILABLE", layerSize: 10 }]);
      expect(failures).toMatchObject([{ failureCode: "InvalidLayerDigest" }]);
      const elsewhere = await check(await freshRepository(ecr));
      expect(elsewhere.layers).toMatchObject([{ layerAvailability: "UNAVAILABLE" }]);
    });

    it("are downloaded by a URL that needs nothing else, cannot be changed and ends", async () => {
      const { ecr, clock } = subject();
      const repositoryName = await freshRepository(ecr);
      const layerDigest = await uploadLayer(ecr, repositoryName, randomBytes(10));
      const other = await uploadLayer(ecr, repositoryName, randomBytes(11));
      const url =
        (await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }))).downloadUrl ?? "";
      const status = async (address: string): Promise<number> => (await fetch(address)).status;
      expect(await status(url)).toBe(200);
      expect(await status(url.replace(layerDigest, other))).toBe(403);
      expect(await status(url.replace(/expires=\d+/, "expires=9999999999"))).toBe(403);
      clock.offset = 3601_000;
      expect(await status(url)).toBe(403);
      clock.offset = 0;
      const missing = new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: sha256("none") });
      expect(await nameOfError(ecr.send(missing))).toBe("LayersNotFoundException");
    });
  });
}
