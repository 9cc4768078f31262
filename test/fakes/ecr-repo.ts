import { type EcrRepo, parseEcrRepo, settledRepo } from "../../src/lib/image/ecr-repo.ts";

/** The two layouts of a registry for the app threads, in the forms that cost no call. */
export const layouts = { perService: "threads/", single: "threads:{tag}-{service}" } as const;

/** A clear ECR_REPO, understood. */
export function repoAt(
  host: string,
  path: string = layouts.perService,
  services: readonly string[] = ["web", "celery", "celery-beat", "nginx", "bundle"],
): EcrRepo {
  const written = parseEcrRepo(`${host}/${path}`, "threads");
  if (written.registry === undefined) throw new Error(`${host} is no registry`);
  return settledRepo(written, { registry: written.registry, layout: written.layout, services });
}
