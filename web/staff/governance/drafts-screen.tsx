import { useTranslation } from 'react-i18next'
import { formatMoment } from '../../ui/desk/times.ts'
import { EmptyState, ErrorState, Loading } from '../../ui/states.tsx'
import type { RequestState } from '../../ui/use-request.ts'
import { DraftBadge } from './badges.tsx'
import { kindOf } from './forms.ts'
import { useProposalTitles } from './use-proposal-titles.ts'
import type { Draft } from './wire.ts'

/** What officers have drafted: first what waits for the one who looks. */
export function DraftsScreen({ drafts: { data, error, reload } }: { drafts: RequestState<readonly Draft[]> }) {
  const { t } = useTranslation()
  const titleOf = useProposalTitles()
  const waiting = data?.filter((draft) => draft.may_approve) ?? []
  const others = data?.filter((draft) => !draft.may_approve) ?? []
  return (
    <>
      <h1>{t('governance.drafts.title')}</h1>
      <p className="lead">{t('governance.drafts.lead')}</p>
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      {data?.length === 0 && <EmptyState title={t('governance.drafts.none')}><p>{t('governance.drafts.none_text')}</p></EmptyState>}
      {waiting.length > 0 && <DraftList title={t('governance.drafts.for_you')} drafts={waiting} titleOf={titleOf} />}
      {others.length > 0 && <DraftList title={t('governance.drafts.others')} drafts={others} titleOf={titleOf} />}
    </>
  )
}

function DraftList({ title, drafts, titleOf }: { title: string; drafts: readonly Draft[]; titleOf(proposalId: string | undefined): string }) {
  const { t, i18n } = useTranslation()
  const nameOf = (draft: Draft): string => {
    const kind = t(`governance.kind.${kindOf(draft.action)}`)
    const title = draft.description?.split('\n', 1)[0] ?? titleOf(draft.action.proposal_id)
    return title === '' ? kind : t('governance.drafts.item', { kind, title })
  }
  return (
    <section className="stack">
      <h2>{title}</h2>
      <ul className="result-list">
        {drafts.map((draft) => (
          <li key={draft.draft_id}>
            <a className="result" href={`#/federation/drafts/${draft.draft_id}`}>
              <span className="result-main">{nameOf(draft)}</span>
              <span>{t(draft.drafted.is_you ? 'governance.drafted_by_you' : 'governance.drafted_by', { name: draft.drafted.by, date: formatMoment(draft.drafted.at, i18n.language) })}</span>
              <DraftBadge state={draft.state} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
