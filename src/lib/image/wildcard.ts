/** ECR's wildcard over tags and names: `*` stands for any characters, everything else for itself (ECR user guide, lifecycle policy and tag mutability filters). */
export function wildcard(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.\\+^$()[\]{}|?]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`);
}
