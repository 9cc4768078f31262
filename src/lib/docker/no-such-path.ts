/** Whether docker says that a container, or an image, has nothing at a path, in the words of 20 to 29 and of the systems below it. */
export function isNoSuchPath(said: string): boolean {
  return /could not find the file|no such file|not a directory/i.test(said);
}
