import { ThreadsError } from "../errors/threads-error.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import type { EcrCall } from "./ecr-call.ts";

/**
 * `registry/app` is read as `app/web`, `app/celery` …; but where there is a repository `app` itself, it may have been meant
 * as the one for all. One call, and only where the form leaves it open; who may not ask is taken at the documented reading.
 * @throws ThreadsError ECR_REPO_AMBIGUOUS, ECR_REPO_SINGLE (usage)
 */
export async function requireLayout(
  call: EcrCall,
  { repo, bundle }: { readonly repo: EcrRepo; readonly bundle: string },
): Promise<void> {
  const { unclear: name, host, account: registryId } = repo;
  if (name === undefined || !(await isThere(call, { registryId, repository: name }))) return;
  const [needed, template] = [repo.repositoryFor(bundle), repo.repositoryFor("{service}")];
  const next = [`export ECR_REPO=${host}/${name}/`, `export ECR_REPO=${host}/${template}`];
  if (await isThere(call, { registryId, repository: needed }))
    throw new ThreadsError("usage", {
      code: "ECR_REPO_AMBIGUOUS",
      message: `ECR_REPO names ${name}: there is a repository of that name, and there are ${template}`,
      next,
    });
  throw new ThreadsError("usage", {
    code: "ECR_REPO_SINGLE",
    message: `ECR_REPO names the one repository ${name}; threads needs one for each service (${template}) and ${needed}`,
    next: [`aws ecr create-repository --repository-name ${needed} --image-tag-mutability IMMUTABLE`, ...next],
  });
}

function isThere(
  call: EcrCall,
  { registryId, repository }: { registryId: string; repository: string },
): Promise<boolean> {
  return call<boolean>({
    doing: `asking whether there is a repository ${repository}`,
    repository,
    send: async (client, sdk, options) => {
      const input = { registryId, repositoryNames: [repository] };
      await client.send(new sdk.DescribeRepositoriesCommand(input), options);
      return true;
    },
    answers: { RepositoryNotFoundException: () => false, AccessDeniedException: () => false },
  });
}
