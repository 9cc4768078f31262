import { expect, it } from "vitest";
import { help } from "../../../../src/lib/actions/help/run.ts";
import { isSubject, pageNames } from "../../../../src/lib/help/pages.ts";

const commandPage = (words: readonly string[]): Promise<string> => Promise.resolve(`the page of ${words.join(" ")}`);
const shown = (...words: string[]) => help(words, commandPage);

it("shows a subject by its name in any case, and as a variable is written", async () => {
  const page = await shown("ecr-repo");
  expect(page).toMatchObject({ page: "ecr-repo", schema: null, text: expect.stringMatching(/^# ECR_REPO/) });
  expect(await shown("ECR_REPO")).toEqual(page);
});

it("shows a command's page where there is no such subject", async () => {
  expect(await shown("deploy")).toMatchObject({ page: "deploy", text: "the page of deploy" });
  expect(await shown("sandbox", "up")).toMatchObject({ page: "sandbox up", text: "the page of sandbox up" });
  expect(await shown()).toMatchObject({ page: null, text: "the page of " });
});

it("names every subject with its title, whatever is asked", async () => {
  const { subjects } = await shown("deploy");
  expect(subjects.map(({ name }) => name)).toEqual(pageNames());
  expect(subjects).toContainEqual({ name: "gates", title: "Gates: what a release must have shown" });
});

it("shows the schema of a command's result with the definitions that it needs, and no others", async () => {
  const { schema, text, page } = await shown("json", "deploy");
  expect({ text, page }).toEqual({ text: null, page: "deploy" });
  const { definitions } = schema as unknown as { definitions: Record<string, unknown> };
  expect(Object.keys(definitions)).toEqual(expect.arrayContaining(["RolloutResult", "Failure", "ErrorJson", "Digest"]));
  const used = [...JSON.stringify(schema).matchAll(/#\/definitions\/(\w+)/g)].map(([, name = ""]) => name);
  expect(Object.keys(definitions).toSorted()).toEqual([...new Set(used)].toSorted());
  expect(await shown("json", "sandbox", "up")).toMatchObject({ schema: { title: "threads sandbox up --json" } });
});

it("tells the command that was meant where it has no schema", async () => {
  await expect(shown("json", "deplyo")).rejects.toMatchObject({ next: ["threads help json deploy"] });
  await expect(shown("json", "xyzzy")).rejects.toMatchObject({ code: "UNKNOWN_COMMAND", next: ["threads help"] });
});

it("takes for a subject what has a page, and nothing beside the folder of pages", () => {
  expect(["gates", "json", "GATES"].map((word) => isSubject([word]))).toEqual([true, true, true]);
  expect(isSubject(["gates", "prod"])).toBe(false);
  expect(["../help/gates", "pages.ts", "", "constructor"].map((word) => isSubject([word]))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
