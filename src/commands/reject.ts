import { ApprovalCommand } from "../lib/cli/approval-command.ts";

export default class Reject extends ApprovalCommand {
  static override summary = "Reject a release for an environment: it cannot be promoted until that is taken back";
  static override description =
    "Writes down that you, as AWS knows you, speak against this very bundle in that environment: whoever else approves it, the " +
    "gate stays shut until you take that back with --withdraw, or approve it. Whoever promotes reads the comment. What was " +
    "said stays on record; the last word counts.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> 3f9c2ab -e prod --comment "the migration locks the table"',
    "<%= config.bin %> <%= command.id %> 3f9c2ab -e prod --withdraw",
  ];

  protected override readonly word = "rejected";
}
