import { Flags } from "@oclif/core";
import { BaseCommand } from "../../lib/cli/base-command.ts";
import { environmentFlag } from "../../lib/cli/environment-flag.ts";
import { type Job, jobs } from "../../lib/iam/role.ts";

export default class PolicyIam extends BaseCommand {
  static override summary =
    "Print the IAM roles that the application needs, a job each, with no right beyond its commands";
  static override description =
    "publisher, and for each environment promoter, deployer, approver, archivist and host, and a reader: what each may do, on " +
    "which part of the registry and the ledger, and why. With --json the policies as IAM takes them, and those that say who may " +
    "take a role: jobs of GitHub Actions in the environment of that name, by a workflow as it is on the environment's branch. " +
    "Asks nobody, and changes nothing.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --role promoter -e prod",
    "<%= config.bin %> <%= command.id %> --role publisher --json | jq '.roles[0].policy'",
    "<%= config.bin %> <%= command.id %> --github shop@123/app@456 --branch prod=prod --terraform >roles.tf",
  ];
  static override flags = {
    role: Flags.string({ summary: "Only the roles of this job", helpValue: "JOB", options: [...jobs] }),
    environment: environmentFlag({ summary: "Only this environment's, and those of the whole application" }),
    github: Flags.string({
      summary: "Repository whose workflows are trusted; that of origin",
      helpValue: "OWNER/REPO",
    }),
    branch: Flags.string({ summary: "Branch of an environment's workflows", helpValue: "ENV=BRANCH", multiple: true }),
    terraform: Flags.boolean({ summary: "Print a file for Terraform", exclusive: ["json"] }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(PolicyIam);
    const { role, environment, github, branch: branches = [], terraform } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ showIam }, { openPolicyIam }] = await Promise.all([
          import("../../lib/actions/policy/iam.ts"),
          import("../../lib/wire/policy-iam.ts"),
        ]);
        return showIam({ role: role as Job | undefined, environment, github, branches }, await openPolicyIam(world));
      },
      async () => {
        const { renderPolicyIam, renderTerraform } = await import("../../lib/output/render/policy-iam.ts");
        return terraform ? renderTerraform : renderPolicyIam;
      },
    );
  }
}
