import { startApp } from '../ui/start-app.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/text-field.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { QrScanner } from '../ui/qr-scanner.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { ErrorState, Loading, EmptyState } from '../ui/states.tsx'
import { CityCard } from '../ui/city-card.tsx'
import { Decision } from '../ui/decision.tsx'
import { AppShell } from '../ui/app-shell.tsx'
import { useCity } from '../ui/use-city.ts'
import { useState } from 'react'

function Demo() {
  const city = useCity()
  const [v, setV] = useState('')
  const [c, setC] = useState(false)
  const [o, setO] = useState(false)
  return (
    <AppShell title="Wallet" cityName={city.data?.name ?? 'Porto'} navigation={[{ href: '#/', label: 'Card', isCurrent: true }, { href: '#/p', label: 'Points', isCurrent: false }]}>
      <h1>Hello</h1>
      <CityCard givenName="Maria João" familyName="Figueiredo Albuquerque" cityName="Porto" cardNumber="123456789012" expiryDate="2031-01-01" />
      <Button kind="primary" isWide onPress={() => setO(true)}>Show card</Button>
      <Button isBusy>Other</Button>
      <Button kind="quiet">Quiet</Button>
      <Button kind="danger">Danger</Button>
      <TextField label="Name" hint="As on your papers" value={v} onChange={setV} error={v === 'x' ? 'no x' : undefined} />
      <Checkbox isSelected={c} onChange={setC}>Papers inspected</Checkbox>
      <Decision kind="yes" word="Accepted">Card of Porto</Decision>
      <Decision kind="no" word="Not accepted">Card of Porto</Decision>
      <Decision kind="wait" word="Not decided">Card of Porto</Decision>
      <QrScanner onRead={(t) => setV(t)} />
      <QrCode value="openid-credential-offer://?credential_offer_uri=http%3A%2F%2Flocalhost%3A4800%2Foid4vci%2Foffers%2Fabc" label="Scan" link="http://localhost/#a" />
      <DataTable caption="Table" exportName="x" rows={[{ a: 'Cafe Central', b: 3 }]} rowKey={(r) => r.a} columns={[{ key: 'a', title: 'Merchant', cell: (r) => r.a, text: (r) => r.a }, { key: 'b', title: 'Points', cell: (r) => r.b, isNumber: true }]} />
      <Loading /><ErrorState error={new Error('x')} onRetry={() => {}} /><EmptyState title="No card yet">Ask your city.</EmptyState>
      <ConfirmDialog title="Sure?" isOpen={o} onClose={() => setO(false)} onConfirm={() => setO(false)} confirmLabel="Yes" cancelLabel="No"><p>Really</p></ConfirmDialog>
    </AppShell>
  )
}
void startApp(<Demo />, async () => ({ default: {} }))
