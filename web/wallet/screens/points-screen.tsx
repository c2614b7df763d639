import { useTranslation } from 'react-i18next'
import { ButtonLink } from '../../ui/button.tsx'
import { formatMoment, formatNumber } from '../../ui/format.ts'
import { EmptyState, Loading } from '../../ui/states.tsx'
import { useRequest } from '../../ui/use-request.ts'
import type { Balance } from '../points/city-points.ts'
import { readTotals } from '../points/purse.ts'
import type { PurseTotal } from '../points/purse.ts'
import type { Vault } from '../vault/vault.ts'
import { useStored, useWallet } from '../wallet-context.tsx'
import { WalletErrorNote } from './wallet-error.tsx'

const readPurse = async (vault: Vault) => ({
  cards: await vault.list('card'),
  totals: await readTotals(vault),
  payments: await vault.list('payment'),
  programs: await vault.list('program'),
})

/** Points: what the city owes the holder, and what is in the wallet as notes. */
export function PointsScreen() {
  const { t } = useTranslation()
  const { city } = useWallet()
  const purse = useStored(readPurse)
  const issuers = purse === undefined ? undefined : [...new Set(purse.cards.map(({ issuer }) => issuer))]
  const account = useRequest(issuers === undefined || issuers.length === 0 ? undefined : issuers.join(' '), async () => {
    const balances = await Promise.all((issuers ?? []).map((issuer) => city.balance(issuer)))
    return mergeBalances(balances)
  }, { everyMs: 15_000 })

  if (purse === undefined) return <Loading />
  const isEmpty = purse.cards.length === 0 && purse.totals.every(({ held }) => held === 0)
  if (isEmpty) {
    return (
      <EmptyState isScreen title={t('points.empty_title')} action={<ButtonLink kind="primary" href="#/scan">{t('card_screen.receive')}</ButtonLink>}>
        {t('points.empty_text')}
      </EmptyState>
    )
  }
  const rows = listPrograms(account.data, purse.totals)
  return (
    <>
      <h1>{t('points.title')}</h1>
      <WalletErrorNote error={account.error} />
      {account.data === undefined && account.error === undefined && <Loading>{t('points.asking')}</Loading>}
      {rows.length === 0 && account.data !== undefined && <p className="soft">{t('points.none')}</p>}
      {rows.map((row) => <ProgramPanel key={row.program} {...row} />)}
      {purse.payments.map(({ id, order, state }) => (
        <p key={id} className="note note-wait">
          {t(state === 'sending' ? 'points.payment_sending' : 'points.payment_waiting', { who: order.merchantName, count: order.points })}{' '}
          <a href={`#pay=${encodeURIComponent(order.orderUrl)}`}>{t('points.payment_look')}</a>
        </p>
      ))}
      <ButtonLink kind="primary" isWide href="#/scan">{t('points.pay')}</ButtonLink>
      <p className="soft">{t('points.privacy')}</p>
      {account.data !== undefined && account.data.history.length > 0 && <Movements balance={account.data} />}
    </>
  )
}

interface ProgramRow {
  readonly program: string
  readonly name: string
  readonly atCity: number | undefined
  readonly purse: PurseTotal | undefined
}

function ProgramPanel({ program, name, atCity, purse }: ProgramRow) {
  const { t, i18n } = useTranslation()
  return (
    <section className="panel">
      <h2>{name}</h2>
      <div className="wallet-balance">
        <div>
          <span className="soft">{t('points.in_wallet')}</span>
          <span className="big-number" data-testid="points-in-wallet">{formatNumber(purse?.held ?? 0, i18n.language)}</span>
        </div>
        <div>
          <span className="soft">{t('points.at_city')}</span>
          <span className="big-number" data-testid="points-at-city">{atCity === undefined ? '–' : formatNumber(atCity, i18n.language)}</span>
        </div>
      </div>
      {(purse?.requested ?? 0) > 0 && <p className="note note-wait">{t('points.requested', { count: purse?.requested })}</p>}
      {(purse?.paying ?? 0) > 0 && <p className="soft">{t('points.paying', { count: purse?.paying })}</p>}
      {(atCity ?? 0) > 0 && <ButtonLink isWide href={`#/withdraw/${program}`}>{t('points.withdraw')}</ButtonLink>}
    </section>
  )
}

function Movements({ balance: { history, programs } }: { balance: Balance }) {
  const { t, i18n } = useTranslation()
  return (
    <section className="stack">
      <h2>{t('points.movements')}</h2>
      <ul className="things">
        {history.slice(0, 20).map(({ at, program_id: program, points, kind, reason }, i) => (
          <li key={i} className="row-spread">
            <span>
              {reason === undefined || kind === 'withdrawal' ? t(`points.kind_${kind === 'withdrawal' ? 'withdrawal' : 'award'}`) : reason}<br />
              <small className="soft">{formatMoment(typeof at === 'number' ? at * 1000 : at, i18n.language)} · {programs.find(({ program_id: id }) => id === program)?.name}</small>
            </span>
            <strong className="number">{kind === 'withdrawal' ? '−' : '+'}{formatNumber(Math.abs(points), i18n.language)}</strong>
          </li>
        ))}
      </ul>
    </section>
  )
}

function mergeBalances(balances: readonly Balance[]): Balance {
  return { programs: balances.flatMap(({ programs }) => programs), history: balances.flatMap(({ history }) => history) }
}

function listPrograms(balance: Balance | undefined, totals: readonly PurseTotal[]): ProgramRow[] {
  const rows = (balance?.programs ?? []).map(({ program_id: program, name, balance: atCity }): ProgramRow =>
    ({ program, name, atCity, purse: totals.find((total) => total.program === program) }))
  const others = totals.filter((total) => total.held + total.requested + total.paying > 0 && !rows.some(({ program }) => program === total.program))
  return [...rows, ...others.map((purse): ProgramRow => ({ program: purse.program, name: purse.name, atCity: undefined, purse }))]
}
