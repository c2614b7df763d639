import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { deskApi } from '../../ui/desk/desk-api.ts'
import { useAction } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { isDecisionType, kindOf, requestOf } from './forms.ts'
import { GovernanceProblem } from './governance-problem.tsx'
import type { Draft } from './wire.ts'

/** A second try for a draft that came to nothing: a decision goes back to its form, anything else is drafted as it was. */
export function Again({ draft, onDrafted }: { draft: Draft; onDrafted(): void }) {
  const { t } = useTranslation()
  const kind = kindOf(draft.action)
  const again = useAction(async () => {
    const created = await deskApi.post<Draft>('/v1/governance/drafts', requestOf(draft), { idempotent: true })
    onDrafted()
    goTo(`federation/drafts/${created.draft_id}`)
  })
  if (isDecisionType(kind)) return <div className="actions"><ButtonLink kind="primary" href={`#/federation/new/${kind}/${draft.draft_id}`}>{t('governance.change_and_draft')}</ButtonLink></div>
  return (
    <>
      <GovernanceProblem error={again.error} action={draft.action} />
      <div className="actions"><Button kind="primary" isBusy={again.isRunning} onPress={() => void again.run()}>{t('governance.draft_again')}</Button></div>
    </>
  )
}
