import type { Access } from "../../../iam/evaluate.ts";
import type { AccessOf, Call } from "../protocol.ts";

/** ARN of a repository; of all of them, where a request names none. */
export function repositoryArn(
  { region, account }: { readonly region: string; readonly account: string },
  name = "*",
): string {
  return `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

/** A request is an action on the repositories that it names (service authorization reference, Amazon ECR). */
export function ecrAccesses(operations: readonly string[]): Readonly<Record<string, AccessOf>> {
  return Object.fromEntries(operations.map((name) => [name, accessOf(name)]));
}

function accessOf(operation: string): AccessOf {
  const action = `ecr:${operation}`;
  // The one action that knows no resources.
  if (operation === "GetAuthorizationToken") return () => [{ action, resource: "*", context: {} }];
  return (input, call) =>
    named(input).map((name): Access => ({ action, resource: repositoryArn(place(input, call), name), context: {} }));
}

function named({
  repositoryName,
  repositoryNames,
}: Readonly<Record<string, unknown>>): readonly (string | undefined)[] {
  if (typeof repositoryName === "string") return [repositoryName];
  return Array.isArray(repositoryNames) && repositoryNames.length > 0 ? repositoryNames.map(String) : [undefined];
}

/** A registry of another account is asked for by its id. */
function place(
  { registryId }: Readonly<Record<string, unknown>>,
  { region, identity }: Call,
): { region: string; account: string } {
  return { region, account: typeof registryId === "string" ? registryId : identity.account };
}
