import { credentials, region } from "../lib/sandbox/server/open-sandbox.ts";
import { buildToolsImage, succeed } from "./docker-tools.ts";
import type { PublishingProject } from "./publishing-project.ts";

/** Other people's clients of the registry. */
export interface ToolsShell {
  /** A shell line in the tools image, signed in at the registry, with `$REGISTRY` and the folder at /images. */
  shell(script: string): Promise<string>;
  /** What skopeo and oras find under `repository:tag`. */
  digestsOf(reference: string): Promise<string[]>;
}

/** @param name of the test, for the containers' label */
export async function openToolsShell(
  name: string,
  { host, sandbox }: Pick<PublishingProject, "host" | "sandbox">,
  folder: string,
): Promise<ToolsShell> {
  const image = await buildToolsImage();
  const variables = {
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    REGISTRY: host,
  };
  const words = Object.entries(variables).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  const login = `token=$(aws ecr get-login-password)
    echo "$token" | skopeo login --tls-verify=false -u AWS --password-stdin "$REGISTRY" >/dev/null
    echo "$token" | oras login --plain-http -u AWS --password-stdin "$REGISTRY" >/dev/null 2>&1\n`;
  const limits = ["--rm", "--network", "host", "--label", `threads.test=${name}`, "--volume", `${folder}:/images`];
  const shell: ToolsShell["shell"] = (script) =>
    succeed("docker", ["run", ...limits, ...words, image, "sh", "-euc", login + script]);
  return {
    shell,
    digestsOf: async (reference) => {
      const said = await shell(
        `skopeo inspect --tls-verify=false --raw docker://$REGISTRY/${reference} >/tmp/raw; skopeo manifest-digest /tmp/raw
         oras resolve --plain-http $REGISTRY/${reference}`,
      );
      return said.split("\n");
    },
  };
}
