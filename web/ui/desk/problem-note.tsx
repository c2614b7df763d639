import { useTranslation } from 'react-i18next'
import { ApiError } from '../problem.ts'
import { ErrorNote } from '../states.tsx'

/** The city's codes that a person at a desk can do something about; each has its own sentence. */
const known = new Set([
  'ERR_BUDGET_EXHAUSTED', 'ERR_PROGRAM_NOT_RUNNING', 'ERR_LOGIN_TAKEN', 'ERR_HOLDINGS_TOO_LOW', 'ERR_PORTRAIT_INVALID',
  'ERR_PORTRAIT_TOO_LARGE',
])

/** An error beside a form, in the words of the desk where there are such. */
export function ProblemNote({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const problem = error instanceof ApiError ? error.problem : undefined
  if (problem === undefined || !known.has(problem)) return <ErrorNote error={error} />
  return <ErrorNote error={error}><p><strong>{t(`desk.problem.${problem}`)}</strong></p></ErrorNote>
}
