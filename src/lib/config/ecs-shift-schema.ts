import { z } from "zod";

// How a service on ECS changes by having its new tasks beside the old ones, in the words of ECS's own deploymentConfiguration.

const arnOf = (kind: "targetgroup" | "listener-rule", says: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\\d{12}:${kind}/\\S+$`), says);
const rule = arnOf("listener-rule", "the ARN of a listener rule");

export const shift = z
  .strictObject({
    strategy: z
      .enum(["BLUE_GREEN", "CANARY", "LINEAR"])
      .describe("All requests at once, a first part and then all, or equal parts one after another"),
    percent: z
      .number()
      .min(0.1)
      .max(100)
      .multipleOf(0.1)
      .optional()
      .describe("Of requests: what a canary gets first (5 where absent), or each step of LINEAR (10, and 3 at least)"),
    step_minutes: z
      .number()
      .int()
      .min(0)
      .max(1440)
      .optional()
      .describe("Minutes before the next step: 10 of a canary, 6 of LINEAR where absent"),
    bake_minutes: z
      .number()
      .int()
      .min(0)
      .max(1440)
      .default(5)
      .describe(
        "Minutes for which the old tasks stay, once all requests go to the new ones: the way back takes seconds",
      ),
    alternate_target_group: arnOf("targetgroup", "the ARN of a target group").describe(
      "The second target group: the two take turns",
    ),
    production_rule: rule.describe("Listener rule that sends people's requests to the two"),
    test_rule: rule.optional().describe("Listener rule of those who test: it leads to the new tasks first"),
    role: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "the ARN of an IAM role")
      .describe("Role by which ECS changes the rules"),
  })
  .superRefine(({ strategy, percent, step_minutes: minutes }, context) => {
    const told = { percent, step_minutes: minutes };
    for (const [key, value] of Object.entries(told))
      if (strategy === "BLUE_GREEN" && value !== undefined)
        context.addIssue({ code: "custom", path: [key], message: "BLUE_GREEN has no steps: CANARY and LINEAR have" });
    if (strategy === "LINEAR" && percent !== undefined && percent < 3)
      context.addIssue({ code: "custom", path: ["percent"], message: "a step of LINEAR is 3 percent at least" });
  })
  .transform(
    ({
      step_minutes: stepMinutes,
      bake_minutes: bakeMinutes,
      alternate_target_group: alternateTargetGroup,
      production_rule: productionRule,
      test_rule: testRule,
      ...rest
    }) => ({
      ...rest,
      bakeMinutes,
      alternateTargetGroup,
      productionRule,
      ...(stepMinutes !== undefined && { stepMinutes }),
      ...(testRule !== undefined && { testRule }),
    }),
  );
