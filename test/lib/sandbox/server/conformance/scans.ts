import {
  DescribeImageScanFindingsCommand,
  DescribeRepositoriesCommand,
  paginateDescribeImageScanFindings,
  PutImageScanningConfigurationCommand,
  StartImageScanCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import {
  buildImage,
  freshRepository,
  indexOf,
  later,
  nameOfError,
  put,
  putImage,
  sha256,
  type Subject,
  types,
} from "./material.ts";

export function describeScans(subject: Subject): void {
  describe("basic scanning", () => {
    const find = (repositoryName: string, imageDigest: string) =>
      subject().ecr.send(new DescribeImageScanFindingsCommand({ repositoryName, imageId: { imageDigest } }));
    const start = (repositoryName: string, imageDigest: string) =>
      subject().ecr.send(new StartImageScanCommand({ repositoryName, imageId: { imageDigest } }));

    it("knows nothing of an image that nobody has scanned, which is not the same as clean", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest } = await putImage(ecr, repositoryName, ["a"]);
      expect(await nameOfError(find(repositoryName, digest))).toBe("ScanNotFoundException");
      expect(await nameOfError(find(repositoryName, sha256("none")))).toBe("ImageNotFoundException");
    });

    it("scans once a day, and finds what the settings say", async () => {
      const { ecr, settings } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest } = await putImage(ecr, repositoryName, ["a"]);
      expect((await start(repositoryName, digest)).imageScanStatus?.status).toBe("IN_PROGRESS");
      expect(await find(repositoryName, digest)).toMatchObject({
        imageScanStatus: { status: "COMPLETE" },
        imageScanFindings: { findings: [], findingSeverityCounts: {} },
      });
      expect(await nameOfError(start(repositoryName, digest))).toBe("LimitExceededException");
      const again = await later(subject(), 25 * 60 * 60 * 1000, () => nameOfError(start(repositoryName, digest)));
      expect(again).toBe("no error");
      const findings = [
        { name: "CVE-2026-1", severity: "CRITICAL" },
        { name: "CVE-2026-2", severity: "LOW" },
        { name: "CVE-2026-3", severity: "LOW" },
      ];
      await settings({ scans: [{ imageDigest: digest, findings }] });
      const names: (string | undefined)[] = [];
      const input = { repositoryName, imageId: { imageTag: "a" } };
      for await (const page of paginateDescribeImageScanFindings({ client: ecr, pageSize: 2 }, input)) {
        expect(page.imageScanFindings?.findingSeverityCounts).toEqual({ CRITICAL: 1, LOW: 2 });
        names.push(...(page.imageScanFindings?.findings ?? []).map(({ name }) => name));
      }
      await settings({ scans: [] });
      expect(names).toEqual(findings.map(({ name }) => name));
    });

    it.each(["IN_PROGRESS", "PENDING", "FAILED", "SCAN_ELIGIBILITY_EXPIRED", "UNSUPPORTED_IMAGE"])(
      "may stand at %s, without findings",
      async (status) => {
        const { ecr, settings } = subject();
        const repositoryName = await freshRepository(ecr);
        const { digest } = await putImage(ecr, repositoryName, ["a"]);
        await settings({ scans: [{ imageDigest: digest, status, description: "as told" }] });
        const found = await find(repositoryName, digest);
        await settings({ scans: [] });
        expect([found.imageScanStatus, found.imageScanFindings]).toEqual([
          { status, description: "as told" },
          undefined,
        ]);
      },
    );

    it("cannot scan an index, only the images that it lists", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const child = await buildImage(ecr, repositoryName, types.oci);
      await put(ecr, { repositoryName, imageManifest: child.body });
      const index = indexOf([child]);
      await put(ecr, { repositoryName, imageManifest: index, imageTag: "i" });
      const refused = await find(repositoryName, sha256(index)).catch((error: unknown) => error as Error);
      expect((refused as Error).message).toBe(`An artifact with media type ${types.ociIndex} cannot be scanned`);
      expect(await nameOfError(start(repositoryName, sha256(index)))).toBe("UnsupportedImageTypeException");
      expect(await nameOfError(start(repositoryName, child.digest))).toBe("no error");
    });

    it("on push is a setting of the repository", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr, { imageScanningConfiguration: { scanOnPush: true } });
      const isOn = async (): Promise<boolean | undefined> => {
        const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }));
        return repositories?.[0]?.imageScanningConfiguration?.scanOnPush;
      };
      expect(await isOn()).toBe(true);
      const imageScanningConfiguration = { scanOnPush: false };
      await ecr.send(new PutImageScanningConfigurationCommand({ repositoryName, imageScanningConfiguration }));
      expect(await isOn()).toBe(false);
    });

    it("begins with a push where the repository says so, and takes as long as the settings say", async () => {
      const { ecr, settings } = subject();
      const repositoryName = await freshRepository(ecr, { imageScanningConfiguration: { scanOnPush: true } });
      await settings({ scanSeconds: 60 });
      const { digest } = await putImage(ecr, repositoryName, ["a"]);
      const running = await find(repositoryName, digest);
      expect([running.imageScanStatus, running.imageScanFindings]).toEqual([{ status: "IN_PROGRESS" }, undefined]);
      const ended = await later(subject(), 60_000, () => find(repositoryName, digest));
      expect(ended).toMatchObject({ imageScanStatus: { status: "COMPLETE" }, imageScanFindings: { findings: [] } });
      await settings({ scanSeconds: 0 });
      await expect(settings({ scanSeconds: -1 })).rejects.toThrow("scanSeconds must be a whole number");
    });

    it("takes only scans that ECR could report", async () => {
      const { settings } = subject();
      const imageDigest = sha256("a");
      for (const scan of [
        {},
        { imageDigest, status: "FINE" },
        { imageDigest, findings: [{ name: "x", severity: "BAD" }] },
      ])
        await expect(settings({ scans: [scan] })).rejects.toThrow(/a scan|a finding/);
    });
  });
}
