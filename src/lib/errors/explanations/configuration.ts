import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** threads.yml, ECR_REPO and the other variables of the environment. */
export const configuration = {
  CONFIG_INVALID: {
    meaning: "threads.yml has keys that do not exist or values that cannot be: each is named with its line and column.",
    advice: [
      "Correct the lines that the message names.",
      "An editor that knows JSON Schema shows them while you type.",
    ],
  },
  ECR_REPO_ACCOUNT: {
    meaning: "The account in ECR_REPO does not have the twelve digits of an AWS account.",
    advice: ["`aws sts get-caller-identity --query Account` shows the account of the credentials."],
  },
  ECR_REPO_AMBIGUOUS: {
    meaning: "ECR_REPO names a repository that exists, and repositories below it exist too: threads does not guess.",
    advice: [
      "Write which is meant: with a slash at the end for a repository for each service, with `:{tag}-{service}` for one.",
    ],
  },
  ECR_REPO_INCOMPLETE: {
    meaning: "ECR_REPO names no registry, and the credentials are a sandbox's, whose registry no account tells.",
    advice: ['In a sandbox: `eval "$(threads sandbox env)"`.', "Otherwise put the registry's host before the name."],
  },
  ECR_REPO_INVALID: {
    meaning: "ECR_REPO does not give a repository name that ECR takes.",
    advice: ["Use lower case letters, digits and the characters . _ - / only."],
  },
  ECR_REPO_MASKED: {
    meaning: "ECR_REPO consists of asterisks: it was copied from a log that had masked a secret.",
    advice: ["Store ECR_REPO as a variable and not as a secret: it is none, and masked it helps nobody."],
  },
  ECR_REPO_MISSING: {
    meaning: "Neither ECR_REPO nor registry.repository of threads.yml is set, so there is no registry to talk to.",
    advice: [
      'In a sandbox: `eval "$(threads sandbox env)"`.',
      "Otherwise `export ECR_REPO=123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads/`, with your own.",
    ],
  },
  ECR_REPO_NOT_ECR: {
    meaning: "The host in ECR_REPO is no private registry of Amazon ECR.",
    advice: ["Write a host such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com."],
  },
  ECR_REPO_TAG: {
    meaning: "ECR_REPO has braces in its tag that mean nothing: only {tag} and {service} do, each once.",
    advice: ["Write `:{tag}-{service}` or `:{service}-{tag}` after the name of the one repository."],
  },
  ECR_REPO_TAGS_COLLIDE: {
    meaning: "In one repository for all services, a tag of one service could also be read as one of another.",
    advice: ["Write the form that the message names, or give each service a repository of its own."],
  },
  ENVIRONMENT_WITHOUT_ECS: {
    meaning: "The environment is not on ECS by threads.yml, and the command is about ECS.",
    advice: [
      "Name an environment that has `ecs`.",
      "Or give this one `ecs` in threads.yml: `threads help ecs` tells how.",
    ],
  },
  ENVIRONMENT_WITHOUT_HOSTS: {
    meaning: "The environment has no hosts in threads.yml: images come to it, but nothing runs there.",
    advice: ["Name an environment that has hosts.", "Or give this one `hosts` in threads.yml."],
  },
  ENV_TEMPLATE: {
    meaning:
      "The template of the smoke test's environment file is missing, or compose reads other values from it than were meant: a host would too.",
    advice: [
      "Correct the file that the message names, or `smoke.env.template` in threads.yml.",
      "Single quotes keep a value as it is; a name without a value, or a `$NAME` that nothing sets, is taken from outside.",
    ],
  },
  FILES_EXIST: {
    meaning: "`threads init` would write a file that is there already.",
    advice: ["`threads config` shows what the file says.", "`threads init --force` replaces it."],
  },
  IMAGE_REFERENCE_INVALID: {
    meaning: "A text that should name an image does not: neither host/repository:tag nor host/repository@sha256:….",
    advice: ["`docker images --digests` shows how images are written."],
  },
  NOTHING_TO_RUN: {
    meaning: "`threads init` found no compose file with a service that answers from outside.",
    advice: ["Describe the application in a compose.yaml, with `ports` under the service that answers HTTP."],
  },
  NO_CONFIG: {
    meaning: "There is no threads.yml that can be read, here or in a folder above.",
    advice: ["Change to the repository that has one.", "Or name it with `--config FILE` or THREADS_CONFIG."],
  },
  NO_REGION: {
    meaning: "No AWS region is known: neither `region` in threads.yml nor AWS_REGION is set.",
    advice: ["`export AWS_REGION=eu-west-1`, with your own.", 'In a sandbox: `eval "$(threads sandbox env)"`.'],
  },
  TAG_INVALID: {
    meaning: "A text cannot be a tag of an image: 1 to 128 letters, digits, _ . and -, not beginning with . or -.",
    advice: ["Choose another one; instead of a plus, which versions have, write a dash."],
  },
  UNKNOWN_ENVIRONMENT: {
    meaning: "threads.yml has no environment of that name.",
    advice: ["Name one of those that the message lists."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;
