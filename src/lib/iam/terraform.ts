import type { PolicyDocument } from "./document.ts";

/** A role as Terraform makes it. */
export interface TerraformRole {
  readonly name: string;
  readonly purpose: string;
  readonly policy: PolicyDocument;
  /** Undefined where nobody is known who may take it: then it is a policy to attach. */
  readonly trust: PolicyDocument | undefined;
}

/**
 * A file for Terraform's AWS provider: each role with its policy, and their ARNs as outputs, which the workflows want as
 * variables. Nothing in it names a provider or a state: it stands in whatever module it is put into.
 */
export function terraformOf(roles: readonly TerraformRole[]): string {
  return [
    "# Written by `threads policy iam --terraform`: make it anew, rather than change it.",
    ...roles.map((role) => (role.trust === undefined ? policyBlock(role) : roleBlocks(role, role.trust))),
    "",
  ]
    .join("\n\n")
    .replace(/\n\n$/, "\n");
}

function roleBlocks({ name, purpose, policy }: TerraformRole, trust: PolicyDocument): string {
  const label = name.replaceAll(/[^\w-]/g, "_");
  return `${comment(purpose)}
resource "aws_iam_role" "${label}" {
  name               = ${text(name)}
  assume_role_policy = jsonencode(${json(trust)})
}

resource "aws_iam_role_policy" "${label}" {
  name   = "threads"
  role   = aws_iam_role.${label}.id
  policy = jsonencode(${json(policy)})
}${profileOf(label, name, trust)}

output "${label}" {
  value = aws_iam_role.${label}.arn
}`;
}

function profileOf(label: string, name: string, { Statement }: PolicyDocument): string {
  if (!Statement.some(({ Principal }) => Principal?.Service === "ec2.amazonaws.com")) return "";
  return `

resource "aws_iam_instance_profile" "${label}" {
  name = ${text(name)}
  role = aws_iam_role.${label}.name
}`;
}

function policyBlock({ name, purpose, policy }: TerraformRole): string {
  const label = name.replaceAll(/[^\w-]/g, "_");
  return `${comment(purpose)}
resource "aws_iam_policy" "${label}" {
  name   = ${text(name)}
  policy = jsonencode(${json(policy)})
}`;
}

function comment(purpose: string): string {
  return `# ${purpose}`;
}

/** JSON is an expression of Terraform's language too, once what would begin a template in it is doubled. */
function json(document: PolicyDocument): string {
  return escaped(JSON.stringify(document, undefined, 2)).replaceAll("\n", "\n  ");
}

function text(value: string): string {
  return escaped(JSON.stringify(value));
}

function escaped(value: string): string {
  return value.replaceAll(/[$%](?=\{)/g, (mark) => mark + mark);
}
