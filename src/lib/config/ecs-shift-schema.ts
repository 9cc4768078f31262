import { z } from "zod";

// How a service on ECS changes by having its new tasks beside the old ones, in the words of ECS's own deploymentConfiguration.

const arnOf = (kind: "targetgroup" | "listener-rule", says: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\\d{12}:${kind}/\\S+$`), says);
const rule = arnOf("listener-rule", "the ARN of a listener rule");

/** Where ECS takes a pause: neither where requests go over nor where tasks come up or go (pause hooks). */
const pauseStages = [
  "RECONCILE_SERVICE",
  "PRE_SCALE_UP",
  "POST_SCALE_UP",
  "POST_TEST_TRAFFIC_SHIFT",
  "PRE_PRODUCTION_TRAFFIC_SHIFT",
  "POST_PRODUCTION_TRAFFIC_SHIFT",
] as const;

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
    pause_at: z
      .array(z.enum(pauseStages))
      .min(1)
      .optional()
      .describe("Stages at which a deployment waits for a person, who goes on with it by --continue"),
    pause_minutes: z
      .number()
      .int()
      .min(1)
      .max(20_160)
      .optional()
      .describe("Minutes for which a pause waits: a day where absent, two weeks at most"),
    pause_then: z
      .enum(["ROLLBACK", "CONTINUE"])
      .optional()
      .describe("What ECS does where nobody has answered by then: ROLLBACK where absent"),
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
  .superRefine(({ strategy, percent, step_minutes: minutes, pause_at: stages, ...rest }, context) => {
    for (const key of ["pause_minutes", "pause_then"] as const)
      if (stages === undefined && rest[key] !== undefined)
        context.addIssue({ code: "custom", path: [key], message: "there is no pause: pause_at says where" });
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
      pause_at: pauseAt,
      pause_minutes: pauseMinutes,
      pause_then: pauseThen,
      ...rest
    }) => ({
      ...rest,
      bakeMinutes,
      alternateTargetGroup,
      productionRule,
      ...(stepMinutes !== undefined && { stepMinutes }),
      ...(testRule !== undefined && { testRule }),
      ...(pauseAt !== undefined && { pauseAt }),
      ...(pauseMinutes !== undefined && { pauseMinutes }),
      ...(pauseThen !== undefined && { pauseThen }),
    }),
  );
