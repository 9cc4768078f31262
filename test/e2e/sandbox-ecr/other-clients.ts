import { DescribeImagesCommand } from "@aws-sdk/client-ecr";
import { beforeAll, describe, expect, it } from "vitest";
import {
  buildImage,
  freshRepository,
  indexOf,
  put,
  putImage,
  type Subject,
  types,
} from "../../lib/sandbox/server/conformance/material.ts";
import { account, credentials, region } from "../../lib/sandbox/server/open-sandbox.ts";
import { end, type Ended } from "../docker-tools.ts";

/** aws-cli 2 and skopeo, from Debian packages in a container: two more opinions on the same registry. */
export function describeOtherClients(subject: Subject, buildTools: () => Promise<string>): void {
  let tools: string;

  /** Runs a shell line with the sandbox's environment; stdout, stderr and exit code. */
  const shell = (script: string, more: Readonly<Record<string, string>> = {}): Promise<Ended> => {
    const variables = {
      AWS_ENDPOINT_URL: subject().url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      AWS_PAGER: "",
      REGISTRY: `127.0.0.1:${subject().port}`,
      ...more,
    };
    const words = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const limits = ["--rm", "--network", "host", "--label", "threads.test=sandbox-ecr"];
    return end("docker", ["run", ...limits, ...words, tools, "sh", "-euc", script]);
  };
  const skopeoLogin =
    'aws ecr get-login-password | skopeo login --tls-verify=false -u AWS --password-stdin "$REGISTRY" >/dev/null;';

  describe("aws-cli", () => {
    beforeAll(async () => {
      tools = await buildTools();
    });

    it("sees the same identity and the same images", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest } = await putImage(ecr, repositoryName, ["a"]);
      const { stdout, stderr } = await shell(
        `aws sts get-caller-identity --query Account --output text; aws ecr describe-images --repository-name ${repositoryName} --query 'imageDetails[0].imageDigest' --output text`,
      );
      expect([stdout, stderr]).toEqual([`${account}\n${digest}\n`, ""]);
    });

    it("retags by the steps of the user guide, to the same digest; a newline more would be another image", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest } = await putImage(ecr, repositoryName, ["a"]);
      const { stderr } = await shell(
        `manifest=$(aws ecr batch-get-image --repository-name ${repositoryName} --image-ids imageTag=a --query 'images[0].imageManifest' --output text)
         aws ecr put-image --repository-name ${repositoryName} --image-tag b --image-manifest "$manifest"
         aws ecr put-image --repository-name ${repositoryName} --image-tag c --image-manifest "$manifest
"`,
      );
      expect(stderr).toBe("");
      const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
      const tagsOf = (same: boolean): unknown =>
        imageDetails.filter(({ imageDigest }) => (imageDigest === digest) === same).map(({ imageTags }) => imageTags);
      expect([tagsOf(true), tagsOf(false)]).toEqual([[["a", "b"]], [["c"]]]);
    });

    it("prints the names of the exceptions", async () => {
      const { code, stderr } = await shell("aws ecr describe-images --repository-name not/there");
      expect(code).toBe(254);
      expect(stderr).toContain("(RepositoryNotFoundException) when calling the DescribeImages operation");
      const wrong = await shell("aws sts get-caller-identity", { AWS_SECRET_ACCESS_KEY: "another" });
      expect(wrong.stderr).toContain("(SignatureDoesNotMatch) when calling the GetCallerIdentity operation");
    });
  });

  describe("skopeo", () => {
    it("agrees on digests and tags", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest } = await putImage(ecr, repositoryName, ["a", "b"]);
      const { stdout, stderr } = await shell(
        `${skopeoLogin} ref=docker://$REGISTRY/${repositoryName}
         skopeo inspect --tls-verify=false --raw $ref:a | skopeo manifest-digest /dev/stdin
         skopeo list-tags --tls-verify=false $ref | tr -d ' \\n'`,
      );
      expect(stderr).toBe("");
      expect(stdout).toContain(digest);
      expect(stdout).toContain('"Tags":["a","b"]');
    });

    it("copies an OCI index to another repository byte for byte", async () => {
      const { ecr } = subject();
      const from = await freshRepository(ecr);
      const child = await buildImage(ecr, from, types.oci);
      await put(ecr, { repositoryName: from, imageManifest: child.body });
      await put(ecr, { repositoryName: from, imageManifest: indexOf([child]), imageTag: "i" });
      const to = await freshRepository(ecr, { imageTagMutability: "IMMUTABLE" });
      const { code, stderr } = await shell(
        `${skopeoLogin} skopeo copy --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false docker://$REGISTRY/${from}:i docker://$REGISTRY/${to}:i`,
      );
      expect(`${code} ${stderr}`).toBe("0 ");
      const seen = async (repositoryName: string): Promise<unknown> => {
        const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
        return imageDetails.map(({ imageDigest, imageTags }) => ({ imageDigest, imageTags }));
      };
      expect(await seen(to)).toEqual(await seen(from));
    });
  });
}
