import { CompletionFileCommand } from "../../lib/cli/completion-file-command.ts";

export default class CompletionUninstall extends CompletionFileCommand {
  static override summary = "Take the completion of threads away again";
  static override description =
    "Removes the file that `completion install` has written, and no other. Asks first; without a terminal it needs --yes. Lines that you have put into your own start-up files stay.";

  protected override readonly change = "removeCompletion";
}
