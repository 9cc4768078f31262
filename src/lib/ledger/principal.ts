/**
 * Whom an ARN of STS stands for, as far as AWS vouches for it: `user/ada`, `sso/ada@example.com`, `role/approver-ada`.
 * A session's name is chosen by whoever takes a role, so that all of a role's sessions are one principal; only IAM Identity
 * Center writes the person's own name there, and nobody else can take its roles (IAM user guide, reference_policies_variables).
 * @returns undefined for root, for GetFederationToken's names, and for what is no principal: nobody vouches for those
 */
export function principalOf(arn: string): string | undefined {
  const [, kind = "", path = ""] = /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:([a-z-]+)\/(.+)$/.exec(arn) ?? [];
  const names = path.split("/");
  const last = names.at(-1) ?? "";
  if (kind === "user" && last !== "") return `user/${last}`;
  const [role = "", session = ""] = names;
  if (kind !== "assumed-role" || role === "" || session === "") return undefined;
  return role.startsWith("AWSReservedSSO_") ? `sso/${session}` : `role/${role}`;
}

/** A principal as the names of parameters write it: they take letters, digits and `_.-` alone. */
export function principalPath(principal: string): string {
  return principal.replaceAll(/[^\w./-]/g, "-");
}
