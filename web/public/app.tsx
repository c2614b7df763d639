import { useTranslation } from 'react-i18next'
import { AppShell } from '../ui/app-shell.tsx'
import { formatNumber } from '../ui/format.ts'
import { ErrorState, Loading } from '../ui/states.tsx'
import { useCity } from '../ui/use-city.ts'
import { useRequest } from '../ui/use-request.ts'
import { api } from '../ui/api-client.ts'
import { AgreementMatrix } from './agreement-matrix.tsx'
import { CitySection } from './city-section.tsx'
import { IssuerSection } from './issuer-section.tsx'
import { ProgramSection } from './program-section.tsx'
import { StatusSection } from './status-section.tsx'
import { blockNumberOf } from './trust-view.ts'
import type { Trust } from './wire.ts'
import '../ui/desk/desk.css'

const contents = ['cities', 'agreements', 'issuers', 'programs', 'status'] as const

/** What everybody may see: all of it read from the chain by this city's own node, none of it about a person. */
export function App() {
  const { t, i18n } = useTranslation()
  const city = useCity()
  const { data: trust, error, reload } = useRequest('trust', (signal) => api.get<Trust>('/v1/trust', { signal }), { everyMs: 10_000 })
  const block = trust === undefined ? undefined : blockNumberOf(trust)
  return (
    <AppShell title={t('app.title')} cityName={city.data?.name} width="wide">
      <h1>{t('app.heading')}</h1>
      <p className="lead">{t('app.lead')}</p>
      {trust === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {trust !== undefined && (
        <>
          <div className="panel public-head">
            {block !== undefined && (
              <p><span className="soft">{t('head.block')}</span> <strong className="number" data-testid="block">{formatNumber(block, i18n.language)}</strong></p>
            )}
            <p className="soft">{error === undefined ? t('head.fresh') : t('desk.refresh_failed')}</p>
            <p className="visually-hidden" role="status">{error === undefined ? '' : t('desk.refresh_failed')}</p>
          </div>
          <nav aria-label={t('head.contents')}>
            <ul className="public-contents">
              {contents.map((name) => (
                <li key={name}>
                  <button
                    type="button" className="button button-quiet"
                    onClick={() => document.getElementById(name)?.focus()}
                  >
                    {t(`${name}.title`)}
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <CitySection trust={trust} />
          <AgreementMatrix trust={trust} />
          <IssuerSection trust={trust} />
          <ProgramSection trust={trust} />
          <StatusSection trust={trust} />
        </>
      )}
    </AppShell>
  )
}
