/** ECR's own grammar for repository names (API model, RepositoryName), 2 to 256 characters. */
const grammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** Whether ECR would take this as the name of a repository: a path in lower case, without host. */
export function isRepository(text: string): boolean {
  return text.length >= 2 && text.length <= 256 && grammar.test(text);
}
