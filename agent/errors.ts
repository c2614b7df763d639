/**
 * The base of every error this project throws on purpose. Branch on `code`, never on the message;
 * a message holds no personal data and no secret.
 */
export class SymbolonError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}
