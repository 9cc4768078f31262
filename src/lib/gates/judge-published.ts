import { shortDigest } from "../image/digest.ts";
import { pulledImages } from "../release/release.ts";
import { count, list } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { judgeProvenance } from "./judge-provenance.ts";
import { blocked, passed, type GateVerdict } from "./verdict.ts";

/** Whether all that the release pins is in the registry, and its bundle is what git has. */
export function judgePublished({ published, gone, provenance }: GateFacts): GateVerdict {
  const { digest, release, repository } = published;
  if (gone.length > 0) {
    const { repository: place } = pulledImages(release)[gone[0] ?? ""] ?? { repository };
    return {
      ...blocked(
        `the registry no longer has the ${gone.length === 1 ? "image" : "images"} of ${list(gone)}`,
        `aws ecr get-lifecycle-policy --repository-name ${place}`,
      ),
      advice: ["publish a new commit"],
    };
  }
  const there = `${count(Object.keys(pulledImages(release)).length, "image")} and the bundle ${shortDigest(digest)}`;
  return judgeProvenance(published, provenance) ?? passed(`${there} are there, as git has them`);
}
