import { expect, it } from "vitest";
import { publishedNames } from "../../../src/lib/config/published-names.ts";
import { aConfig } from "../../fakes/config.ts";

const config = aConfig({ services: ["web"] });

it("an edge is published where there may be slots, and nowhere else", () => {
  expect(publishedNames(config)).toEqual(["web", "edge", "bundle"]);
  expect(publishedNames({ ...config, runtime: { strategy: "slots" } })).toEqual(["web", "edge", "bundle"]);
  expect(publishedNames({ ...config, runtime: { strategy: "recreate" } })).toEqual(["web", "bundle"]);
  // Its name is taken: then hosts have no slots.
  expect(publishedNames({ ...config, services: ["web", "edge"] })).toEqual(["web", "edge", "bundle"]);
});
