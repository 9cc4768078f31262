import { Flags } from "@oclif/core";

/** `-e, --environment ENV`, of whatever a command does with it; what exists is threads.yml's word, which is read later. */
export const environmentFlag = Flags.custom({ char: "e", helpValue: "ENV" });
