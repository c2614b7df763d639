import { useTranslation } from 'react-i18next'
import { api } from '../../ui/api-client.ts'
import { listOf } from '../../ui/desk/list-of.ts'
import { formatMoment } from '../../ui/desk/times.ts'
import { useRequest } from '../../ui/use-request.ts'
import type { Pause } from './wire.ts'

/** Pauses that run now: what they stop, or that they stop nothing. Nothing while there is none. */
export function PausesNote() {
  const { t, i18n } = useTranslation()
  const { data = [] } = useRequest('pauses', async (signal) => listOf<Pause>(await api.get('/v1/federation/pauses', { signal }), 'pauses'), { everyMs: 10_000 })
  const running = data.filter((pause) => pause.running)
  return running.map(({ address, contract, incident, until, effective }) => (
    <p key={`${address} ${incident}`} className={effective ? 'note note-wait' : 'note'}>
      {t(effective ? 'governance.pause.runs' : 'governance.pause.without_effect', { contract: contract ?? address, until: formatMoment(until, i18n.language) })}
    </p>
  ))
}
