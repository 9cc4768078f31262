import { count } from "../../../text/words.ts";
import { type Check, ok } from "../check.ts";

export const leftoversCheck: Check = {
  id: "leftovers",
  title: "killed runs",
  look: async (ports) => {
    const { stacks, images, folders } = await ports.leftovers();
    const all = [...stacks, ...images, ...folders];
    if (all.length === 0) return [ok("have left nothing on this machine")];
    const says = `left ${count(stacks.length, "stack")}, ${count(images.length, "image")} and ${count(folders.length, "folder")} on this machine`;
    return [{ state: "warn", says, details: all, next: ["threads prune --yes"] }];
  },
};
