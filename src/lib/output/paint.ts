/** Meaning, not colour: what a renderer says about a piece of text. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
}

/**
 * Turns a result into the lines that a person reads on stdout.
 * @param columns width of the terminal, for tables; undefined where there is none. Whatever is still too wide is wrapped later
 */
export type Render<T> = (result: T, paint: Paint, columns?: number) => string[];

const same = (text: string): string => text;

export const plainPaint: Paint = { good: same, bad: same, warn: same, dim: same, strong: same };

/** @param colour whether the stream is a terminal that wants colour; chalk is loaded only then. */
export async function choosePaint(colour: boolean): Promise<Paint> {
  if (!colour) return plainPaint;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return { good: chalk.green, bad: chalk.red, warn: chalk.yellow, dim: chalk.dim, strong: chalk.bold };
}

/** Colours that tell things apart and mean nothing, by a number; whoever has more things than there are colours sees some twice. */
export async function chooseHues(colour: boolean): Promise<(number: number, text: string) => string> {
  if (!colour) return (_, text) => text;
  const { Chalk } = await import("chalk");
  const { cyan, magenta, blue, yellow, green, cyanBright, magentaBright, blueBright } = new Chalk({ level: 1 });
  const hues = [cyan, magenta, blue, yellow, green, cyanBright, magentaBright, blueBright];
  return (number, text) => hues[number % hues.length]?.(text) ?? text;
}
