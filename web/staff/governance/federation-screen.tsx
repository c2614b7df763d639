import { useTranslation } from 'react-i18next'
import { deskApi } from '../../ui/desk/desk-api.ts'
import { listOf } from '../../ui/desk/list-of.ts'
import { useRequest } from '../../ui/use-request.ts'
import { CityScreen } from './city-screen.tsx'
import { DraftScreen } from './draft-screen.tsx'
import { DraftsScreen } from './drafts-screen.tsx'
import { isDecisionType } from './forms.ts'
import { KindsScreen } from './kinds-screen.tsx'
import { NewScreen } from './new-screen.tsx'
import { ProposalScreen } from './proposal-screen.tsx'
import { ProposalsScreen } from './proposals-screen.tsx'
import { RedraftScreen } from './redraft-screen.tsx'
import type { Draft } from './wire.ts'

const sections = ['proposals', 'drafts', 'city'] as const

/** Where officers act for their city among the cities: proposals, drafts that wait for a second officer, the city itself. */
export function FederationScreen({ parts }: { parts: readonly string[] }) {
  const { t } = useTranslation()
  const drafts = useRequest('governance-drafts', async (signal) => listOf<Draft>(await deskApi.get('/v1/governance/drafts', { signal }), 'drafts'), { everyMs: 4000 })
  const [first = 'proposals', second, third] = parts
  const section = first === 'new' ? 'proposals' : first
  const waiting = drafts.data?.filter((draft) => draft.may_approve).length ?? 0

  const screen = () => {
    if (first === 'drafts') return second === undefined ? <DraftsScreen drafts={drafts} /> : <DraftScreen key={second} draftId={second} onChanged={drafts.reload} />
    if (first === 'city') return <CityScreen drafts={drafts} />
    if (first === 'new') {
      if (!isDecisionType(second)) return <KindsScreen />
      return third === undefined ? <NewScreen key={second} type={second} onDrafted={drafts.reload} /> : <RedraftScreen key={third} type={second} draftId={third} onDrafted={drafts.reload} />
    }
    return second === undefined ? <ProposalsScreen /> : <ProposalScreen key={second} proposalId={second} drafts={drafts} />
  }
  return (
    <>
      <nav className="governance-sections" aria-label={t('governance.sections')}>
        <ul>
          {sections.map((name) => (
            <li key={name}>
              <a href={`#/federation/${name}`} aria-current={section === name ? 'page' : undefined}>
                {t(`governance.section.${name}`)}
                {name === 'drafts' && waiting > 0 && (
                  <span className="governance-count"><span aria-hidden="true">{waiting}</span><span className="visually-hidden"> {t('governance.waiting_for_you', { count: waiting })}</span></span>
                )}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {screen()}
    </>
  )
}
