import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DeskShell } from '../ui/desk/desk-shell.tsx'
import { useRoute } from '../ui/use-route.ts'
import { HistoryScreen } from './history-screen.tsx'
import { OrderScreen } from './order-screen.tsx'
import { SettleScreen } from './settle-screen.tsx'
import { TillScreen } from './till-screen.tsx'
import type { CreatedOrder } from './wire.ts'

/** An order the till has on its screen, with what was asked. */
export interface OpenOrder {
  readonly created: CreatedOrder
  readonly points: number
  readonly programId: string
}

/** The merchant's till: take points, look back at the day, have the points settled. */
export function App() {
  const { t } = useTranslation()
  const { parts } = useRoute()
  const [order, setOrder] = useState<OpenOrder>()
  const [programId, setProgramId] = useState('')
  const [first = 'till'] = parts
  const tabs = ['till', 'history', 'settle'] as const
  return (
    <DeskShell
      app="merchant" roles={['merchant']} title={t('app.title')} purpose={t('app.purpose')}
      screen={first === 'till' && order !== undefined ? `till/${order.created.order_id}` : first}
      width={first === 'till' ? 'narrow' : 'wide'}
      navigation={tabs.map((name) => ({ href: name === 'till' ? '#/' : `#/${name}`, label: t(`nav.${name}`), isCurrent: first === name }))}
    >
      {first === 'history' && <HistoryScreen />}
      {first === 'settle' && <SettleScreen />}
      {first === 'till' && (order === undefined
        ? <TillScreen programId={programId} onProgram={setProgramId} onOrder={setOrder} />
        : <OrderScreen key={order.created.order_id} order={order} onOrder={setOrder} onDone={() => setOrder(undefined)} />)}
    </DeskShell>
  )
}
