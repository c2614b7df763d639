import { useTranslation } from 'react-i18next'
import { ApiError } from '../../ui/problem.ts'
import { ErrorNote } from '../../ui/states.tsx'

const known = new Set(['ERR_SAME_OFFICER', 'ERR_DRAFT_CLOSED', 'ERR_DRAFT_EXPIRED', 'ERR_NOTHING_OFFERED', 'ERR_CONTROL_MOVING', 'ERR_CHAIN_UNAVAILABLE', 'ERR_REHEARSAL_REFUSED'])

/** An error of governance beside a form or button, in its own words; what the chain said comes in English. */
export function GovernanceProblem({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const problem = error instanceof ApiError ? error.problem : undefined
  if (!(error instanceof ApiError) || problem === undefined || !known.has(problem)) return <ErrorNote error={error} />
  return (
    <ErrorNote error={error}>
      <p><strong>{t(`governance.error.${problem}`)}</strong></p>
      {problem === 'ERR_REHEARSAL_REFUSED' && <p lang="en">{error.detail}</p>}
    </ErrorNote>
  )
}
