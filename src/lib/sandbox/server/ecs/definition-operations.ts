import type { Operation } from "../protocol.ts";
import { checkDefinition, tagsOf } from "./check-definition.ts";
import {
  clientError,
  definitionArn,
  type EcsParts,
  findDefinition,
  type Input,
  keyOf,
  padded,
  page,
  read,
  seconds,
} from "./parts.ts";
import type { Definition } from "./state.ts";

/** Task definitions (API reference, 2014-11-13). */
export function definitionOperations(parts: EcsParts): Readonly<Record<string, Operation>> {
  return {
    RegisterTaskDefinition: async (input, { identity }) => {
      const body = checkDefinition(input);
      const tags = tagsOf(input);
      const family = String(input["family"]);
      const definition = await parts.store.update((state): Definition => {
        const revision = (state.revisions[family] ?? 0) + 1;
        state.revisions[family] = revision;
        const made: Definition = {
          family,
          revision,
          status: "ACTIVE",
          registeredAt: seconds(parts),
          registeredBy: identity.arn,
          body,
          tags,
        };
        state.definitions[keyOf(made)] = made;
        return made;
      });
      return { taskDefinition: definitionView(parts, definition), ...(tags.length > 0 && { tags }) };
    },
    DescribeTaskDefinition: async (input) => {
      const found = findDefinition(parts.store.state, read.string(input, "taskDefinition"));
      if (found === undefined) throw clientError("Unable to describe task definition.");
      const include = read.optionalStrings(input, "include") ?? [];
      return { taskDefinition: definitionView(parts, found), ...(include.includes("TAGS") && { tags: found.tags }) };
    },
    DeregisterTaskDefinition: async (input) => {
      const text = read.string(input, "taskDefinition");
      if (!/:\d+$/.test(text)) throw clientError("Invalid revision number. Number: null");
      const key = findDefinition(parts.store.state, text);
      if (key === undefined) throw clientError("The specified task definition does not exist.");
      const definition = await parts.store.update(() => {
        key.status = "INACTIVE";
        key.deregisteredAt ??= seconds(parts);
        return key;
      });
      return { taskDefinition: definitionView(parts, definition) };
    },
    ListTaskDefinitions: async (input) => listDefinitions(parts, input),
    ListTaskDefinitionFamilies: async (input) => listFamilies(parts, input),
  };
}

function listDefinitions(parts: EcsParts, input: Input): unknown {
  const prefix = read.optionalString(input, "familyPrefix");
  const status = read.optionalOneOf(input, "status", ["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"] as const) ?? "ACTIVE";
  const sort = read.optionalOneOf(input, "sort", ["ASC", "DESC"] as const) ?? "ASC";
  // The prefix is a whole family's name (API reference, ListTaskDefinitions: "the full family name").
  const all = Object.values(parts.store.state.definitions).filter(
    (one) => one.status === status && (prefix === undefined || one.family === prefix),
  );
  // No name has a space: a family comes before those that begin like it.
  const key = ({ family, revision }: Definition): string => `${family} ${padded(revision)}`;
  const { items, ...more } = page(all, input, { key, descending: sort === "DESC", usual: 100, most: 100 });
  return { taskDefinitionArns: items.map((one) => definitionArn(parts, keyOf(one))), ...more };
}

/** Those with an ACTIVE revision, those with none but others, or both (API reference, ListTaskDefinitionFamilies). */
function listFamilies(parts: EcsParts, input: Input): unknown {
  const prefix = read.optionalString(input, "familyPrefix") ?? "";
  const status = read.optionalOneOf(input, "status", ["ACTIVE", "INACTIVE", "ALL"] as const) ?? "ALL";
  const all = Object.values(parts.store.state.definitions);
  const active = new Set(all.filter((one) => one.status === "ACTIVE").map(({ family }) => family));
  const families = [...new Set(all.map(({ family }) => family))].filter(
    (family) => family.startsWith(prefix) && (status === "ALL" || active.has(family) === (status === "ACTIVE")),
  );
  const { items, ...more } = page(families, input, { key: (family) => family, usual: 100, most: 100 });
  return { families: items, ...more };
}

function definitionView(parts: EcsParts, definition: Definition): Input {
  const { revision, status, registeredAt, registeredBy, deregisteredAt, body } = definition;
  const { volumes = [], placementConstraints = [] } = body;
  const wanted = (body["requiresCompatibilities"] ?? []) as readonly string[];
  return {
    ...body,
    volumes,
    placementConstraints,
    taskDefinitionArn: definitionArn(parts, keyOf(definition)),
    revision,
    status,
    registeredAt,
    registeredBy,
    ...(deregisteredAt !== undefined && { deregisteredAt }),
    requiresAttributes: [],
    compatibilities: [...new Set(["EC2", ...wanted])],
  };
}
