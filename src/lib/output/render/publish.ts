import type { PublishedImage, PublishResult } from "../../actions/publish/result.ts";
import { shortDigest } from "../../image/digest.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** What `threads publish` left in the registry, and what to type next. */
export const renderPublish: Render<PublishResult> = (result, paint) => [
  headline(result, paint),
  ...table([
    ...result.images.map((image) => row(image, result, paint)),
    [
      `  ${result.bundle.repository}`,
      paint.dim(result.bundle.digest === null ? "" : shortDigest(result.bundle.digest)),
      result.outcome === "planned" ? "would be published last" : "the release",
    ],
  ]),
  ...(result.outcome === "planned"
    ? [`  next: ${paint.strong("threads publish")}`]
    : [`  next: ${paint.strong("threads deploy -e staging")}`]),
];

function headline({ outcome, revision }: PublishResult, paint: Paint): string {
  if (outcome === "planned") return `Would publish ${paint.strong(revision)}`;
  const done = outcome === "published" ? "Published" : "Already published:";
  return `${paint.good("✔")} ${done} ${paint.strong(revision)}`;
}

function row({ repository, digest, action }: PublishedImage, { outcome }: PublishResult, paint: Paint): string[] {
  const words = { push: ["would be pushed", "pushed"], retag: ["would be tagged again", "tagged again"] } as const;
  const text = action === "present" ? "present" : words[action][outcome === "planned" ? 0 : 1];
  return [`  ${repository}`, paint.dim(digest === null ? "" : shortDigest(digest)), text];
}
