import type { EcrRepo } from "../image/ecr-repo.ts";
import type { Progress } from "../progress/progress.ts";

/** How ECR_REPO was read: noise where it says so itself, and not to be missed where something had to be found out. */
export function tellRepo(
  { explanation, inferred }: Pick<EcrRepo, "explanation" | "inferred">,
  progress: Pick<Progress, "note" | "detail">,
): void {
  if (inferred) progress.note(explanation);
  else progress.detail(explanation);
}
