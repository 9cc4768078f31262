/** Where a remote of git is. */
interface RemoteAddress {
  /** In small letters. */
  readonly host: string;
  readonly owner: string;
  readonly name: string;
}

/** Of a URL in whatever form git takes it. @returns undefined for a path of this machine, and where there are not an owner and a name alone */
export function remoteAddress(url: string): RemoteAddress | undefined {
  const [, host = "", owner, name] =
    /^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^@:/]+)(?::\d+)?[:/]\/?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/i.exec(url) ?? [];
  return owner === undefined || name === undefined ? undefined : { host: host.toLowerCase(), owner, name };
}

/** Whether a host is GitHub itself, under an alias of ssh's configuration too (`github.com-work`). */
export function isGithubItself({ host }: Pick<RemoteAddress, "host">): boolean {
  return /^(?:ssh\.|www\.)?github\.com(?:-[\w-]+)?$/.test(host);
}
