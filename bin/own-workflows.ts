// This repository's own workflows: those that `threads init` writes for an application, with the CLI built from these sources.
import { workflowsFor } from "../src/lib/actions/init/workflows.ts";

/** By path. What is in no threads.yml: `ci-*` branches are tested, and merges to dev are published. */
export function ownWorkflows(): Readonly<Record<string, string>> {
  return workflowsFor({
    branch: "dev",
    publisher: "dev",
    environments: ["staging", "prod"],
    gated: "prod",
    testOn: 'push:\n  branches: ["ci-*"]',
    action: "./.github/actions/setup",
  });
}
