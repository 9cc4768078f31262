import type { PublishedImage, PublishResult } from "../../actions/publish/result.ts";
import { shortDigest } from "../../image/digest.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { list } from "../../text/words.ts";
import { table } from "../table.ts";

/** What `threads publish` left in the registry, and what to type next. */
export const renderPublish: Render<PublishResult> = (result, paint, columns) => [
  headline(result, paint),
  ...table(
    [
      ...result.images.map((image) => row(image, result, paint)),
      [
        `  ${placeText(result.bundle, result)}`,
        paint.dim(result.bundle.digest === null ? "" : shortDigest(result.bundle.digest)),
        result.outcome === "planned" ? "would be published last" : "the release",
      ],
    ],
    { columns, leave: [1] },
  ),
  ...signatureLines(result.signatures ?? [], paint),
  ...(result.otherBuild.length === 0
    ? []
    : [paint.warn(`  this machine has another image of ${list(result.otherBuild)}: the published one stands`)]),
  ...nextLines(result, paint),
];

function headline({ outcome, revision }: PublishResult, paint: Paint): string {
  if (outcome === "planned") return `Would publish ${paint.strong(revision)}`;
  const done = outcome === "published" ? "Published" : "Already published:";
  return `${paint.good("✔")} ${done} ${paint.strong(revision)}`;
}

const signed = { signed: "signed", present: "signed already", planned: "would be signed" } as const;

/** What an index lists goes with it. */
function signatureLines(signatures: NonNullable<PublishResult["signatures"]>, paint: Paint): string[] {
  const states = [...new Set(signatures.map(({ state }) => state))];
  return states.map((state) => {
    const names = [...new Set(signatures.filter((one) => one.state === state).map(({ name }) => name))];
    return `  ${state === "planned" ? signed[state] : paint.good(signed[state])}: ${list(names)}`;
  });
}

function row(image: PublishedImage, result: PublishResult, paint: Paint): string[] {
  const { digest, action } = image;
  const words = { push: ["would be pushed", "pushed"], retag: ["would be tagged again", "tagged again"] } as const;
  const text = action === "present" ? "present" : words[action][result.outcome === "planned" ? 0 : 1];
  return [`  ${placeText(image, result)}`, paint.dim(digest === null ? "" : shortDigest(digest)), text];
}

/** A repository says what it holds, unless it holds everything: then the tag does. */
function placeText({ repository, tag }: { repository: string; tag: string }, { images }: PublishResult): string {
  return new Set(images.map((image) => image.repository)).size < images.length ? `${repository}:${tag}` : repository;
}
