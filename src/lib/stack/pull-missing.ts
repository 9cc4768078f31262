import type { Compose } from "../compose/docker-compose.ts";

interface Given {
  /** References by service. */
  readonly images?: Readonly<Record<string, string>>;
  readonly dockerConfig?: string;
}

interface PullPorts {
  readonly compose: Pick<Compose, "images" | "pull">;
  readonly signal: AbortSignal;
}

/** A service with `build` and `image` that is missing would not be pulled by `up --no-build`: it is done here. */
export async function pullMissing(
  references: Readonly<Record<string, string>>,
  { images = {}, dockerConfig }: Given,
  { compose, signal }: PullPorts,
): Promise<void> {
  const wanted = [...new Set(Object.values(references))].filter((one) => Object.values(images).includes(one));
  const present = new Set(
    (await compose.images(wanted, signal)).flatMap((image) => [...image.repoDigests, ...image.repoTags]),
  );
  const missing = wanted.filter((reference) => !present.has(reference));
  await Promise.all(missing.map((reference) => compose.pull(reference, { signal, dockerConfig })));
}
