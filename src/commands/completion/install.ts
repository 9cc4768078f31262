import { CompletionFileCommand } from "../../lib/cli/completion-file-command.ts";

export default class CompletionInstall extends CompletionFileCommand {
  static override summary = "Put the completion of threads where your shell looks for it";
  static override description =
    "Writes one file into your own folders: bash reads it with the package bash-completion, zsh from a folder of its fpath, fish by itself; what is still to be done is told. Asks first; without a terminal it needs --yes. The same again, and after an update, replaces what it wrote and nothing else.";

  protected override readonly change = "installCompletion";
}
