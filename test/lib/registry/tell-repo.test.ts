import { expect, test } from "vitest";
import { tellRepo } from "../../../src/lib/registry/tell-repo.ts";

test.each([
  [true, ["note"]],
  [false, ["detail"]],
])("how ECR_REPO was read is told where it had to be found out: %s", (inferred, expected) => {
  const told: string[] = [];
  const [note, detail] = ["note", "detail"].map((as) => (text: string) => void told.push(`${as} ${text}`));
  tellRepo({ explanation: "so", inferred }, { note: note!, detail: detail! });
  expect(told).toEqual(expected.map((as) => `${as} so`));
});
