import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'
import { useNotify } from './notices.tsx'
import { createQrPath } from './qr-path.ts'

/**
 * A QR code with a label that says what it is for. Who cannot scan it copies the link or, on the same device, opens it.
 */
export function QrCode(
  { value, label, link, linkLabel }: { value: string; label: string; link?: string | undefined; linkLabel?: string | undefined },
) {
  const { t } = useTranslation()
  const notify = useNotify()
  const code = useMemo(() => createQrPath(value), [value])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link ?? value)
      notify(t('qr.copied'), 'good')
    } catch {
      notify(t('qr.not_copied'), 'bad')
    }
  }
  return (
    <figure className="qr">
      <svg className="qr-code" role="img" aria-label={label} viewBox={`0 0 ${code.size} ${code.size}`} shapeRendering="crispEdges">
        <rect width={code.size} height={code.size} fill="#fff" />
        <path d={code.path} fill="#000" />
      </svg>
      <figcaption>{label}</figcaption>
      <div className="actions">
        <Button kind="quiet" onPress={() => void copy()}>{t('qr.copy_link')}</Button>
        {link !== undefined && <a className="button button-quiet" href={link}>{linkLabel ?? t('qr.open_here')}</a>}
      </div>
      <details className="qr-link">
        <summary>{t('qr.show_link')}</summary>
        <code data-testid="qr-link">{link ?? value}</code>
      </details>
    </figure>
  )
}
