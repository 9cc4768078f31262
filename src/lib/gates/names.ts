/** Every condition of a promotion, in the order in which they are told. */
export const gateNames = ["published", "freeze", "branch", "scan", "verified", "soak", "smoke"] as const;

export type GateName = (typeof gateNames)[number];

/** Those that a person may open with a reason. What is not published cannot be promoted, whatever anybody says. */
export const overridable = gateNames.filter((name) => name !== "published");
