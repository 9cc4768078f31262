import { ThreadsError } from "../errors/threads-error.ts";
import { printEcrRepo } from "../image/ecr-repo.ts";
import { type Layout, layoutsOf, printLayout } from "../image/layout.ts";
import type { RegistryAddress } from "../image/registry-address.ts";
import type { EcrCall } from "./ecr/call.ts";

interface Unclear {
  readonly registry: RegistryAddress;
  /** `app` of `registry/app`: one repository for all, or the beginning of one for each. */
  readonly name: string;
  /** The bundle among them. */
  readonly services: readonly string[];
}

/**
 * What `registry/app` means: the repositories that are there decide. One call where there is no repository `app`, since a
 * call for several fails as soon as one of them is missing. Who may not ask is taken at the documented reading.
 * @returns the layout, and why, as a clause. @throws ThreadsError ECR_REPO_AMBIGUOUS (usage)
 */
export async function probeLayout(
  call: EcrCall,
  { registry, name, services }: Unclear,
): Promise<{ readonly layout: Layout; readonly because: string }> {
  const { perService, single } = layoutsOf(name);
  const ask = (repository: string): Promise<Presence> => isThere(call, { registryId: registry.account, repository });
  const own = await ask(name);
  if (own === "absent") return { layout: perService, because: `there is no repository ${name} itself` };
  if (own === "denied") return unsure({ registry, name, perService, single });
  const others = await Promise.all(services.map((service) => ask(`${name}/${service}`)));
  if (others.includes("there")) throw ambiguous({ registry, name });
  if (others.includes("denied")) return unsure({ registry, name, perService, single });
  return { layout: single, because: `there is a repository ${name}, and none of ${printLayout(perService)}` };
}

type Presence = "there" | "absent" | "denied";

function isThere(
  call: EcrCall,
  { registryId, repository }: { registryId: string; repository: string },
): Promise<Presence> {
  return call<Presence>({
    doing: `asking whether there is a repository ${repository}`,
    repository,
    send: async (client, sdk, options) => {
      const input = { registryId, repositoryNames: [repository] };
      await client.send(new sdk.DescribeRepositoriesCommand(input), options);
      return "there";
    },
    answers: { RepositoryNotFoundException: () => "absent", AccessDeniedException: () => "denied" },
  });
}

interface Readings {
  readonly registry: RegistryAddress;
  readonly name: string;
  readonly perService: Layout;
  readonly single: Layout;
}

function unsure({ registry, perService, single }: Readings): { layout: Layout; because: string } {
  const other = printEcrRepo({ registry, layout: single, unclear: undefined });
  return {
    layout: perService,
    because: `which repositories there are may not be asked (ecr:DescribeRepositories); one for all would be ${other}`,
  };
}

function ambiguous({ registry, name }: Pick<Readings, "registry" | "name">): ThreadsError {
  const { perService, single } = layoutsOf(name);
  return new ThreadsError("ECR_REPO_AMBIGUOUS", {
    message: `ECR_REPO names ${name}: there is a repository of that name, and there are ${printLayout(perService)}`,
    next: [`export ECR_REPO=${registry.host}/${name}/`, `export ECR_REPO='${registry.host}/${printLayout(single)}'`],
  });
}
