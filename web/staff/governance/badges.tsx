import { useTranslation } from 'react-i18next'
import type { DraftState, Proposal } from './wire.ts'

const proposalLooks = {
  pending: ['badge', '◌'], active: ['badge badge-wait', '●'], defeated: ['badge badge-bad', '✕'], succeeded: ['badge badge-good', '✓'], queued: ['badge badge-wait', '◷'],
  executable: ['badge badge-wait', '▶'], executed: ['badge badge-good', '✓'], cancelled: ['badge', '○'],
} as const

/** Where a proposal stands: a word, a shape and a colour. */
export function ProposalBadge({ state }: Pick<Proposal, 'state'>) {
  const { t } = useTranslation()
  const [className, mark] = proposalLooks[state]
  return <span className={className}><span aria-hidden="true">{mark}</span>{t(`governance.state.${state}`)}</span>
}

const draftLooks = {
  draft: ['badge badge-wait', '◌'], approved: ['badge badge-wait', '◷'], confirmed: ['badge badge-good', '✓'], failed: ['badge badge-bad', '✕'], withdrawn: ['badge', '○'],
  expired: ['badge', '○'],
} as const

/** Where a draft stands. */
export function DraftBadge({ state }: { state: DraftState }) {
  const { t } = useTranslation()
  const [className, mark] = draftLooks[state]
  return <span className={className}><span aria-hidden="true">{mark}</span>{t(`governance.draft_state.${state}`)}</span>
}
