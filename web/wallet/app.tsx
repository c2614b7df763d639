import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { AppShell } from '../ui/app-shell.tsx'
import { ErrorState } from '../ui/states.tsx'
import { useNotify } from '../ui/notices.tsx'
import { useCity } from '../ui/use-city.ts'
import { goTo, useRoute } from '../ui/use-route.ts'
import { CardIcon, MoreIcon, PointsIcon, ScanIcon } from './icons.tsx'
import { parseFragment } from './links.ts'
import { resumeAll } from './resume.ts'
import { BackupScreen } from './screens/backup-screen.tsx'
import { CardScreen } from './screens/card-screen.tsx'
import { HistoryScreen } from './screens/history-screen.tsx'
import { MoreScreen } from './screens/more-screen.tsx'
import { PayScreen } from './screens/pay-screen.tsx'
import { PointsScreen } from './screens/points-screen.tsx'
import { PresentScreen } from './screens/present-screen.tsx'
import { ReceiveScreen } from './screens/receive-screen.tsx'
import { RestoreScreen } from './screens/restore-screen.tsx'
import { ScanScreen } from './screens/scan-screen.tsx'
import { WithdrawScreen } from './screens/withdraw-screen.tsx'
import { useWallet } from './wallet-context.tsx'

/** The wallet: chooses the screen from the fragment and takes up what was interrupted. */
export function App() {
  const { t } = useTranslation()
  const { parts, link } = useRoute()
  const city = useCity()
  useResume()
  const screen = link?.name ?? parts[0] ?? ''
  const navigation = [
    { href: '#/', label: t('wallet.card'), isCurrent: ['', 'offer'].includes(screen), icon: <CardIcon /> },
    { href: '#/scan', label: t('wallet.scan'), isCurrent: ['scan', 'request', 'pay'].includes(screen), icon: <ScanIcon /> },
    { href: '#/points', label: t('wallet.points'), isCurrent: ['points', 'withdraw'].includes(screen), icon: <PointsIcon /> },
    { href: '#/more', label: t('wallet.more'), isCurrent: ['more', 'history', 'backup', 'restore'].includes(screen), icon: <MoreIcon /> },
  ]
  return (
    <AppShell title={t('wallet.title')} cityName={city.data?.name} navigation={navigation} screen={screen}>
      {link === undefined ? <Screen name={screen} argument={parts[1]} /> : <LinkScreen name={link.name} value={link.value} />}
    </AppShell>
  )
}

function Screen({ name, argument }: { name: string; argument: string | undefined }) {
  switch (name) {
    case 'scan': return <ScanScreen />
    case 'points': return <PointsScreen />
    case 'withdraw': return <WithdrawScreen program={argument ?? ''} />
    case 'more': return <MoreScreen />
    case 'history': return <HistoryScreen />
    case 'backup': return <BackupScreen />
    case 'restore': return <RestoreScreen />
    default: return <CardScreen />
  }
}

function LinkScreen({ name, value }: { name: string; value: string }) {
  const { t } = useTranslation()
  const link = parseFragment(`#${name}=${encodeURIComponent(value)}`)
  switch (link?.kind) {
    case 'offer': return <ReceiveScreen key={value} link={link.value} />
    case 'request': return <PresentScreen key={value} link={link.value} />
    case 'pay': return <PayScreen key={value} orderUrl={link.value} />
    default: return (
      <ErrorState
        isScreen error={undefined} title={t('trouble.link_unreadable.title')} advice={t('trouble.link_unreadable.advice')}
        onRetry={() => goTo('scan')} retryLabel={t('pay.scan_again')}
      />
    )
  }
}

function useResume(): void {
  const tools = useWallet()
  const notify = useNotify()
  const { t } = useTranslation()
  useEffect(() => {
    const resume = () => void resumeAll(tools).then((cards) => {
      for (const card of cards) notify(t('receive.arrived', { city: card.issuerName }), 'good')
    })
    const resumeWhenSeen = () => {
      if (document.visibilityState === 'visible') resume()
    }
    resume()
    window.addEventListener('online', resume)
    document.addEventListener('visibilitychange', resumeWhenSeen)
    return () => {
      window.removeEventListener('online', resume)
      document.removeEventListener('visibilitychange', resumeWhenSeen)
    }
  // eslint-disable-next-line react-hooks/exhaustive-deps -- at the start, when the network comes back, when it is looked at again
  }, [tools])
}
