/** What names may be (API reference, CreateLogGroup and CreateLogStream). */
export const groupRule = { min: 1, max: 512, pattern: /^[.\-_/#A-Za-z0-9]+$/ } as const;
export const streamRule = { min: 1, max: 512, pattern: /^[^:*]*$/ } as const;
