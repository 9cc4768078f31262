import type { TaskEngine } from "./engine.ts";

/** @returns what is run of the image, or why it cannot be had, in the words of a container's reason */
export async function pull(
  image: string,
  launchType: "FARGATE" | "EC2",
  engine: TaskEngine,
): Promise<{ readonly digest?: string } | { readonly problem: string }> {
  const pulled = await engine.docker(["pull", "--quiet", image]);
  const found = await engine.api("GET", `/images/${encodeURIComponent(image)}/json`);
  // The agent of an EC2 instance starts what it has from before (ECS_IMAGE_PULL_BEHAVIOR: default), the old image of a tag too.
  const goesOn = pulled.exitCode === 0 || (launchType === "EC2" && found.status === 200);
  if (!goesOn) {
    const why = pulled.stderr.trim().split("\n").at(-1) ?? "";
    return { problem: `CannotPullContainerError: ${why}` };
  }
  const pinned = image.split("@")[1];
  const { RepoDigests = [] } = (found.status === 200 ? JSON.parse(found.body) : {}) as {
    readonly RepoDigests?: readonly string[];
  };
  const digest = pinned ?? RepoDigests[0]?.split("@")[1];
  return digest === undefined ? {} : { digest };
}
