import type { Permission } from "./document.ts";
import { arnsOf, type IamSubject } from "./subject.ts";

/** Records, by names with the slash at their beginning and `*` as in policies. */
export interface Reading {
  /** Folders whose records are read a page at a time. */
  readonly folders: readonly string[];
  /** Records that are asked for by name. */
  readonly named: readonly string[];
  /** Records that are read back, where somebody else may have written them first, or a reply was lost. */
  readonly readBack?: readonly string[];
}

/**
 * Parameter Store judges a page of a folder by the folder itself, and not by what is below it (Systems Manager user guide, "How
 * Parameter Store authorizes parameter retrieval"); a record by its name. Nothing is said of the rest of an application's
 * path, where its own variables may lie.
 */
export function readRecords(subject: IamSubject, { folders, named, readBack = [] }: Reading): readonly Permission[] {
  const { parameter } = arnsOf(subject);
  const on = (sid: string, action: string, why: string, names: readonly string[]): readonly Permission[] =>
    names.length === 0 ? [] : [{ sid, actions: { [action]: why }, resources: names.map(parameter) }];
  return [
    ...on("ListRecords", "ssm:GetParametersByPath", "reads the ledger, a page at a time", folders),
    ...on(
      "ReadRecords",
      "ssm:GetParameters",
      "reads the newest records by name, and asks for lease, freeze and policy",
      named,
    ),
    ...on("ReadBack", "ssm:GetParameter", "tells its own record from another's, where a reply was lost", readBack),
  ];
}

interface Writing {
  readonly sid: string;
  readonly why: string;
  /** With the slash at its beginning; `*` as in policies. */
  readonly names: readonly string[];
}

/** A record that is written once: nobody, its author included, changes it afterwards (condition key ssm:Overwrite). */
export function createRecords(subject: IamSubject, { sid, why, names }: Writing): Permission {
  const { parameter } = arnsOf(subject);
  return {
    sid,
    actions: { "ssm:PutParameter": why },
    resources: names.map(parameter),
    condition: { StringEquals: { "ssm:Overwrite": "false" } },
  };
}

/** A record that changes, such as the lease. */
export function writeRecords(subject: IamSubject, { sid, why, names }: Writing): Permission {
  const { parameter } = arnsOf(subject);
  return { sid, actions: { "ssm:PutParameter": why }, resources: names.map(parameter) };
}

export function deleteRecords(
  subject: IamSubject,
  { sid, why, names, action = "ssm:DeleteParameter" }: Writing & { readonly action?: string },
): Permission {
  const { parameter } = arnsOf(subject);
  return { sid, actions: { [action]: why }, resources: names.map(parameter) };
}

/** Stop the line, and let it go again. */
export function freezeAndLift(subject: IamSubject, environment: string): readonly Permission[] {
  const { app } = subject;
  const freeze = `/${app}/${environment}/freeze`;
  return [
    createRecords(subject, {
      sid: "Freeze",
      why: "stops the line, and keeps who let it go again",
      names: [freeze, `/${app}/${environment}/freezes/*`],
    }),
    deleteRecords(subject, { sid: "LiftFreeze", why: "lets the line go again", names: [freeze] }),
  ];
}
