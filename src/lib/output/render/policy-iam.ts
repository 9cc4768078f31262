import type { IamResult, ShownRole } from "../../actions/policy/iam-result.ts";
import { terraformOf } from "../../iam/terraform.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { fileLines } from "../wrap.ts";

/** Each role with what it may do, and why. */
export const renderPolicyIam: Render<IamResult> = (result, paint, columns) => [
  ...result.roles.flatMap((role) => [...roleLines(role, paint, columns), ""]),
  ...documentLines(result, paint),
  ...nextLines(result, paint),
];

function documentLines({ documents }: IamResult, paint: Paint): string[] {
  if (documents.length === 0) return [];
  const names = documents.map(({ name, version }) => `  ${name} ${paint.dim(version.slice(0, 12))}`);
  return [
    paint.strong("documents"),
    "  Hosts take orders by these; --terraform prints them, threads doctor --fix makes them.",
    ...names,
    "",
  ];
}

/** The same as a file for Terraform. */
export const renderTerraform: Render<IamResult> = ({ roles, documents, advice }, _, columns) => {
  const written = roles.map(({ name, purpose, policy, trust }) => ({
    name,
    purpose,
    policy,
    trust: trust ?? undefined,
  }));
  const comments = advice.map((text) => `# ${text}`);
  return fileLines([terraformOf(written, documents).trimEnd(), ...comments].join("\n"), columns);
};

function roleLines(
  { name, purpose, commands, permissions }: ShownRole,
  paint: Paint,
  columns: number | undefined,
): string[] {
  return [
    paint.strong(name),
    `  ${purpose}`,
    ...(commands.length === 0 ? [] : [paint.dim(`  threads ${commands.join(", ")}`)]),
    ...table(
      permissions.map(({ action, why, resources, where }) => [`  ${action}`, why, paint.dim(onText(resources, where))]),
      { columns, leave: [2] },
    ),
  ];
}

/** What stands behind the account says enough: `parameter/threads/prod/lock`. */
function onText(resources: readonly string[], where: Readonly<Record<string, string>>): string {
  const short = resources.map((arn) => arn.split(":").slice(5).join(":") || arn);
  return [short.join(", "), ...Object.entries(where).map(([key, value]) => `${key}=${value}`)].join("; ");
}
