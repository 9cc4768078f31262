import type { PolicyDocument } from "./document.ts";

/** A role as Terraform makes it. */
export interface TerraformRole {
  readonly name: string;
  readonly purpose: string;
  readonly policy: PolicyDocument;
  /** Undefined where nobody is known who may take it: then it is a policy to attach. */
  readonly trust: PolicyDocument | undefined;
}

/** A document of SSM, by which hosts take orders. */
export interface TerraformDocument {
  readonly name: string;
  readonly version: string;
  readonly content: string;
}

/**
 * A file for Terraform's AWS provider: each role with its policy, the documents by which hosts take orders, and the roles' ARNs as outputs, which the workflows want as
 * variables. Nothing in it names a provider or a state: it stands in whatever module it is put into.
 */
export function terraformOf(roles: readonly TerraformRole[], documents: readonly TerraformDocument[]): string {
  return [
    "# Written by `threads policy iam --terraform`: make it anew, rather than change it.",
    ...roles.map((role) => (role.trust === undefined ? policyBlock(role) : roleBlocks(role, role.trust))),
    ...documents.map(documentBlock),
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

/** The version's name is how threads finds it; one that Terraform replaces stays in SSM beside the new one. */
function documentBlock({ name, version, content }: TerraformDocument): string {
  return `resource "aws_ssm_document" "${name.replaceAll(/[^\w-]/g, "_")}" {
  name            = ${text(name)}
  document_type   = "Command"
  document_format = "JSON"
  target_type     = "/AWS::EC2::Instance"
  version_name    = ${text(version)}
  content         = ${text(content)}
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
