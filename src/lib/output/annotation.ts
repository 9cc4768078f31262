/** A workflow command of GitHub Actions; `%`, CR and LF are escaped as the runner expects. @param title of an annotation */
export function annotation(command: "error" | "warning" | "group", text: string, title?: string): string {
  const data = text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  return `::${command}${title === undefined ? "" : ` title=${title}`}::${data}`;
}
