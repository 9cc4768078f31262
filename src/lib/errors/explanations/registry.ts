import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** The registry: reading from it, uploading to it, tagging in it. */
export const registry = {
  BLOB_BROKEN: {
    meaning: "The bytes that were to be uploaded are not those of their digest: a file was cut short or altered.",
    advice: ["`df -h`: a full disk cuts files short.", "`threads smoke`, then `threads publish`."],
  },
  DIGEST_MISMATCH: {
    meaning: "The bytes that the registry gave are not those of the digest that was asked for.",
    advice: ["Run the same again; if it stays so, a proxy before the registry alters what passes through it."],
  },
  DOWNLOAD_FAILED: {
    meaning: "ECR has told where a blob of an image is, and that address did not give it, or gave other bytes.",
    advice: [
      "Try again in a minute.",
      "Behind a proxy or a firewall: ECR keeps blobs in S3, whose addresses must be reachable too.",
    ],
  },
  ECR_LIMIT: {
    meaning: "A quota of ECR is used up, such as the number of images in a repository.",
    advice: [
      "`aws service-quotas list-service-quotas --service-code ecr` shows the quotas.",
      "A lifecycle policy deletes what nobody needs any more.",
    ],
  },
  EXPORT_BROKEN: {
    meaning: "The bytes that docker exported are not those of their digest.",
    advice: ["`df -h`: a full disk cuts files short.", "`threads smoke`, then `threads publish`."],
  },
  EXPORT_FAILED: {
    meaning:
      "docker did not export the images, which threads uploads itself where they are indexes, and `threads smoke --save` hands over.",
    advice: ["Read docker's own words, which the message shows, then `threads publish` again."],
  },
  IMAGE_ARCHIVED: {
    meaning: "The image is in ECR's archive or blocked, so that it cannot be read.",
    advice: ["Restore it from the archive, which takes up to 20 minutes, then run the same again."],
  },
  IMAGE_GONE: {
    meaning:
      "The registry no longer has an image that a release pins, or not all of it: a lifecycle rule or a person deleted it.",
    advice: [
      "Take another release: `threads history -e ENV` lists those that ran. Hosts keep the images of the last ones, so a rollback may still work.",
      "Publish a new commit: the deleted bytes do not come back.",
      "`threads doctor` names the rule that deletes, and writes one that keeps.",
    ],
  },
  IMAGE_INCOMPLETE: {
    meaning: "docker does not have all platforms of an image that the compose file asks for.",
    advice: ["`threads smoke` builds them anew.", "Or take the platform out of the compose file's build section."],
  },
  IMPORT_FAILED: {
    meaning: "docker did not take the images that `threads smoke --save` has left on another machine.",
    advice: ["Read docker's own words, which the message shows, then the same `threads publish` again."],
  },
  KMS_KEY: {
    meaning: "The KMS key that encrypts the repository cannot be used: it is disabled, or this role may not use it.",
    changed: "Nothing was written by the call that met it: without the key ECR writes nothing.",
    advice: ["`aws ecr describe-repositories` names the key; enable it, or let the role use it."],
  },
  LIFECYCLE_UNREADABLE: {
    meaning: "A lifecycle policy has a rule of a form that this version of threads does not know.",
    advice: [
      "`aws ecr start-lifecycle-policy-preview --repository-name REPOSITORY` tells what ECR itself would delete.",
      "`npm install threads@latest`.",
    ],
  },
  LOGIN_EXPIRED: {
    meaning: "Docker's login to the registry is over, and a new one was not accepted either.",
    advice: ["Run `threads publish` again: it logs in anew and goes on where this one stopped."],
  },
  LOGIN_FAILED: {
    meaning: "The registry does not take the login that AWS gave out.",
    advice: ["`aws sts get-caller-identity` shows whose credentials they are: they must be of the registry's account."],
  },
  OUTCOME_UNKNOWN: {
    meaning: "No reply came to giving a tag or to writing a record, and none to the question whether it is there.",
    changed: "The tag or the record that the message names may or may not be there; in place of another it is not.",
    advice: ["Run the same again: it looks, and writes what is not written yet."],
  },
  PUSH_DENIED: {
    meaning: "The registry does not let these credentials push.",
    advice: [
      "`aws sts get-caller-identity` shows whose they are; `threads help aws` lists what whoever publishes needs.",
    ],
  },
  PUSH_FAILED: {
    meaning: "docker push failed in a way that threads has no better words for.",
    advice: ["Run `threads publish` again: layers that are there are not uploaded again."],
  },
  PUSH_UNSETTLED: {
    meaning: "docker pushed an image, but does not say with what digest.",
    changed: "The image is in the registry, but nothing is published before the bundle is.",
    advice: ["Run `threads publish` again: it reads the digest from the registry."],
  },
  REGISTRY_UNREACHABLE: {
    meaning: "Docker does not reach a registry that an image is to come from or to go to, though threads may.",
    advice: [
      "`threads doctor` tries both ways. Docker's daemon has a proxy and a name service of its own.",
      "Where no registry can be reached, `docker load` takes an image from a file that `docker save` wrote elsewhere.",
    ],
  },
  REPOSITORY_NOT_FOUND: {
    meaning: "The registry has no repository of that name.",
    advice: [
      "Check how ECR_REPO was read, which the message says.",
      "`aws ecr create-repository --repository-name REPOSITORY --image-tag-mutability IMMUTABLE`.",
      "In a sandbox: `threads sandbox up`.",
    ],
  },
  TAG_CONFLICT: {
    meaning: "A tag that threads wants to write is in the registry already, on another image.",
    changed:
      "The tag stays on the image that it was on: threads never moves one. Tags that were written before it stay, too.",
    advice: [
      "Find out who wrote it: `aws ecr describe-images --repository-name REPOSITORY --image-ids imageTag=TAG`.",
      "Publish a new commit: each has tags of its own.",
      "Make tags immutable, so that nobody can move them: `aws ecr put-image-tag-mutability --repository-name REPOSITORY --image-tag-mutability IMMUTABLE`.",
    ],
  },
  TAG_UNSETTLED: {
    meaning: "A tag was written, and the registry does not find it.",
    changed: "The tag may or may not be there.",
    advice: ["Run the same again: it looks, and tags what is not tagged yet."],
  },
  UPLOAD_LOST: {
    meaning: "ECR lost an upload before it was complete.",
    advice: ["Run the same again: what has arrived is not uploaded again."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;
