/** What a member has answered, or why it has not. */
export type Answer<Report> = { readonly report: Report } | { readonly silence: string };

/** By the member's id. */
export type Heard<Report> = ReadonlyMap<string, Answer<Report>>;
