/** Every condition of a promotion with what it asks for, in the order in which they are shown. */
export const gateTexts = {
  published: "its images and its bundle are in the registry, and the bundle is what git has at its commit",
  freeze: "the environment is not frozen",
  branch: "the branch has the commit, or one with the same tree",
  checks: "the checks of GitHub that are asked for have passed on the commit",
  scan: "the registry's image scan has no finding that stands in the way",
  signature: "every image and the bundle are signed by whom threads.yml names",
  verified: "these digests were deployed to another environment, and came up",
  soak: "they have run there long enough",
  verify: "another environment has answered every check with these digests, on every host or by its address",
  stress: "these digests have kept a budget under load in another environment",
  rehearsed: "the deployment of these digests over what the environment runs, and the way back, were rehearsed",
  approvals: "enough people have approved these digests for the environment, and nobody rejects them",
  maturity: "the release was published long enough ago",
  window: "it is a day and an hour at which the environment takes releases, and its calendars are open",
  smoke: "the smoke test of these digests has passed",
} as const;

export type GateName = keyof typeof gateTexts;

export const gateNames = Object.keys(gateTexts) as readonly GateName[];

/** Those that a person may open with a reason. What is not published cannot be promoted, whatever anybody says. */
export const overridable = gateNames.filter((name) => name !== "published");
