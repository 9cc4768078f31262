import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** Releases: smoked, published, promoted, and found by a name. */
export const releases = {
  ANOTHER_LAYOUT: {
    meaning: "The release was published into one repository for all services, and ECR_REPO now means one for each.",
    advice: ["Set ECR_REPO to what it was then, which the message names, or publish the release again."],
  },
  BUNDLE_DIFFERS: {
    meaning:
      "The files in the bundle are not what git's own files at that commit give: the message lists what differs. Whoever may push images can push a bundle too.",
    advice: [
      "Find out who pushed it: `aws ecr describe-images` with the bundle's digest tells when.",
      "Publish a new commit.",
      "Where it was published by another version of threads, whose model of a release is another: promote and deploy it with that version.",
    ],
  },
  BUNDLE_MISMATCH: {
    meaning:
      "The bundle under a release's tag says that it is another release: somebody moved the tag or copied the image.",
    advice: [
      "`aws ecr describe-images --repository-name REPOSITORY` shows who pushed and when.",
      "Publish a new commit.",
    ],
  },
  BUNDLE_TOO_NEW: {
    meaning: "A newer threads published the release, in a form that this one does not read.",
    advice: ["`npm install threads@latest`."],
  },
  FOREIGN_IMAGES: {
    meaning: "The registry has images of this commit from another build, which nobody finished publishing.",
    changed: "The images of the other build stay as they are. Nothing is published: that needs the bundle.",
    advice: [
      "Run `threads publish` on the machine that began it.",
      "Of a workflow, run the failed jobs again, and not all of them: they take the same images.",
      "Find out who pushed it: `aws ecr describe-images` with the digest that the message names tells when.",
      "Where that machine is gone: `threads publish --adopt` pulls those images, has them pass the smoke test here, and finishes.",
      "Where the message lists commands that delete tags, no threads says which images belong together: delete those, then `threads publish` here.",
    ],
  },
  FOREIGN_PINS: {
    meaning: "The bundle pins an image, or lies itself, outside of the repositories that ECR_REPO names.",
    advice: [
      "Find out who pushed it: `aws ecr describe-images` with the digest that the message names tells when.",
      "Publish a new commit.",
      "Where the repositories were renamed since, set ECR_REPO as it was when the release was published.",
    ],
  },
  FOREIGN_RELEASE: {
    meaning:
      "The commit is published already, from another build than the one that passed the smoke test on this machine, or with another proxy or image from elsewhere than it would pin: the message names the images that differ.",
    changed: "What is published stays as it is; nothing of this machine was pushed.",
    advice: [
      "Deploy or promote what is published: its gates test those very images.",
      "If you know who published it, as after a job that was run again: `threads publish --adopt` lets it stand, once its bundle was compared with git.",
      "Where nobody should have published it, find out who pushed it, and publish a new commit.",
    ],
  },
  MIXED_ARCHITECTURES: {
    meaning: "The images of one release are built for different machines, so that no host could run them all.",
    advice: [
      "`threads smoke` builds them anew; look for `platform` in the compose file and for DOCKER_DEFAULT_PLATFORM.",
    ],
  },
  NO_HANDOVER: {
    meaning: "The folder of --from has no images with a record of `threads smoke --save`, or half of them.",
    advice: [
      "Pass on the whole folder: `images.tar` and `smoke.json`.",
      "Where smoke was interrupted while it saved, `threads smoke` with --save again.",
    ],
  },
  OTHER_HANDOVER: {
    meaning:
      "The images that were handed over are those of another commit, or not the ones whose digest smoke has told: the message says what differs.",
    advice: [
      "Check out the commit that was smoked, and take the folder and the digest of one and the same run.",
      "If both are, somebody has changed the folder on its way: find out who may write there.",
    ],
  },
  NOT_A_BUNDLE: {
    meaning: "The image where a bundle should be is none.",
    advice: ["Check `registry.bundle` in threads.yml: it must not be a service's repository.", "`threads publish`."],
  },
  NOT_A_VERSION: {
    meaning: "What was given with --as is no version that can be a tag.",
    advice: ["Write it like v1.2.3; a tag cannot have a plus."],
  },
  NOT_PROMOTED: {
    meaning:
      "The release is published, but the ledger has no whole promotion of it to this environment, which wants one.",
    advice: [
      "`threads promote RELEASE -e ENV`: it also finishes one that stopped midway.",
      "A tag alone authorises nothing: anybody who may push can write one.",
    ],
  },
  NOT_PUBLISHED: {
    meaning:
      "Neither the commit nor any other with the same sources is published; the message compares it with the nearest that is.",
    advice: [
      "`threads smoke`, then `threads publish`, in a clean clone of that commit, or wait for the job that does it.",
      "After a merge that changed the sources: merge back to the branch that you publish from, and publish there.",
      "In a shallow clone: `git fetch --unshallow --tags`.",
    ],
  },
  NOT_SMOKED: {
    meaning:
      "The commit has not passed the smoke test on this machine: publish pushes what passed, and builds nothing.",
    advice: [
      "`threads smoke`, then `threads publish`.",
      "Where it is published already and is to be signed: `threads publish --sign --adopt`, once it is known who published it.",
    ],
  },
  NOTHING_DEPLOYED: {
    meaning: "The name is an environment's, and nothing was ever deployed to it, so it names no release.",
    advice: [
      "`threads deploy -e ENV RELEASE` is the first.",
      "Where git's branch of that name is meant, give refs/heads/NAME or a sha.",
    ],
  },
  SERVICES_DIFFER: {
    meaning: "A published release was to be tested by a threads.yml that lists a service of which it has no image.",
    advice: [
      "`git switch --detach` to the commit of the release: its own threads.yml and compose files fit it.",
      "A release that has that service is published by `threads smoke` and `threads publish`.",
    ],
  },
  SOURCES_UNKNOWN: {
    meaning:
      "Whether the bundle is what git has at that commit cannot be told on this machine: git lacks the commit, or docker compose is missing.",
    advice: [
      "`git fetch --all --tags`, in a shallow clone `git fetch --unshallow`.",
      "Where an environment has gates, the record of a promotion that has compared them is enough: `threads promote RELEASE -e ENV`, where there is the repository.",
      "Elsewhere `threads deploy -e ENV RELEASE --unverified` goes on without, and says so.",
    ],
  },
  TAG_MOVED: {
    meaning: "While the images were tested, somebody moved their tags to other images.",
    changed: "Nothing was promoted. The evidence of the smoke test stays: it names the digests that were tested.",
    advice: [
      "`aws ecr describe-images --repository-name REPOSITORY` shows who pushed.",
      "Make tags immutable: `aws ecr put-image-tag-mutability --repository-name REPOSITORY --image-tag-mutability IMMUTABLE`.",
    ],
  },
  TREE_CONFLICT: {
    meaning: "The commit is published already, with other sources than those that are here.",
    changed: "The published release stays as it is: threads never replaces one.",
    advice: ["Publish a new commit.", "Find out how one sha came to two trees: replaced objects or grafts in git."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;
