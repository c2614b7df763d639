import { useTranslation } from 'react-i18next'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { useNow } from '../ui/desk/use-now.ts'
import { formatNumber } from '../ui/format.ts'
import { Select } from '../ui/select.tsx'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import { AmountKeypad } from './amount-keypad.tsx'
import type { OpenOrder } from './app.tsx'
import { takingsOfToday } from './orders.ts'
import { createOrder, fetchOrders, fetchPrograms } from './till-data.ts'

interface TillScreenProps {
  readonly programId: string
  onProgram(programId: string): void
  onOrder(order: OpenOrder): void
}

/** An amount, and a code to pay it with. */
export function TillScreen({ programId, onProgram, onOrder }: TillScreenProps) {
  const { t, i18n } = useTranslation()
  const now = useNow(false)
  const programs = useRequest('programs', fetchPrograms)
  const orders = useRequest('orders', fetchOrders)
  const [points, setPoints] = useState(0)
  const chosen = programs.data?.find((program) => program.program_id === programId) ?? programs.data?.[0]
  const charge = useAction(async () => {
    if (chosen !== undefined) onOrder(await createOrder(chosen.program_id, points))
  })
  const today = takingsOfToday(orders.data ?? [], now)

  if (programs.data === undefined) {
    return (
      <>
        <h1>{t('till.title')}</h1>
        {programs.error === undefined ? <Loading /> : <ErrorState error={programs.error} onRetry={programs.reload} />}
      </>
    )
  }
  if (chosen === undefined) {
    return (
      <>
        <h1>{t('till.title')}</h1>
        <EmptyState title={t('till.no_program')} action={<Button onPress={programs.reload}>{t('action.try_again')}</Button>}>
          <p>{t('till.no_program_text')}</p>
        </EmptyState>
      </>
    )
  }
  return (
    <>
      <div className="row-spread">
        <h1>{t('till.title')}</h1>
        {orders.data !== undefined && (
          <p className="soft">{t('till.today', { count: today.payments, points: formatNumber(today.points, i18n.language) })}</p>
        )}
      </div>
      <form
        className="stack" aria-label={t('till.title')}
        onSubmit={(event) => {
          event.preventDefault()
          if (points > 0) void charge.run()
        }}
      >
        {programs.data.length > 1 && (
          <Select
            label={t('till.program')} value={chosen.program_id} onChange={onProgram}
            options={programs.data.map((program) => ({ value: program.program_id, label: program.name }))}
          />
        )}
        <AmountKeypad points={points} onPoints={setPoints} programName={chosen.name} />
        <ProblemNote error={charge.error} />
        <Button type="submit" kind="primary" isWide isBusy={charge.isRunning} isDisabled={points === 0}>
          {points === 0 ? t('till.charge_nothing') : t('till.charge', { count: points, points: formatNumber(points, i18n.language) })}
        </Button>
      </form>
    </>
  )
}
