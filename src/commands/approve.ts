import { ApprovalCommand } from "../lib/cli/approval-command.ts";

export default class Approve extends ApprovalCommand {
  static override summary = "Approve a release for an environment that asks for approvals";
  static override description =
    "Writes down that you, as AWS knows you, stand behind this very bundle in that environment; `gates.approvals` says how " +
    "many must, and who counts. Whoever wrote the commit or promotes it does not, unless threads.yml says so. Another " +
    "bundle, be it of the same commit, needs approvals of its own. What was said stays on record; the last word counts.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> 3f9c2ab -e prod",
    '<%= config.bin %> <%= command.id %> 3f9c2ab -e prod --comment "looked at the migrations"',
  ];

  protected override readonly word = "approved";
}
