import type { QueryService } from "./query.ts";

/** STS as far as `threads` and aws-cli need it to say who they are (STS API reference, 2011-06-15). */
export function createSts(): QueryService {
  return {
    service: "sts",
    version: "2011-06-15",
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    actions: {
      GetCallerIdentity: ({ identity }) =>
        Promise.resolve({ Arn: identity.arn, UserId: "AIDASANDBOXSANDBOXSA", Account: identity.account }),
    },
  };
}
