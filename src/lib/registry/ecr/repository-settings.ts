import type { DescribeRepositoriesCommandOutput } from "@aws-sdk/client-ecr";
import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { type EcrConnection, ecrCalls } from "./call.ts";

/** How a repository is set up, as far as it matters to a release. */
export interface RepositorySettings {
  readonly repository: string;
  readonly mutability: "MUTABLE" | "IMMUTABLE" | "IMMUTABLE_WITH_EXCLUSION" | "MUTABLE_WITH_EXCLUSION";
  /** Wildcards of tags that are excepted from it. */
  readonly exclusions: readonly string[];
  /** The repository's own setting; the registry's scanning rules may add to it. */
  readonly scanOnPush: boolean;
}

/** Asks for one repository, since a call for several fails as soon as one of them is missing. */
export function ecrRepositorySettings(ports: {
  readonly repo: Pick<EcrRepo, "account">;
  readonly aws: Pick<AwsClients, "ecr">;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): (repository: string) => Promise<RepositorySettings | undefined> {
  const ecr: EcrConnection = { call: ecrCalls(ports), registryId: ports.repo.account };
  return async (repository) => {
    const reply = await ecr.call<Partial<DescribeRepositoriesCommandOutput>>({
      doing: `looking at the repository ${repository}`,
      repository,
      send: (client, sdk, options) => {
        const input = { registryId: ecr.registryId, repositoryNames: [repository] };
        return client.send(new sdk.DescribeRepositoriesCommand(input), options);
      },
      answers: { RepositoryNotFoundException: () => ({}) },
    });
    const found = reply.repositories?.[0];
    if (found === undefined) return undefined;
    return {
      repository,
      mutability: found.imageTagMutability ?? "MUTABLE",
      exclusions: (found.imageTagMutabilityExclusionFilters ?? []).flatMap(({ filter }) => filter ?? []),
      scanOnPush: found.imageScanningConfiguration?.scanOnPush ?? false,
    };
  };
}
