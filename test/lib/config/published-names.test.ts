import { expect, it } from "vitest";
import { publishedNames } from "../../../src/lib/config/published-names.ts";
import { aConfig } from "../../fakes/config.ts";

const config = aConfig({ services: ["web"] });

it("an edge is published where there are slots, and nowhere else", () => {
  expect(publishedNames(config)).toEqual(["web", "bundle"]);
  expect(publishedNames({ ...config, runtime: { strategy: "slots" } })).toEqual(["web", "edge", "bundle"]);
});
