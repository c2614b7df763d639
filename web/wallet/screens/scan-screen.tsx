import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { QrScanner } from '../../ui/qr-scanner.tsx'
import { goTo } from '../../ui/use-route.ts'
import { parseWalletLink } from '../links.ts'

/** One place for every code: a card that is offered, somebody who asks, a merchant who is to be paid. */
export function ScanScreen() {
  const { t } = useTranslation()
  const [isUnknown, setUnknown] = useState(false)
  const read = (text: string) => {
    const link = parseWalletLink(text)
    setUnknown(link === undefined)
    if (link !== undefined) goTo(`#${link.kind}=${encodeURIComponent(link.value)}`, { replace: true })
  }
  return (
    <>
      <h1>{t('scan_screen.title')}</h1>
      <p className="soft">{t('scan_screen.text')}</p>
      {isUnknown && <p className="note note-bad" role="alert">{t('scan_screen.unknown')}</p>}
      <QrScanner onRead={read} />
    </>
  )
}
