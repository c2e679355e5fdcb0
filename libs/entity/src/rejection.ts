// A request that is refused: the one error type that the controller's HTTP edge knows how to write.
//
// Everything that can go wrong for a caller is a Rejection with OpenWhisk's status and text; anything else that reaches the
// edge is a defect and becomes 500 `There was an internal server error.`

export class Rejection extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** OpenWhisk's sentence, exactly. */
    message: string,
    /**
     * Whether the answer carries CORS headers. OpenWhisk adds them to whatever was produced after parsing succeeded
     * (compatibility notes R5), so refusals by syntax, credentials or route have none.
     */
    readonly cors: boolean = true,
    /** Further response headers. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'Rejection';
  }
}
