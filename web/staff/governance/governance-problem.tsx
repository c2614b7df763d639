import { useTranslation } from 'react-i18next'
import { ApiError } from '../../ui/problem.ts'
import { ErrorNote } from '../../ui/states.tsx'
import { RefusalNote } from './refusal-note.tsx'
import { refusalOf } from './refusals/refusal-of.ts'
import type { Action } from './wire.ts'

const known = new Set(['ERR_SAME_OFFICER', 'ERR_DRAFT_CLOSED', 'ERR_DRAFT_EXPIRED', 'ERR_NOTHING_OFFERED', 'ERR_CONTROL_MOVING', 'ERR_CHAIN_UNAVAILABLE', 'ERR_REHEARSAL_REFUSED', 'ERR_PROPOSAL_FAULTY'])

/** An error of governance beside a form or button, in its own words; what the chain would refuse, with advice. */
export function GovernanceProblem({ error, action }: { error: unknown; action?: Action | undefined }) {
  const { t } = useTranslation()
  const problem = error instanceof ApiError ? error.problem : undefined
  const refusal = refusalOf(error)
  if (refusal !== undefined) return <RefusalNote refusal={refusal} action={action} title={t('governance.error.ERR_REHEARSAL_REFUSED')} />
  if (problem === undefined || !known.has(problem)) return <ErrorNote error={error} />
  return <ErrorNote error={error}><p><strong>{t(`governance.error.${problem}`)}</strong></p></ErrorNote>
}
