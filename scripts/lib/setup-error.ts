/** A failure the user can do something about: printed as one sentence, without a stack. */
export class SetupError extends Error {}

/** What was asked for cannot be understood: an option is missing, or has a value that makes no sense. */
export class UsageError extends SetupError {}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What to tell the user of an error: its sentence when it was meant for them, a plain one for a full or closed disk. */
export function explain(error: unknown): string | undefined {
  if (error instanceof SetupError) return error.message
  switch (codeOf(error)) {
    case 'ENOSPC':
      return 'The disk is full: free some space and run npm start again; nothing that was saved is lost.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'The data folder cannot be written: give this user the right to, or choose another with --data DIR.'
    default:
      return undefined
  }
}
